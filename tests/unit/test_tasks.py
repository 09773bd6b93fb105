"""Who starts tasks: the owner of background work, and who ends them before it goes on."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "nsd"
STARTS = {"create_task", "ensure_future", "TaskGroup", "run_coroutine_threadsafe"}

# Their tasks end with a connection, a datagram, a command, or the function that starts them.
SHORT = {
    "bind/keeper.py",
    "cli/zone.py",
    "server/acceptor.py",
    "server/connection.py",
    "server/udp.py",
}


def starts_tasks(module: Path) -> bool:
    names = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Attribute | ast.Name)
    }
    return not names.isdisjoint(STARTS)


def test_work_that_goes_on_has_one_owner() -> None:
    starting = {
        module.relative_to(PACKAGE).as_posix()
        for module in PACKAGE.rglob("*.py")
        if starts_tasks(module)
    }
    assert "background.py" in starting
    assert starting - SHORT == {"background.py"}
