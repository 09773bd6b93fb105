"""mixed: hot while the API writes 200 records a second into the same zone."""

import asyncio
import time

from bench import packet
from bench.api import VpsApi
from bench.error import BenchError
from bench.load import Load
from bench.metric import Metric
from bench.our_peer import OurPeer
from bench.peer import Running
from bench.plan import Plan
from bench.room import Room
from bench.target import Target, own, quotient
from bench.watch import Watcher
from bench.workload.workload import Workload, alternate

_HOT = Metric("hot", "alone, queries/s")
_MIXED = Metric("mixed", "beside the writer, queries/s")
_WRITES = Metric("writes", "records/s written")
_VISIBLE = Metric("visible", "call to visible, median", "ms", 1e3, 2)
_VISIBLE_99 = Metric("visible-99", "call to visible, 99th", "ms", 1e3, 2)
_RATE = 200
_CALLERS = 4


class Mixed(Workload):
    name = "mixed"
    metrics = (_MIXED, _HOT, _WRITES, _VISIBLE, _VISIBLE_99)
    targets = (
        Target("mixed: queries/s, of hot", quotient("mixed", _MIXED, _HOT), 0.9),
        Target(
            "mixed: call to visible, 99th",
            own("mixed", _VISIBLE_99),
            10,
            at_most=True,
            digits=1,
            unit="ms",
        ),
    )

    def title(self, _: Plan) -> str:
        return "mixed: hot while the API writes 200 records a second"

    def run(self, room: Room) -> None:
        place = room.place(self.name)
        content = room.hot()
        packets = packet.write(place / "packets", content.questions)
        seconds = room.plan.seconds
        apex = content.zones[0].apex
        written = 0

        def load(server: Running) -> None:
            nonlocal written
            alone = room.blast.run(server.port, packets, seconds)
            alone.check(server.peer.title)
            with room.blast.beside(server.port, packets, seconds) as mixed:
                delays = asyncio.run(_write(server, apex, written, seconds))
            written += round(_RATE * seconds)
            self._note_round(room, server, alone, mixed[0], delays)

        with room.servers([OurPeer], lambda kind: kind(place, content)) as servers:
            for server in servers:
                room.blast.run(server.port, packets, room.plan.warm_up)
            alternate(room, servers, load, room.plan.few_rounds)

    def _note_round(
        self, room: Room, server: Running, alone: Load, mixed: Load, delays: list[float]
    ) -> None:
        mixed.check(server.peer.title)
        delays.sort()
        for metric, value in (
            (_HOT, alone.qps),
            (_MIXED, mixed.qps),
            (_WRITES, len(delays) / room.plan.seconds),
            (_VISIBLE, delays[len(delays) // 2]),
            (_VISIBLE_99, delays[len(delays) * 99 // 100]),
        ):
            room.ledger.add(self.name, server.name, metric, value)


async def _write(server: Running, apex: str, first: int, seconds: float) -> list[float]:
    """Create records on schedule; the seconds from each call until its record is answered."""
    total = round(_RATE * seconds)
    start = time.perf_counter()
    shares = [range(caller, total, _CALLERS) for caller in range(_CALLERS)]
    parts = await asyncio.gather(*(_caller(server, apex, first, start, part) for part in shares))
    return [delay for part in parts for delay in part]


async def _caller(
    server: Running, apex: str, first: int, start: float, share: range
) -> list[float]:
    api = VpsApi(server.peer.http_port, server.peer.credential)
    watcher = Watcher(server.port)
    delays = []
    try:
        zone = await api.find_zone(apex.rstrip("."))
        for number in share:
            await asyncio.sleep(max(0.0, start + number / _RATE - time.perf_counter()))
            label = f"new{first + number}"
            begun = time.perf_counter()
            if not await api.create(zone, label, "10.1.1.1"):
                raise BenchError(f"{server.peer.title}: a create failed beside the load")
            await watcher.seen(f"{label}.{apex}")
            delays.append(time.perf_counter() - begun)
    finally:
        watcher.close()
        await api.close()
    return delays
