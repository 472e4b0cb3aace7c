"""Generation: free text."""

import re
from collections.abc import Callable, Sequence
from functools import partial, reduce
from operator import add
from random import Random
from typing import Any

from ecom.forms.base import Form, Metric, Score
from ecom.forms.cues import cue
from ecom.forms.question import DO, Question
from ecom.forms.reading import MAX_RESPONSE_CHARS, after_opening, spoken
from ecom.forms.scores import bleu, rouge_l
from ecom.forms.teacher import Laid, Teacher

_WRAPPED = re.compile(r"^(['\"“‘])([^'\"“”‘’]*)(['\"”’])$", re.DOTALL)

_PROSE = cue(  # the model's own words
    {
        "summarise summarize explain describe translate paraphrase convert rewrite rephrase"
        " reply": (
            rf"{DO}(?:summari[sz]e|explain|describe|translate|paraphrase|convert|re(?:write"
            rf"|phrase)"
            r"|reply to)\b"
        ),
        "up": rf"{DO}(?:make|come) up\b",
        "customer user": rf"{DO}answer the (?:customer|user)\b",
        "give": rf"{DO}give \w+ \w+ an?\b",
        "write generate compose devise create develop craft provide produce": (
            rf"{DO}(?:write|generate|compose|devise|create|develop|craft|provide|produce)"
            r" (?!(?:down|out|only|your|the|them|all|just)"
            r" |(?:an? |one )?(?:rank|order|permut|list|comma|sort|num))"
        ),
        "sentence paragraph summary": (
            r"\b(?:an?|one) (?:short |brief )?(?:sentence|paragraph|summary)\b"
        ),
        "phrase phrases": r"\bin (?:an?|one) \w+ phrase",
        "words free natural": r"\b(?:in (?:\w+ ){0,2}words|free text|natural language)\b",
        "beschreibe beschreib beschreiben erkläre erklär erklären übersetze übersetz übersetzen"
        " fasse fassen": rf"{DO}(?:beschreib|erklär|übersetz|fasse)",
        "escriba escribe traduce traduzca traducir traduci traduciendo traduction explica "
        "explicar"
        " explique expliquer expliquez": rf"{DO}(?:escrib[ae] una?|traduc|explica|expliqu)",
        "résume résumez résumer décris décrire décrivez rédige rédiger rédigez traduis traduire"
        " traduisez": rf"{DO}(?:résume|décri|rédige|tradui)",
        "scrivi scriva descrivi descrivere riassumi riassumere spiega spiegare": (
            rf"{DO}(?:scrivi una?|descrivi|riassum|spiega)"
        ),
    },
    script="翻译|翻訳|总结|要約|描述|説明|写一|起一?个",
)
_REASONING = "let's think step by step"


def official(text: str) -> str:
    """Return the first 5,000 characters, stripped."""
    return text[:MAX_RESPONSE_CHARS].strip()


def lenient(text: str) -> str:
    """Return the text without thinking, an opening "Answer:", and quotes around the whole.

    >>> lenient("<think>hm</think>Output: 'a red lamp'")
    'a red lamp'
    """
    answer = after_opening(spoken(text))
    wrapped = _WRAPPED.match(answer)
    return wrapped[2].strip() if wrapped else answer


def emit(answer: Any) -> str:
    """Return the text, or the first of several references."""
    return str(answer[0] if isinstance(answer, list) else answer).strip()


def is_gold(value: Any) -> bool:
    """A string, or a list of reference strings."""
    return isinstance(value, str) or (
        isinstance(value, list) and bool(value) and all(isinstance(v, str) for v in value)
    )


def references(gold: str | list[str]) -> list[str]:
    """Return the reference texts of a gold as a list."""
    return [gold] if isinstance(gold, str) else gold


def guess(prompt: str, gold: Any, answers: Sequence[str], rng: Random) -> str:
    """Return the right answer of a random other row of the task; "" where there is none."""
    others = list(answers)
    others.remove(emit(gold))
    return rng.choice(others) if others else ""


def _mean(score: Callable[[str, str], float]) -> Score:
    """Return the mean score over the references."""

    def of_all(answer: str, gold: str | list[str]) -> tuple[float, float]:
        found = [score(answer, text) for text in references(gold)]
        return reduce(add, found) / len(found), 1

    return of_all


def _reasons(question: Question) -> bool:
    return _REASONING in question.asked


def _asks_for_prose(question: Question) -> bool:
    return bool(_PROSE.search(question.asked, question.words)) and not question.wants_numbers


FORM = Form(
    name="generation",
    paradigm="GEN",
    max_tokens=96,
    open_ended=True,
    metrics={
        "rougel": Metric(_mean(rouge_l), "ROUGE-L F of `rouge_score` with the Porter stemmer."),
        "bleu": Metric(
            _mean(bleu),
            "BLEU of the answer's first line by sacrebleu, in lower case, divided by 100. An "
            "answer of fewer than four tokens scores 0.",
        ),
        "jp-bleu": Metric(
            _mean(partial(bleu, tokenizer="ja-mecab")),
            "BLEU of Japanese texts, cut into words by MeCab.",
        ),
        "sent-transformer": Metric(
            None, "Cosine, 0 or more, of the embeddings by all-MiniLM-L6-v2 (`ecom[embeddings]`)."
        ),
        "multilingual-sent-transformer": Metric(
            None, "The same by paraphrase-multilingual-MiniLM-L12-v2."
        ),
    },
    official=official,
    lenient=lenient,
    emit=emit,
    nothing="",
    is_gold=is_gold,
    gold_rule="a string or a list of strings",
    own_tidy=lambda output: output if official(output) else None,
    cues={10: _reasons, 30: _asks_for_prose},
    guess=guess,
    teacher=Teacher(lambda row, rng: Laid(row.answer), unanswerable=True),
)
