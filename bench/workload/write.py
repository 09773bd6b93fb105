"""write: creating records through the API, beside PowerDNS with SQLite through its own."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator

from bench.api import Api, PdnsApi, VpsApi
from bench.corpus import Corpus
from bench.error import BenchError
from bench.metric import Metric
from bench.our_peer import OurPeer
from bench.pdns_peer import PdnsSqlitePeer
from bench.peer import Peer, Running
from bench.plan import Plan
from bench.room import Room
from bench.target import Target, beside, own, quotient
from bench.watch import Watcher
from bench.workload.workload import Workload, alternate

_ONE = Metric("one", "one create, median", "ms", 1e3, 2)
_ONE_99 = Metric("one-99", "99th", "ms", 1e3, 2)
_SEEN = Metric("seen", "call to visible, median", "ms", 1e3, 2)
_CROWD = {
    16: (Metric("crowd-16", "16 clients, creates/s"), Metric("failed-16", "failing", "%", 100, 1)),
    64: (Metric("crowd-64", "64 clients, creates/s"), Metric("failed-64", "failing", "%", 100, 1)),
}
_BULK = Metric("bulk", "import, records/s")
_LARGE = Metric("large", "create in a large zone, median", "ms", 1e3, 2)
_APIS: dict[str, type[Api]] = {OurPeer.name: VpsApi, PdnsSqlitePeer.name: PdnsApi}
_KINDS: tuple[type[Peer], ...] = (PdnsSqlitePeer, OurPeer)


class Write(Workload):
    name = "write"
    metrics = (_ONE, _ONE_99, _SEEN, *_CROWD[16], *_CROWD[64], _BULK, _LARGE)
    targets = (
        Target(
            "one create, of PowerDNS'", beside("write", _ONE, PdnsSqlitePeer.name), 1, at_most=True
        ),
        Target("64 clients: creates/s", own("write", _CROWD[64][0]), 2_000, digits=0),
        Target(
            "64 clients: failing", own("write", _CROWD[64][1]), 0, at_most=True, digits=1, unit="%"
        ),
        Target(
            "create in a large zone, of one in an empty",
            quotient("write", _LARGE, _ONE),
            1.2,
            at_most=True,
        ),
        Target("import: records/s", own("write", _BULK), 75_000, digits=0),
    )

    def title(self, plan: Plan) -> str:
        return (
            f"write: creates one by one and at once, imports, a zone of {plan.large_zone:,} records"
        )

    def run(self, room: Room) -> None:
        place = room.place(self.name)
        zones = (f"write{number}.example" for number in itertools.count())
        steps: list[tuple[Step, int]] = [
            (_one_after_another, 3),
            (_crowds, 1),
            (_import, 3),
            (_large_zone, 1),
        ]
        with room.servers(_KINDS, lambda kind: kind(place, Corpus(place, [], [], ""))) as servers:
            for step, rounds in steps:

                def take(server: Running, step: Step = step) -> None:
                    asyncio.run(step(room, server, zones))

                alternate(room, servers, take, rounds)


Step = Callable[[Room, Running, Iterator[str]], Coroutine[None, None, None]]


def _api(server: Running) -> Api:
    return _APIS[server.name](server.peer.http_port, server.peer.credential)


def _add(room: Room, server: Running, metric: Metric, value: float) -> None:
    room.ledger.add(Write.name, server.name, metric, value)


async def _one_after_another(room: Room, server: Running, zones: Iterator[str]) -> None:
    domain = next(zones)
    api, watcher = _api(server), Watcher(server.port)
    called, seen = [], []
    try:
        zone = await api.create_zone(domain)
        for number in range(room.plan.creates):
            begun = time.perf_counter()
            await _must(server, api.create(zone, f"one{number}", "10.3.3.3"))
            called.append(time.perf_counter() - begun)
            await watcher.seen(f"one{number}.{domain}.")
            seen.append(time.perf_counter() - begun)
    finally:
        watcher.close()
        await api.close()
    called.sort()
    seen.sort()
    _add(room, server, _ONE, called[len(called) // 2])
    _add(room, server, _ONE_99, called[len(called) * 99 // 100])
    _add(room, server, _SEEN, seen[len(seen) // 2])


async def _crowds(room: Room, server: Running, zones: Iterator[str]) -> None:
    for clients, (rate, failing) in _CROWD.items():
        api = _api(server)
        zone = await api.create_zone(next(zones))
        await api.close()
        end = time.perf_counter() + room.plan.crowd_seconds
        callers = [_crowd_caller(server, zone, f"c{number}", end) for number in range(clients)]
        counts = await asyncio.gather(*callers)
        good, bad = (sum(column) for column in zip(*counts, strict=True))
        spent = time.perf_counter() - end + room.plan.crowd_seconds
        _add(room, server, rate, good / spent)
        _add(room, server, failing, bad / (good + bad))


async def _crowd_caller(server: Running, zone: str, prefix: str, end: float) -> tuple[int, int]:
    """Creates until the end; how many were taken, how many failed."""
    api = _api(server)
    good = bad = 0
    while time.perf_counter() < end:
        try:
            taken = await api.create(zone, f"{prefix}-{good + bad}", "10.4.4.4")
        except BenchError:
            taken = False
        good, bad = good + taken, bad + (not taken)
    await api.close()
    return good, bad


async def _import(room: Room, server: Running, zones: Iterator[str]) -> None:
    domain, count = next(zones), room.plan.import_records
    api = _api(server)
    zone = await api.create_zone(domain)
    begun = time.perf_counter()
    await api.bulk(zone, domain, count, "bulk")
    _add(room, server, _BULK, count / (time.perf_counter() - begun))
    await api.close()


async def _large_zone(room: Room, server: Running, zones: Iterator[str]) -> None:
    domain = next(zones)
    api = _api(server)
    zone = await api.create_zone(domain)
    await api.bulk(zone, domain, room.plan.large_zone, "bulk")
    called = []
    for number in range(room.plan.large_creates):
        begun = time.perf_counter()
        await _must(server, api.create(zone, f"one{number}", "10.5.5.5"))
        called.append(time.perf_counter() - begun)
    _add(room, server, _LARGE, sorted(called)[len(called) // 2])
    await api.close()


async def _must(server: Running, call: Awaitable[bool]) -> None:
    if not await call:
        raise BenchError(f"{server.peer.title}: a create failed with a single caller")
