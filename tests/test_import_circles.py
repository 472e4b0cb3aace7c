"""No file of ecom/ imports one that imports it, by whatever detour; imports for types count too."""

import grimp
import pytest

Arrows = dict[str, set[str]]


def circles(arrows: Arrows) -> list[str]:
    """Return "a -> b" for the arrows that remain once no module has none of them left."""
    left, before = dict(arrows), -1
    while len(left) != before:
        before = len(left)
        left = {name: to & left.keys() for name, to in left.items()}
        used = set().union(*left.values())
        left = {name: to for name, to in left.items() if to and name in used}
    return sorted(f"{name} -> {to}" for name, tos in left.items() for to in tos)


def imports(package: str) -> Arrows:
    graph = grimp.build_graph(package, cache_dir=None)
    return {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}


@pytest.mark.parametrize(
    ("arrows", "found"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}, ["b -> c", "c -> b"]),
        ({"a": {"b"}, "b": {"c"}, "c": {"a"}}, ["a -> b", "b -> c", "c -> a"]),
    ],
)
def test_the_probe_finds_circles_and_nothing_else(arrows: Arrows, found: list[str]) -> None:
    assert circles(arrows) == found


def test_imports_form_no_circle() -> None:
    assert circles(imports("ecom")) == []
