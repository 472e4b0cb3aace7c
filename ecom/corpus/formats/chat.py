"""Chat files: Alpaca, ShareGPT and messages.

    Alpaca      {"instruction": …, "input": …, "output": …, "history"?: [[question, answer], …]}
    ShareGPT    {"conversations": [{"from": "human", "value": …}, {"from": "gpt", "value": …}]}
    messages    {"messages": [{"role": "user", "content": …}, {"role": "assistant", "content": …}]}

Any of them may also have `system` (or `system_prompt`, `system_message`, `meta_instruction`), and
Alpaca's `context`. A row becomes one Example with its last answer; turns after that are dropped. A
row with tools, pictures or documents is rejected, because its answer depends on them.

                  Alpaca          a talk of two turns     a longer talk
    description   system          the system message      the system message
    prompt        instruction     the question            a fixed sentence
    input         context, input                          all before the last answer
    output        output          the answer              the last answer

The form is the one that the words ask for, if the answer has that form; else it is free text. An
answer in texts must be made of those that the prompt offers.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecom.corpus.formats.base import Format, Item, Row
from ecom.corpus.formats.cells import CellError
from ecom.corpus.formats.tables import each, need
from ecom.corpus.source import RawSource, name_of, stem
from ecom.forms import FORMS, Form, FormName, Offer, infer
from ecom.rows import Example

TALK_PROMPT = "Give the assistant's next answer in this conversation."
MAX_ASKED_CHARS = 20_000  # the form of longer prompts is not inferred
_ROLES = {
    "system": "system",
    "user": "user",
    "human": "user",
    "prompter": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
}
# Keys of a row or a turn without which an answer cannot be understood.
_BEYOND_TEXT = (
    "tools",
    "tool_calls",
    "functions",
    "function_call",
    "image",
    "images",
    "audio",
    "audios",
    "video",
    "videos",
)
# What the template of the model that answered may have shown it, in a way of its own.
_BESIDE_TALK = ("documents", "knowledge", "reference", "references")
_SYSTEM = ("system", "system_prompt", "system_message", "meta_instruction")
_NOTHING: tuple[Any, ...] = (None, "", "[]", "{}", [], {}, False)
_SPEAKERS = {"user": "User", "assistant": "Assistant"}
Asked = tuple[str, str, str, str]  # (description, prompt, input, output)


def read(rows: Iterable[Row], source: RawSource, file: str) -> Iterator[Item]:
    """Yield every row as an Example or Rejected. Raises DataError where no shape fits the file."""
    name, task = name_of(source, file), stem(file)
    shapes = (("messages",), ("conversations",), ("instruction", "output"))

    def example(_: int, row: Mapping[str, Any]) -> Example:
        description, prompt, given, output = _asked(row)
        form = _form(f"{prompt}\n{given}".rstrip(), output)
        return Example(
            source=name,
            task=task,
            form=form,
            paradigm=FORMS[form].paradigm,
            skill=None,
            lang=source.lang or "",
            description=description,
            prompt=prompt,
            input=given,
            output=output,
        )

    yield from each(need(rows, file, *shapes), example)


def _form(asked: str, output: str) -> FormName:
    """Return the form that is asked for, if the official parser reads the output unchanged."""
    if len(asked) > MAX_ASKED_CHARS:
        return "generation"
    inferred = infer(asked)
    form = FORMS[inferred.form]
    if form.chosen:
        return form.name if _is_offered(form, inferred.offer, output) else "generation"
    answer = form.official(output)
    sound = form.is_gold(form.to_gold(answer)) and form.emit(answer) == output
    return form.name if sound else "generation"


def _is_offered(form: Form, offer: Offer | None, output: str) -> bool:
    """Whether an answer is made of as many of the offered texts as the prompt wants."""
    if not offer:
        return False
    answer = form.read(output, offer.texts)
    return form.is_gold(answer) and not offer.fault(answer)


def _asked(row: Mapping[str, Any]) -> Asked:
    _check_keys(row, "row")
    system = "\n".join(filter(None, (_text(row, name) for name in _SYSTEM)))
    if isinstance(turns := row.get("messages") or row.get("conversations"), list):
        if row.get("history"):
            raise CellError("history stands beside the talk; make it turns of the talk")
        return _of_talk(system, [_turn(turn) for turn in turns])
    if "instruction" not in row or "output" not in row:
        raise CellError("neither messages nor conversations, nor instruction and output")
    instruction, output = _text(row, "instruction"), _text(row, "output")
    given = "\n".join(filter(None, (_text(row, name) for name in ("context", "input"))))
    if not (instruction or given) or not output:
        raise CellError(f"{'output' if instruction or given else 'instruction'} is empty")
    if row.get("history"):
        asked = "\n".join(filter(None, (instruction, given)))
        return _of_talk(system, [*_history(row), ("user", asked), ("assistant", output)])
    return (system, instruction, given, output) if instruction else (system, given, "", output)


def _check_keys(holder: Mapping[str, Any], what: str) -> None:
    if found := [name for name in _BEYOND_TEXT if holder.get(name) not in _NOTHING]:
        raise CellError(f"the {what} has {', '.join(found)}: its answer needs more than text")
    if found := [name for name in _BESIDE_TALK if holder.get(name) not in _NOTHING]:
        raise CellError(
            f"the {what} has {', '.join(found)}: its answer rests on it; write it into the question"
        )


def _text(row: Mapping[str, Any], name: str) -> str:
    found = row.get(name)
    if not isinstance(found, str | None):
        raise CellError(f"{name} is not a text")
    return (found or "").strip()


def _history(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the turns of Alpaca's history. Raises CellError where it is no list of pairs."""
    pairs = row["history"]
    for pair in pairs if isinstance(pairs, list) else [None]:
        if not (isinstance(pair, list) and [*map(type, pair)] == [str, str]):
            raise CellError("history is not a list of [question, answer] pairs")
        yield "user", pair[0].strip()
        yield "assistant", pair[1].strip()


def _of_talk(system: str, turns: list[tuple[str, str]]) -> Asked:
    systems = [system, *(text for role, text in turns if role == "system")]
    system = "\n".join(dict.fromkeys(filter(None, systems)))
    talk = [(role, text) for role, text in turns if role != "system"]
    while talk and talk[-1][0] != "assistant":
        talk.pop()
    if len(talk) < 2 or talk[-2][0] != "user":
        raise CellError("no answer of the assistant to a user's question")
    if not talk[-2][1] or not talk[-1][1]:
        raise CellError("the last question or answer is empty")
    if len(talk) == 2:
        return system, talk[0][1], "", talk[1][1]
    said = "\n".join(f"{_SPEAKERS[role]}: {text}" for role, text in talk[:-1])
    return system, TALK_PROMPT, said, talk[-1][1]


def _turn(turn: Any) -> tuple[str, str]:
    if not isinstance(turn, dict):
        raise CellError("a turn is not an object")
    _check_keys(turn, "talk")
    role = turn.get("role", turn.get("from"))
    text = turn.get("content", turn.get("value"))
    if not isinstance(role, str) or role not in _ROLES:
        raise CellError(f"a turn's role is {role!r:.30}, not one of {', '.join(_ROLES)}")
    if not isinstance(text, str):
        raise CellError(f"a turn's text is a {type(text).__name__}")
    return _ROLES[role], text.strip()


FORMAT = Format(
    name="chat",
    about="Alpaca (instruction, input, output), ShareGPT (conversations) or messages",
    read=read,
    keeps_description=True,
)
