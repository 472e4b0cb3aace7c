"""All checks in order, and what they found as a table, a few lines or JSON."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ecom.doctor import clusters, follows, gpus, memory, network, packages, processor, storage
from ecom.doctor.finding import Finding

if TYPE_CHECKING:
    from rich.console import RenderableType

Check = tuple[Callable[[], Any], Callable[[Any], Iterable[Finding]]]
CHECKS: dict[str, Check] = {
    "processor": (processor.look, processor.judge),
    "memory": (memory.look, memory.judge),
    "storage": (storage.look, storage.judge),
    "gpus": (gpus.look, gpus.judge),
    "packages": (packages.look, packages.judge),
    "ray": (clusters.look, clusters.judge),
    "network": (network.look, network.judge),
}
COLOURS = {"ok": "green", "note": "yellow", "problem": "red"}


@dataclass(frozen=True)
class Report:
    """What was found: each check's facts by its name, the findings, and what follows."""

    facts: Mapping[str, Any]
    findings: tuple[Finding, ...]
    follows: Mapping[str, str]

    @property
    def quickstart(self) -> bool:
        """Say whether the quickstart can run."""
        return not self.problems

    @property
    def problems(self) -> list[Finding]:
        """Return what prevents it."""
        return [finding for finding in self.findings if finding.level == "problem"]


def make(checks: Mapping[str, Check] = CHECKS) -> Report:
    """Look at everything. A check that fails is itself a finding, and the others still run."""
    facts: dict[str, Any] = {}
    findings: list[Finding] = []
    for name, (look, judge) in checks.items():
        try:
            facts[name] = look()
            findings += judge(facts[name])
        except ImportError as error:
            findings.append(Finding("problem", name, str(error), "make setup"))
        except Exception as error:
            reason = f"could not look: {type(error).__name__}: {error}"
            findings.append(Finding("note", name, reason))
    return Report(facts, tuple(findings), follows.say(facts, findings))


def to_json(report: Report) -> dict[str, Any]:
    """Return the report as plain dicts and lists; sizes are in bytes."""
    return {
        "quickstart": report.quickstart,
        "machine": {name: asdict(facts) for name, facts in report.facts.items()},
        "findings": [asdict(finding) for finding in report.findings],
        "follows": dict(report.follows),
    }


def table(report: Report) -> "RenderableType":
    """Return two tables: what is here, and what follows."""
    from rich.console import Group
    from rich.markup import escape
    from rich.table import Table

    here = Table(title="this machine", title_justify="left")
    for column in ("", "what", "found", "what to do"):
        here.add_column(column)
    for found in report.findings:
        level = f"[{COLOURS[found.level]}]{found.level}[/]"
        here.add_row(level, found.what, escape(found.found), escape(found.remedy))
    after = Table(title="what follows", title_justify="left", show_header=False)
    for what, line in report.follows.items():
        after.add_row(what, escape(line))
    return Group(here, after)


def short(report: Report) -> str:
    """Return the verdict, and a line for each problem."""
    if report.problems:
        lines = [f"  {found.what}: {found.found}. {found.remedy}" for found in report.problems]
        return "\n".join(["this machine cannot run the quickstart:", *lines])
    notes = sum(found.level == "note" for found in report.findings)
    more = f"; {notes} note{'s' * (notes > 1)}: ecom doctor" if notes else ""
    return f"this machine can run the quickstart{more}"
