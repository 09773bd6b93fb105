"""Whose turn it is among many connections, on real sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from nsd.server.courtesy import Courtesy
from nsd.server.turns import MAX_SHARE, MAX_TURN, READ, SHORT_TURN, Turns


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Log:
    """The connections in the order in which their messages were answered."""

    def __init__(self) -> None:
        self.messages: list[Work] = []
        self._news = asyncio.Event()

    def served(self, work: "Work", messages: int) -> None:
        self.messages += [work] * messages
        self._news.set()

    async def one_turn(self) -> int:
        """Wait until something was answered; give how many messages in one turn of the loop."""
        self._news.clear()
        before = len(self.messages)
        await self._news.wait()
        return len(self.messages) - before


class Work:
    """A connection with so many messages to answer; each takes some seconds of the clock."""

    def __init__(self, log: "Log", clock: Clock, messages: int, seconds: float = 0) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.ours.setblocking(False)
        self.messages = messages
        self.done = asyncio.Event()
        self._log = log
        self._clock = clock
        self._seconds = seconds

    def serve(self, most: int) -> int:
        served = min(most, self.messages)
        self.messages -= served
        self._clock.now += served * self._seconds
        self._log.served(self, served)
        if not self.messages:
            self.ours.recv(1)
            self.done.set()
        return served

    def has_more(self) -> bool:
        return bool(self.messages)


class Stage:
    """Turns, and what they serve."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.courtesy = Courtesy()
        self.turns = Turns(self.courtesy, self.clock)
        self.log = Log()
        self.works: list[Work] = []

    def add(self, messages: int, seconds: float = 0) -> Work:
        work = Work(self.log, self.clock, messages, seconds)
        self.works.append(work)
        self.turns.watch(work.ours, 0, READ, work)
        work.theirs.send(b"x")
        return work


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage()
    yield made
    made.turns.close()
    for work in made.works:
        work.ours.close()
        work.theirs.close()


async def test_a_turn_of_the_event_loop_is_bounded(stage: Stage) -> None:
    for _ in range(100):
        stage.add(messages=1000)
    for _ in range(5):
        assert await stage.log.one_turn() <= MAX_TURN + MAX_SHARE


async def test_a_turn_is_shorter_while_requests_are_under_way(stage: Stage) -> None:
    for _ in range(100):
        stage.add(messages=1000)
    stage.courtesy.request()
    assert await stage.log.one_turn() <= SHORT_TURN + MAX_SHARE


async def test_a_turn_ends_early_where_messages_take_long(stage: Stage) -> None:
    for _ in range(10):
        stage.add(messages=1000, seconds=0.001)
    assert await stage.log.one_turn() <= MAX_SHARE


async def test_whoever_comes_last_waits_for_one_round_only(stage: Stage) -> None:
    many = [stage.add(messages=10_000) for _ in range(40)]
    await stage.log.one_turn()
    late = stage.add(messages=1)
    await late.done.wait()
    assert len(stage.log.messages) <= 3 * len(many) * MAX_SHARE


async def test_in_each_round_every_connection_gets_the_same(stage: Stage) -> None:
    works = [stage.add(messages=64) for _ in range(30)]
    await asyncio.gather(*(work.done.wait() for work in works))
    for start in range(0, len(stage.log.messages), len(works) * MAX_SHARE):
        served = stage.log.messages[start : start + len(works) * MAX_SHARE]
        assert all(served.count(work) == MAX_SHARE for work in works)


async def test_others_on_the_event_loop_come_between_turns(stage: Stage) -> None:
    works = [stage.add(messages=1000) for _ in range(20)]
    turns = 0
    while not all(work.done.is_set() for work in works):
        await asyncio.sleep(0)
        turns += 1
    assert turns >= len(stage.log.messages) / (2 * MAX_TURN)


async def test_what_is_watched_no_more_is_not_served(stage: Stage) -> None:
    work = stage.add(messages=1)
    stage.turns.watch(work.ours, READ, 0, work)
    other = stage.add(messages=1)
    await other.done.wait()
    assert work not in stage.log.messages


async def test_a_connection_can_ask_for_a_turn_without_news_from_its_socket(stage: Stage) -> None:
    work = stage.add(messages=1)
    stage.turns.watch(work.ours, READ, 0, work)
    stage.turns.again(work)
    await work.done.wait()
