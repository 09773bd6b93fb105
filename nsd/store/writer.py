"""Writes, committed together.

All that wait become one transaction, each in its own savepoint, so that one that fails leaves the
others alone, and one disk flush serves them all.

A thread waits for the disk. Work itself goes there too, unless it is brief: a few statements take
less time than the thread needs to get hold of the interpreter beside a busy event loop, once for
each statement. Those run on the event loop, and the thread has only the commit. Work that says in
the middle that it is not brief is undone, and begun anew by the thread.
"""

import asyncio
import contextlib
import sqlite3
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

import structlog

from nsd.errors import NotBrief, Unavailable
from nsd.store import connection as connections
from nsd.store.connection import Connection, Done, Work, let_go, settle

log = structlog.get_logger()

T = TypeVar("T")

MOST_TOGETHER: Final = 256  # writes in one transaction
MOST_BRIEF: Final = 8  # of them on the event loop


class _Waiting(NamedTuple):
    work: Work[Any]
    then: Done | None
    future: asyncio.Future[Any]
    brief: Work[Any] | None


class Writer:
    """The one connection of this process that writes."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._waiting: list[_Waiting] = []
        self._is_committing = False
        self._has_ended: asyncio.Future[None] | None = None

    async def write(self, work: Work[T], then: Done | None, brief: Work[T] | None) -> T:
        """Run work in the next transaction; see `Database.write`."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(work, then, future, brief))
        if not self._is_committing:
            self._commit_waiting()
        return await future

    async def finish(self) -> None:
        """Return when all that was asked for is on disk."""
        if self._is_committing:
            self._has_ended = asyncio.get_running_loop().create_future()
            await self._has_ended

    def _commit_waiting(self) -> None:
        """Begin the next transaction, of what waits now."""
        self._is_committing = True
        together = self._waiting[:MOST_TOGETHER]
        del self._waiting[:MOST_TOGETHER]
        end = partial(self._end, together)
        outcomes = self._run_here(together)
        if outcomes is None:
            works = [waiting.work for waiting in together]
            self.connection.submit(partial(_run_all, works), end)
        elif self.connection.in_transaction:
            self.connection.submit(partial(_commit, outcomes), end)
        else:
            end(outcomes)

    def _run_here(self, together: list[_Waiting]) -> Any:
        """Run works on the event loop, in a transaction that is left open for the commit.

        Give their outcomes, or what stopped them all; None where they must go to the thread.
        """
        briefs = [waiting.brief for waiting in together if waiting.brief is not None]
        idle = self.connection.idle
        if idle is None or len(briefs) < len(together) or len(briefs) > MOST_BRIEF:
            return None
        if not _begins_at_once(idle):
            return None
        outcomes = self.connection.perform(partial(_run, briefs))
        if isinstance(outcomes, list) and any(isinstance(one, NotBrief) for one in outcomes):
            if idle.in_transaction:
                _roll_back(idle)
            return None
        return outcomes

    def _end(self, together: list[_Waiting], outcomes: Any) -> None:
        """Pass the outcomes on, or what stopped them all, and go on with what waits."""
        if isinstance(outcomes, sqlite3.Error):
            outcomes = Unavailable(f"the database cannot be written: {outcomes}")
        if isinstance(outcomes, BaseException):
            outcomes = [outcomes] * len(together)
        for waiting, outcome in zip(together, outcomes, strict=True):
            settle(waiting.future, _followed(waiting.then, outcome))
        if self._waiting:
            self._commit_waiting()
        else:
            self._is_committing = False
            if self._has_ended is not None:
                self._has_ended.set_result(None)


def _followed(then: Done | None, outcome: Any) -> Any:
    """Let what follows have a result, even if whoever waits for it has gone.

    What that raises changes no outcome: the disk has it.
    """
    if then is not None and not isinstance(outcome, Exception):
        try:
            then(outcome)
        except Exception:
            log.exception("what should follow a write failed")
    return outcome


def _begins_at_once(connection: sqlite3.Connection) -> bool:
    """Begin a transaction, unless another process is writing."""
    try:
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.Error:
        return False
    return True


def _run_all(works: list[Work[Any]], connection: sqlite3.Connection) -> list[Any]:
    """Run and commit works; wait for other processes before."""
    connection.execute(f"PRAGMA busy_timeout = {int(connections.BUSY_SECONDS * 1000)}")
    connection.execute("BEGIN IMMEDIATE")
    outcomes = _run(works, connection)
    return _commit(outcomes, connection) if connection.in_transaction else outcomes


def _run(works: list[Work[Any]], connection: sqlite3.Connection) -> list[Any]:
    """Run works in the transaction that was begun; give results and exceptions in order.

    Each has its savepoint, but for one that is alone: SQLite keeps a copy of each page that
    changes after a savepoint. Where nothing was changed, the transaction is over.
    """
    run = _alone if len(works) == 1 else _in_savepoint
    try:
        outcomes = [run(work, connection) for work in works]
        if all(isinstance(outcome, Exception) for outcome in outcomes):
            connection.execute("ROLLBACK")
    except BaseException:
        _roll_back(connection)
        raise
    return outcomes


def _alone(work: Work[Any], connection: sqlite3.Connection) -> Any:
    try:
        return work(connection)
    except sqlite3.Error:
        raise
    except Exception as error:  # noqa: BLE001 -- whatever it is, whoever asked gets it
        let_go(error)
        return error


def _in_savepoint(work: Work[Any], connection: sqlite3.Connection) -> Any:
    connection.execute("SAVEPOINT work")
    outcome = _alone(work, connection)
    if isinstance(outcome, Exception):
        connection.execute("ROLLBACK TO work")
    connection.execute("RELEASE work")
    return outcome


def _commit(outcomes: list[Any], connection: sqlite3.Connection) -> list[Any]:
    try:
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise
    return outcomes


def _roll_back(connection: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.Error):
        connection.execute("ROLLBACK")
