"""The dashboard, as Grafana and Prometheus read it; neither is needed."""

import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any

import promql_parser
import pytest

from ecom import serve
from ecom.lanes import LANES
from ecom.serve.metrics import METRICS

DASHBOARD = json.loads((Path(serve.__file__).parent / "grafana.json").read_text(encoding="utf-8"))
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
QUERIES = [(panel["title"], t["expr"]) for panel in PANELS for t in panel["targets"]]
# Names under which Ray exports a metric
SUFFIXES = {"Counter": {"_total"}, "Gauge": {""}, "Histogram": {"_bucket", "_sum", "_count"}}


def selectors(query: str) -> Iterator[Any]:
    """Yield each metric of a query with its matchers, after Prometheus's own grammar."""
    yield from _selectors(promql_parser.parse(query.replace("$__rate_interval", "1m")))


def _selectors(node: Any) -> Iterator[Any]:
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    elif isinstance(node, promql_parser.MatrixSelector):
        yield node.vector_selector
    elif isinstance(node, promql_parser.Call):
        for argument in node.args:
            yield from _selectors(argument)
    elif isinstance(node, promql_parser.BinaryExpr):
        yield from _selectors(node.lhs)
        yield from _selectors(node.rhs)
    elif isinstance(node, promql_parser.AggregateExpr | promql_parser.ParenExpr):
        yield from _selectors(node.expr)
    else:
        assert isinstance(node, promql_parser.NumberLiteral), node


def test_it_has_what_grafana_needs_to_load_it() -> None:
    assert re.fullmatch(r"[\w-]{1,40}", DASHBOARD["uid"])
    assert DASHBOARD["schemaVersion"] >= 36
    assert "id" not in DASHBOARD  # of one Grafana's database
    assert [panel["id"] for panel in PANELS] == list(range(1, len(PANELS) + 1))


def test_it_takes_whichever_prometheus_there_is() -> None:
    """A variable works for an imported file and for a provisioned one; `__inputs` only there."""
    [variable] = DASHBOARD["templating"]["list"]
    assert (variable["type"], variable["query"]) == ("datasource", "prometheus")
    expected = {"type": "prometheus", "uid": f"${{{variable['name']}}}"}
    for panel in PANELS:
        assert panel["datasource"] == expected
        assert all(target["datasource"] == expected for target in panel["targets"])


def test_panels_lie_side_by_side() -> None:
    indices = [panel["gridPos"] for panel in PANELS]
    assert all(index["x"] + index["w"] <= 24 for index in indices)
    for a, b in combinations(indices, 2):
        beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        below = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        assert beside or below, (a, b)


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_explains_itself(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert all(target["legendFormat"] for target in panel["targets"])
    refs = [target["refId"] for target in panel["targets"]]
    assert len(set(refs)) == len(refs) > 0
    # A legend names labels that the query keeps
    for target in panel["targets"]:
        kept = re.findall(r"by \(([^)]*)\)", target["expr"])
        assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= set(
            ", ".join(kept).split(", ")
        )


@pytest.mark.parametrize(("title", "query"), QUERIES)
def test_a_query_reads_metrics_that_are_written(title: str, query: str) -> None:
    found = list(selectors(query))
    assert found
    for selector in found:
        matched = {matcher.name: matcher.value for matcher in selector.matchers.matchers}
        name = selector.name.removeprefix("ray_")
        assert name != selector.name
        if name.startswith("serve_"):
            assert name.removesuffix("_total") in _written_by_ray_serve()
            continue
        known = {
            metric + end: kind for metric, kind in METRICS.items() for end in SUFFIXES[kind.kind]
        }
        assert name in known, title
        assert set(matched) <= set(known[name].tags)
        assert matched.get("lane", LANES[0]) in LANES
        grouped = set(re.findall(r"\w+", " ".join(re.findall(r"by \(([^)]*)\)", query)))) - {"le"}
        assert grouped <= set(known[name].tags)


def test_every_metric_of_ours_is_drawn() -> None:
    drawn = " ".join(query for _, query in QUERIES)
    assert [name for name in METRICS if f"ray_{name}" not in drawn] == []


def _written_by_ray_serve() -> set[str]:
    """Names in the source of the installed Ray: nothing of it need run for that."""
    spec = find_spec("ray")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    [ray] = spec.submodule_search_locations
    sources = (Path(ray) / "serve" / "_private").glob("*.py")
    return {name for source in sources for name in re.findall(r'"(serve_\w+)"', source.read_text())}
