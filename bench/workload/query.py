"""hot, wide and many: zones of three shapes, asked over UDP."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from bench import corpus, packet
from bench.bind_peer import BindPeer
from bench.corpus import Corpus
from bench.floor_peer import FloorPeer
from bench.knot_peer import KnotPeer
from bench.load import measure
from bench.metric import BUSY, CPU, LOST, MEMORY, QPS, START
from bench.nsd_peer import NsdPeer
from bench.our_peer import OurPeer
from bench.pdns_peer import PdnsPeer
from bench.peer import Peer, Running
from bench.plan import Plan
from bench.room import Room
from bench.target import Target, beside, own
from bench.workload.workload import Workload, alternate

SERVERS: tuple[type[Peer], ...] = (NsdPeer, KnotPeer, BindPeer, OurPeer)


class QueryWorkload(Workload):
    """One corpus in every server, the same questions again and again."""

    metrics = (QPS, CPU, BUSY, LOST, MEMORY, START)
    kinds: ClassVar[Sequence[type[Peer]]] = SERVERS

    @abstractmethod
    def corpus(self, room: Room) -> Corpus: ...

    def run(self, room: Room) -> None:
        place = room.place(self.name)
        room.say("writing zones")
        content = self.corpus(room)
        packets = packet.write(place / "packets", content.questions)
        with room.servers(self.kinds, lambda kind: kind(place, content)) as servers:
            for server in servers:
                room.blast.run(server.port, packets, room.plan.warm_up)
                self.note_start(room, server)

            def load(server: Running) -> None:
                run = partial(room.blast.run, server.port, packets, room.plan.seconds)
                self.note(room, server, measure(server, run))

            alternate(room, servers, load, room.plan.rounds)


def _query_targets(name: str) -> tuple[Target, ...]:
    return (
        Target(f"{name}: queries/s, of BIND's", beside(name, QPS, "bind"), 1.0),
        Target(f"{name}: CPU per query, of BIND's", beside(name, CPU, "bind"), 1.0, at_most=True),
        Target(f"{name}: queries/s, of NSD's", beside(name, QPS, "nsd"), 0.65),
        Target(
            f"{name}: CPU per query, of NSD's", beside(name, CPU, "nsd"), 1 / 0.65, at_most=True
        ),
        Target(f"{name}: queries/s, of Knot's", beside(name, QPS, "knot"), 1.0, aim=True),
    )


class Hot(QueryWorkload):
    name = "hot"
    kinds = (FloorPeer, NsdPeer, KnotPeer, BindPeer, PdnsPeer, OurPeer)
    targets = _query_targets("hot")

    def title(self, plan: Plan) -> str:
        return f"hot: {plan.hot_names:,} names, 50,000 questions again and again, 7 % missing"

    def corpus(self, room: Room) -> Corpus:
        return room.hot()


class Wide(QueryWorkload):
    name = "wide"
    targets = (
        *_query_targets("wide"),
        Target(
            "wide: memory",
            own("wide", MEMORY),
            500,
            at_most=True,
            digits=0,
            unit="MB",
            full_size=True,
        ),
        Target(
            "wide: start", own("wide", START), 5, at_most=True, digits=1, unit="s", full_size=True
        ),
        Target(
            "wide: memory, of BIND's",
            beside("wide", MEMORY, "bind"),
            1,
            at_most=True,
            aim=True,
            full_size=True,
        ),
        Target(
            "wide: start, of BIND's",
            beside("wide", START, "bind"),
            1,
            at_most=True,
            aim=True,
            full_size=True,
        ),
    )

    def title(self, plan: Plan) -> str:
        return f"wide: one zone of {plan.wide_names:,} names, asked at random, 10 % missing"

    def corpus(self, room: Room) -> Corpus:
        return corpus.wide(room.place("wide-zone"), room.plan.wide_names)


class Many(QueryWorkload):
    name = "many"
    targets = (
        Target(
            "many: memory",
            own("many", MEMORY),
            700,
            at_most=True,
            digits=0,
            unit="MB",
            full_size=True,
        ),
        Target(
            "many: start", own("many", START), 8, at_most=True, digits=1, unit="s", full_size=True
        ),
    )

    def title(self, plan: Plan) -> str:
        return f"many: {plan.many_zones:,} zones of 10 records, asked at random"

    def corpus(self, room: Room) -> Corpus:
        return corpus.many(room.place("many-zones"), room.plan.many_zones)
