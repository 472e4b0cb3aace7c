"""Cards and reports from Jinja templates, which are beside the modules that fill them.

    NAME.md.j2      Markdown: values are inserted unchanged; `cell` makes one safe in a table
    NAME.html.j2    HTML: every value is escaped

A missing value of a template is an error.
"""

import json
import re
from typing import Any

import yaml


def render(package: str, template: str, *, shared: str = "", **values: Any) -> str:
    """Return a template of a package filled with the values.

    What it includes may be in the package `shared` instead.
    A template may use the filters `cell`, `fenced`, `json`, `words` and `yaml`.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    packages = [name for name in (package, shared) if name]
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(name, ".") for name in packages]),
        autoescape=template.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "cell": cell,
        "fenced": fenced,
        "json": json.dumps,
        "words": words,
        "yaml": as_yaml,
    }
    return environment.get_template(template).render(values)


def cell(value: Any) -> str:
    """Return a value as Markdown that shows it literally, without markup."""
    if isinstance(value, int | float):
        return f"{value:,}"
    text = " ".join(str(value).split()).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\|`*\[]|(?<!\w)_|_(?!\w))", r"\\\1", text)


def fenced(text: str, kind: str) -> str:
    """Return the text in a code block whose fence does not occur in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{kind}\n{text}\n{fence}"


def as_yaml(value: Any) -> str:
    """Return a value as YAML, with its keys in order and no newline at the end."""
    return str(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=100)).rstrip()


def words(name: str) -> str:
    """Return a key as words: "loss per row" of loss_per_row."""
    return name.replace("_", " ")
