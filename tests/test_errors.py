"""The list of errors is the code's, and a message holds a value and says what to do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ecom import errors

CODE = Path(__file__).parents[1] / "ecom"
RAISED = {"InputError", "RecipeError", "DataError", "StageError"}
REMEDY = re.compile(r";|\b(set|write|give|name|install|lower|delete)\b", re.IGNORECASE)

# What a message that breaks the rule says, and why it may. A value is {}.
WRAPPED = "what it ends with is made elsewhere, with its remedy"
EXCEPTIONS = {
    "{}: {}": WRAPPED,
    "{}: cannot be quantized with group_size={} and served with tensor_parallel={}:\n  {}": WRAPPED,
    "compress.quantizer: {} {}": WRAPPED,
    "corpus.mix.weights: {}": WRAPPED,
    "corpus.quality.model: {} {}": WRAPPED,
    "training{} cannot start:\n  {}": WRAPPED,
    "training failed: {}": WRAPPED,
    "training cannot continue: {}": WRAPPED,
    "the endpoint did not start: {}": WRAPPED,
    "the endpoint did not start: {}{}": WRAPPED,
    "{}{} on {}": WRAPPED,
    "args.recipe is missing; give the path of a recipe": "there is no value",
    "top_logprobs: only with logprobs: true; set that, or leave both out": "the key is the value",
    'n is over 1: model="shop" has one answer; leave n out': "the key is the value",
}


def trees() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted(CODE.rglob("*.py")):
        yield str(file.relative_to(CODE)), ast.parse(file.read_text(encoding="utf-8"))


def classes() -> dict[str, str]:
    """Every exception that ecom defines, by name, and the class that it is one of."""
    found: dict[str, str] = {}
    defined = [
        (node.name, base.id)
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if isinstance(base, ast.Name)
    ]
    while more := {n: b for n, b in defined if n not in found and _is_exception(b, found)}:
        found |= more
    return found


def _is_exception(base: str, found: dict[str, str]) -> bool:
    return base in found or base.endswith(("Error", "Exception"))


def test_the_docstring_names_every_exception_that_is_not_private() -> None:
    assert errors.__doc__
    listed = re.findall(r"^[ │├└─]{4,}([A-Z]\w+) {2,}", errors.__doc__, re.MULTILINE)
    assert sorted(listed) == sorted(name for name in classes() if not name.startswith("_"))


def test_the_docstring_draws_who_inherits_from_whom() -> None:
    parents: list[str] = []
    drawn: dict[str, str] = {}
    assert errors.__doc__
    for line in errors.__doc__.splitlines():
        if match := re.match(r"    ((?:[│├└ ]   |[├└]── )*)([A-Z]\w+) {2,}", line):
            depth = len(match[1]) // 4
            parents = [*parents[:depth], match[2]]
            drawn[match[2]] = parents[-2] if depth else ""
    found = classes()
    assert {n: p for n, p in drawn.items() if p} == {
        n: p for n, p in found.items() if p in found and not n.startswith("_")
    }


def messages() -> Iterator[tuple[str, str]]:
    """Every message that is written where an error is raised: file:line, its text with {}."""
    for file, tree in trees():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)):
                continue
            called = node.exc.func
            if isinstance(called, ast.Name) and called.id in RAISED and node.exc.args:
                yield f"{file}:{node.lineno}", _text(node.exc.args[0])


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(map(_text, parts))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text(left) + _text(right)
    return "{}"


def test_a_message_holds_a_value_and_a_remedy() -> None:
    found = [(where, text) for where, text in messages() if text != "{}"]
    assert len(found) > 150
    wrong = [
        f"{where}: {text}"
        for where, text in found
        if text not in EXCEPTIONS and ("{}" not in text or not REMEDY.search(text))
    ]
    assert not wrong, "\n".join(wrong)
