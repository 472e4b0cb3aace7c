"""Chat files: Alpaca, ShareGPT and messages.

    Alpaca      {"instruction": …, "input": …, "output": …, "system"?: …}
    ShareGPT    {"conversations": [{"from": "human", "value": …}, {"from": "gpt", "value": …}]}
    messages    {"messages": [{"role": "user", "content": …}, {"role": "assistant", "content": …}]}

A row becomes one Example, of its last answer; what follows that is dropped.

                  Alpaca          a talk of two turns     a longer talk
    description   system          the system message      the system message
    prompt        instruction     the question            TALK_PROMPT
    input         input                                   all before the last answer
    output        output          the answer              the last answer

The form is the one that the words ask for, if the answer is written in it; else it is free text.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecom.corpus.config import Source
from ecom.corpus.sources import Item, Row, name_of, need, stem
from ecom.forms import FORMS, infer_form
from ecom.rows import Example, FormName, Paradigm
from ecom.shopbench import Rejected

TALK_PROMPT = "Give the assistant's next answer in this conversation."
MAX_ASKED_CHARS = 20_000  # what is longer is not looked at for the form it asks for
_ROLES = {
    "system": "system",
    "user": "user", "human": "user", "prompter": "user",
    "assistant": "assistant", "gpt": "assistant", "bot": "assistant", "model": "assistant",
}  # fmt: skip
_SPEAKERS = {"user": "User", "assistant": "Assistant"}
_PARADIGMS: dict[FormName, Paradigm] = {
    "multiple-choice": "CLS",
    "retrieval": "EXT",
    "ranking": "OTHER",
    "named_entity_recognition": "OTHER",
    "generation": "GEN",
}
Asked = tuple[str, str, str, str]  # (description, prompt, input, output)


class _FaultError(Exception):
    """A row that is no talk; its text is the reason."""


def read(rows: Iterable[Row], source: Source, file: str) -> Iterator[Item]:
    """Yield every row as an Example or Rejected. Raises DataError where the file is of no shape."""
    name, task = name_of(source, file), stem(file)
    shapes = (("messages",), ("conversations",), ("instruction", "output"))
    for line, row in need(rows, file, *shapes):
        if isinstance(row, Rejected):
            yield row
            continue
        try:
            description, prompt, given, output = _asked(row)
        except _FaultError as fault:
            yield Rejected(line, str(fault), str(row)[:200])
            continue
        form = _form(f"{prompt}\n{given}".rstrip(), output)
        yield Example(
            source=name,
            task=task,
            form=form,
            paradigm=_PARADIGMS[form],
            skill=None,
            lang=source.lang or "",
            description=description,
            prompt=prompt,
            input=given,
            output=output,
        )


def _form(asked: str, output: str) -> FormName:
    """Return the form that is asked for, if the official parser reads the output as it stands."""
    if len(asked) > MAX_ASKED_CHARS:
        return "generation"
    form = FORMS[infer_form(asked)]
    answer = form.official(output)
    if form.name == "ranking":
        sound = len(answer) > 1 and sorted(answer) == list(range(1, len(answer) + 1))
    else:
        sound = form.is_gold(answer)
    return form.name if sound and form.emit(answer) == output else "generation"


def _asked(row: Mapping[str, Any]) -> Asked:
    if isinstance(turns := row.get("messages") or row.get("conversations"), list):
        return _of_talk([_turn(turn) for turn in turns])
    if "instruction" not in row or "output" not in row:
        raise _FaultError("neither messages nor conversations, nor instruction and output")
    texts = [row.get(name) or "" for name in ("system", "instruction", "input", "output")]
    if not all(isinstance(text, str) for text in texts):
        raise _FaultError("instruction, input or output is not a text")
    system, instruction, given, output = (text.strip() for text in texts)
    if not (instruction or given) or not output:
        raise _FaultError(f"{'output' if instruction or given else 'instruction'} is empty")
    return (system, instruction, given, output) if instruction else (system, given, "", output)


def _of_talk(turns: list[tuple[str, str]]) -> Asked:
    system = "\n".join(text for role, text in turns if role == "system")
    talk = [(role, text) for role, text in turns if role != "system"]
    while talk and talk[-1][0] != "assistant":
        talk.pop()
    if len(talk) < 2 or talk[-2][0] != "user":
        raise _FaultError("no answer of the assistant to a user's question")
    if not talk[-2][1] or not talk[-1][1]:
        raise _FaultError("the last question or answer is empty")
    if len(talk) == 2:
        return system, talk[0][1], "", talk[1][1]
    said = "\n".join(f"{_SPEAKERS[role]}: {text}" for role, text in talk[:-1])
    return system, TALK_PROMPT, said, talk[-1][1]


def _turn(turn: Any) -> tuple[str, str]:
    if not isinstance(turn, dict):
        raise _FaultError("a turn is not an object")
    role = turn.get("role", turn.get("from"))
    text = turn.get("content", turn.get("value"))
    if not isinstance(role, str) or role not in _ROLES:
        raise _FaultError(f"a turn's role is {role!r:.30}, not one of {', '.join(_ROLES)}")
    if not isinstance(text, str):
        raise _FaultError(f"a turn's text is a {type(text).__name__}")
    return _ROLES[role], text.strip()
