"""One batch of the campaign: worlds loaded into every server, asked, compared."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import dns.message
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.conformance.campaign import reply
from tests.conformance.campaign.asker import Query, Server, query
from tests.conformance.campaign.peers import PROGRAMS, Program, running
from tests.conformance.campaign.reply import Reply
from tests.conformance.campaign.strategies import worlds
from tests.conformance.campaign.world import GeneratedZone, Placed, Question, World

Ours = Callable[[Sequence[tuple[str, str]]], Server]
"""Builds the server under test from (apex, master file) pairs."""


@dataclass(frozen=True)
class Case:
    """One question and what each server replied."""

    placed: Placed
    question: Question
    replies: dict[str, Reply]

    def __str__(self) -> str:
        name = self.question.name.derelativize(self.placed.base)
        shown = "\n".join(f"--- {server}: {said}" for server, said in self.replies.items())
        return f"{self.placed.show()}\n??? {self.question} ({name})\n{shown}"


def generate(count: int, number: int, asked: int = 40) -> list[World]:
    """Draw so many different worlds; the same number gives the same worlds."""
    found: dict[tuple[GeneratedZone, ...], World] = {}

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(worlds(asked))
    def collect(world: World) -> None:
        found.setdefault(world.zones, world)

    turn = 0
    while len(found) < count:
        seed(f"{number} {turn}")(collect)()
        turn += 1
    return list(found.values())[:count]


@contextmanager
def servers(
    placed: Sequence[Placed], ours: Ours | None, programs: Sequence[Program] = PROGRAMS
) -> Iterator[list[Server]]:
    """Run all servers on the worlds; ours comes first, where there is one."""
    texts = [text for one in placed for text in one.texts()]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="campaign-")))
        files = []
        for number, (apex, text) in enumerate(texts):
            path = folder / f"{number}.zone"
            path.write_text(text)
            files.append((apex, path))
        found: list[Server] = [] if ours is None else [ours(texts)]
        found += [
            stack.enter_context(running(program, folder / program.name, files))
            for program in programs
        ]
        yield found


def unloaded(server: Server, placed: Sequence[Placed]) -> set[int]:
    """Find the worlds of which the server refused a zone."""
    apexes = [(at, apex) for at, one in enumerate(placed) for apex in one.apexes]
    asked = [
        Query(dns.message.make_query(apex, "SOA", flags=0, id=0).to_wire(), tcp=False)
        for _, apex in apexes
    ]
    return {
        at
        for (at, apex), wire in zip(apexes, server.ask(asked), strict=True)
        if f"{apex} 3600 soa".lower() not in " ".join(reply.read(wire).answer)
    }


@dataclass
class Batch:
    """What one batch found: its cases, and per server the worlds it would not load."""

    cases: list[Case]
    refused: dict[str, set[int]]


def ask(placed: Sequence[Placed], running_servers: Sequence[Server]) -> Batch:
    """Ask every question of every server that loaded its world."""
    refused = {server.name: unloaded(server, placed) for server in running_servers}
    asked = [(at, question) for at, one in enumerate(placed) for question in one.world.questions]
    replies: dict[str, list[Reply]] = {}
    for server in running_servers:
        wires = server.ask([query(placed[at], question) for at, question in asked])
        replies[server.name] = [reply.read(wire) for wire in wires]
    cases = [
        Case(
            placed[at],
            question,
            {name: answers[number] for name, answers in replies.items() if at not in refused[name]},
        )
        for number, (at, question) in enumerate(asked)
    ]
    return Batch(cases, refused)
