"""Writes docs/reference/*.md from the code: `make docs`, or `.venv/bin/python -m docs.reference`.

A page holds nothing that the code does not say, so it is never edited by hand; a test compares.
"""

import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from inspect import cleandoc
from itertools import groupby
from pathlib import Path
from typing import Any

import typer
from fastapi import FastAPI
from pydantic import BaseModel

from ecom import cli, settings
from ecom.benchmark import BENCHMARKS
from ecom.corpus.atomic import CATALOGUE, OWN, Transform
from ecom.corpus.atomic.base import Group
from ecom.corpus.formats import FORMATS
from ecom.evaluate.ecominstruct import metrics as ecominstruct_metrics
from ecom.forms import FORMS
from ecom.recipe import Recipe
from ecom.serve import access
from ecom.serve.openai_protocol import ChatBody, CompletionBody
from ecom.serve.protocol import ShopAnswer, ShopQuery
from ecom.serve.routes import ENDPOINTS

FOLDER = Path(__file__).parent / "reference"
NOTE = "\n<!-- Written by docs/reference.py from the code; `make docs` writes it anew. -->\n"
GROUPS: dict[Group, str] = {
    "plain": "A record's own task: what the data say, asked as it stands.",
    "simplify": "A task made easier: fewer candidates, a part of the answer, yes or no.",
    "reverse": "The answer is given and the question is asked for.",
    "recombine": "Records of one source are put together: matching, selection, retrieval, ranking.",
    "own": "Rows of a labelled set as they stand. They are made for each such set and cannot be "
    "chosen by name.",
}
BODIES: dict[str, type[BaseModel]] = {
    "/v1/shop/answer": ShopQuery,
    "/v1/chat/completions": ChatBody,
    "/v1/completions": CompletionBody,
}


def pages() -> dict[str, str]:
    """Return the text of each page by its file's name."""
    made = {
        "settings.md": settings_page(),
        "cli.md": cli_page(),
        "http.md": http_page(),
        "transforms.md": transforms_page(),
        "formats.md": formats_page(),
        "metrics.md": metrics_page(),
        "benchmarks.md": benchmarks_page(),
    }
    return {name: f"{next(lines)}{NOTE}\n" + _joined(lines) for name, lines in made.items()}


def settings_page() -> Iterator[str]:
    """Yield every key of a recipe."""
    yield "# Settings\n"
    yield (
        "A recipe is a YAML file of these keys. Any of them can be set for one run, by its whole "
        "dotted name: `ecom run recipes/quickstart.yaml train.rank=32`. `N` stands for a place in "
        "a list, from 0, `NAME` for a key of a mapping. `ecom settings train` prints a part of "
        "this page.\n"
    )
    for key, model, values in settings.sections(Recipe):
        yield f"## {key or 'The recipe'}\n"
        yield from _described(model, key, values)


def _described(
    model: type[BaseModel], key: str = "", values: BaseModel | None = None
) -> Iterator[str]:
    yield _prose(model.__doc__) + "\n"
    rows = [
        (f"`{one.name}`", one.takes, _code(one.default) or ("required" * one.required), one.meaning)
        for one in settings.fields(model, key, values)
    ]
    yield from _table(("key", "type", "default", "meaning"), rows)


def cli_page() -> Iterator[str]:
    """Yield every command with its arguments and options."""
    yield "# Commands\n"
    yield cleandoc(cli.__doc__ or "").split("\n\n")[2] + "\n"
    commands: dict[str, Any] = vars(typer.main.get_command(cli.app))["commands"]
    for name, command in commands.items():
        about, _, examples = (command.help or "").partition("Example")
        yield f"## ecom {name}\n"
        yield _prose(about) + "\n"
        shown = examples.lstrip("s:").split("·")
        yield "```\n" + "\n".join(" ".join(one.split()).removesuffix(".") for one in shown)
        yield "```\n"
        rows = [_parameter(one) for one in command.params if one.name != "help"]
        yield from _table(("argument or option", "meaning", "default"), rows)


def _parameter(one: Any) -> tuple[str, str, str]:
    if one.param_type_name == "argument":
        name = (one.metavar or one.name.upper()).strip("[]…")
        name = f"[{name}]" if not one.required else name
    else:
        takes = "" if getattr(one, "is_flag", False) else f" {one.metavar or _kind(one)}"
        name = " / ".join([*one.opts, *one.secondary_opts]) + takes
    default = "" if one.default in (None, False, "") else _code(str(one.default))
    return _code(name), one.help or "", default


def _kind(one: Any) -> str:
    found = str(one.type_descriptor.annotation)
    return "PATH" if "Path" in found else "INTEGER" if "int" in found else "TEXT"


def http_page() -> Iterator[str]:
    """Yield the endpoint's routes."""
    yield "# HTTP\n"
    yield (
        "`ecom serve` answers these routes; `/openapi.json` describes them for programs, and at "
        "`/` there is a page for people.\n"
    )
    yield cleandoc(access.__doc__ or "").partition("\n\n")[2] + "\n"
    errors: dict[str, str] = {}
    for path, methods in openapi()["paths"].items():
        for method, route in methods.items():
            errors |= {
                status: reply["description"]
                for status, reply in route["responses"].items()
                if int(status) >= 400 and int(status) != 422
            }
            yield f"## {method.upper()} {path}\n"
            yield f"{route['summary']}. {route['description']}\n"
            if path in BODIES:
                yield from _body(BODIES[path])
    yield "## An answer\n"
    yield from _described(ShopAnswer)
    yield "## Errors\n"
    yield 'An error\'s body is `{"error": {"message": …, "type": …, "code": STATUS}}`.\n'
    yield from _table(("status", "when"), sorted(errors.items()))


def _body(model: type[BaseModel]) -> Iterator[str]:
    for key, section, values in settings.sections(model):
        if key:
            yield f"### {key}\n"
        yield from _described(section, key, values)


def openapi() -> dict[str, Any]:
    """Return what /openapi.json says of the routes; their functions need Ray and are left out."""
    app = FastAPI()

    def nothing() -> None:
        """Stand in for a method of ShopIngress."""

    for register in ENDPOINTS.values():
        register(app)(nothing)
    found: dict[str, Any] = app.openapi()
    return found


def transforms_page() -> Iterator[str]:
    """Yield every Chain-of-Task transform with a worked example."""
    yield "# Transforms\n"
    yield (
        "A Chain-of-Task transform makes further training rows of a record: of products, reviews, "
        "queries, sessions, dialogues and labelled texts. `corpus.transforms` chooses them by "
        "name, paradigm and skill. In the examples `from` is the record, `slots` fill the words "
        "of the instruction, and options are numbered as the answer form asks.\n"
    )
    for group, about in GROUPS.items():
        yield f"## {group}\n\n{about}\n"
        for transform in [*CATALOGUE.values(), *OWN.values()]:
            if transform.group == group:
                yield from _transform(transform)


def _transform(one: Transform) -> Iterator[str]:
    text = cleandoc(one.doc)
    about, from_, example = re.split(r"^(from )", text, maxsplit=1, flags=re.MULTILINE)
    yield f"### {one.name}\n"
    yield _prose(about) + "\n"
    yield (
        f"Reads: {one.reads.__name__}. Form: {one.form}. Paradigm: {one.paradigm}. "
        f"Skill: {one.skill}. Metric: {one.metric}.\n"
    )
    yield f"```\n{from_}{example.rstrip()}\n```\n"


def formats_page() -> Iterator[str]:
    """Yield every format of a source, and the columns that it reads."""
    yield "# Formats\n"
    yield (
        "What `corpus.sources.N.format` can be. All but sample_shop and ecominstruct read JSON "
        "lines, a JSON array, CSV or Parquet, plain, .gz or in a .zip.\n"
    )
    known = FORMATS.values()
    yield from _table(("format", "reads"), [(f"`{one.name}`", one.about) for one in known])
    yield "Labelled sets have these columns, or name their own in `columns`:\n"
    rows = [
        (f"`{one.name}`", " or ".join(map(", ".join, one.columns)), ", ".join(one.also))
        for one in known
        if one.labelled
    ]
    yield from _table(("format", "needed", "read where they are there"), rows)
    for module, formats in groupby(known, key=lambda one: one.read.__module__):
        yield f"## {', '.join(one.name for one in formats)}\n"
        yield cleandoc(import_module(module).__doc__ or "") + "\n"


def metrics_page() -> Iterator[str]:
    """Yield every metric."""
    yield "# Metrics\n"
    yield (
        "A row's `metric` names how its answer is scored. A task's score is the mean over its rows "
        "where nothing else is said; all scores are from 0 to 1, and more is better. "
        "`evaluate.map_metrics` maps further names to these.\n"
    )
    rows = [
        (f"`{name}`", form.name, metric.about)
        for form in FORMS.values()
        for name, metric in form.metrics.items()
    ]
    yield from _table(("metric", "answer form", "measures"), rows)
    yield "## EcomInstruct\n"
    yield cleandoc(ecominstruct_metrics.__doc__ or "") + "\n"


def benchmarks_page() -> Iterator[str]:
    """Yield every public benchmark: its files, its authors' measures, what to know."""
    yield "# Benchmarks\n"
    yield (
        "`ecom benchmark` [runs a public benchmark](../how-to/benchmarks.md). Its files are read "
        "as the authors publish them.\n"
    )
    for one in BENCHMARKS.values():
        module = import_module(f"ecom.benchmark.{one.name.replace('-', '_')}")
        yield f"## {one.name}\n"
        yield _layout(module.__doc__)
        known = {
            "Questions": one.questions,
            "Download": re.sub(r"(https://\S+)", r"<\1>", one.where),
            "Licence": one.licence,
        }
        yield "".join(f"- {name}: {text}\n" for name, text in known.items())
        measures = dict.fromkeys((each.name, each.about) for each in one.measures.values())
        yield from _table(("the authors' measure", "is"), measures)
        yield from (f"{note}\n" for note in one.notes)


def _layout(text: str | None) -> str:
    """Return a module's docstring as Markdown; indented lines are a block."""
    return cleandoc(text or "").strip() + "\n"


def _prose(text: str | None) -> str:
    """Return a docstring's paragraphs as Markdown."""
    plain = cleandoc(text or "").strip().replace("<", "&lt;")
    return plain.replace("docs/domain.md", "[the domain](../domain.md)")


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield a Markdown table, if there are rows; a cell is one line."""
    if rows := list(rows):
        yield f"| {' | '.join(head)} |"
        yield "|---" * len(head) + "|"
        for row in rows:
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
        yield ""


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for page, text in pages().items():
        (FOLDER / page).write_text(text, encoding="utf-8")
