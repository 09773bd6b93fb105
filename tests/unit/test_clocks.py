"""Who names the clocks: the composition roots, which hand them in, and nobody else."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "nsd"
ROOTS = ("service", "cli")
CLOCKS = {
    "time": {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "gmtime", "localtime"},
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
}


def clocks(source: str) -> set[str]:
    """Find the clocks that a module names."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            of = node.value
            module = of.id if isinstance(of, ast.Name) else getattr(of, "attr", "")
            if node.attr in CLOCKS.get(module, ()):
                found.add(f"{module}.{node.attr}")
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            found |= {one.name for one in node.names} & CLOCKS["time"]
    return found


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("import time\ndef f(clock=time.time): ...", {"time.time"}),
        ("from time import monotonic", {"monotonic"}),
        ("import datetime\ndatetime.datetime.now()", {"datetime.now"}),
        ("import time\ntime.sleep(1)\nself.time()", set()),
    ],
)
def test_a_clock_is_found_however_it_is_named(source: str, named: set[str]) -> None:
    assert clocks(source) == named


def test_only_the_composition_roots_name_clocks() -> None:
    modules = {module.relative_to(PACKAGE): module for module in PACKAGE.rglob("*.py")}
    naming = {
        path.as_posix(): named
        for path, module in modules.items()
        if path.parts[0] not in ROOTS and (named := clocks(module.read_text()))
    }
    assert naming == {}
