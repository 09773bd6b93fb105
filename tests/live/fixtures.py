"""A server for all tests of a worker, accounts of a test's own, zones under names of its own."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live.server import Account, Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that tests share: each stays within accounts and zones of its own."""
    running = Server(tmp_path_factory.mktemp("shared") / "data").start()
    yield running
    assert running.process.stop() == 0, running.process.output
    assert "Traceback" not in running.process.output, running.process.output


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Make servers with data folders and settings of their own; end those still running."""
    made: list[Server] = []

    def make(**settings: str) -> Server:
        running = Server(tmp_path / f"data{len(made)}", **settings).start()
        made.append(running)
        return running

    yield make
    for running in made:
        running.process.kill()


@pytest.fixture
def account(server: Server) -> Account:
    """An account of the test's own."""
    return server.account()


@pytest.fixture
def domain() -> str:
    """A zone name that no other test uses."""
    return f"{secrets.token_hex(6)}.example"
