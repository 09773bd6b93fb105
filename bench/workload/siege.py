"""siege: API calls while a query flood, answered or not, keeps the server's core full."""

import asyncio
import time

from bench import blast, corpus, packet
from bench.api import VpsApi
from bench.metric import Metric
from bench.our_peer import OurPeer
from bench.peer import Running
from bench.plan import Plan
from bench.room import Room
from bench.target import Target, own
from bench.workload.workload import Workload, alternate

_P95 = Metric("p95", "API call, 95th", "ms", 1e3, 1)
_P50 = Metric("p50", "API call, median", "ms", 1e3, 1)
_CALLS = Metric("calls", "calls/s")
_FAILED = Metric("failed", "calls failed")
_ANSWERED = Metric("answered", "queries/s answered")
_OFFERED = Metric("offered", "queries/s offered")
_EXCESS = 1.5  # what is offered, of what the server can answer


class Siege(Workload):
    name = "siege"
    metrics = (_P95, _P50, _CALLS, _FAILED, _ANSWERED, _OFFERED)
    targets = (
        Target("siege: API call, 95th", own("siege", _P95), 100, at_most=True, digits=1, unit="ms"),
        Target("siege: API calls failed", own("siege", _FAILED), 0, at_most=True, digits=0),
    )

    def title(self, _: Plan) -> str:
        return "siege: API calls under a query flood that saturates the server's core"

    def run(self, room: Room) -> None:
        place = room.place(self.name)
        content = room.hot()
        missing = packet.write(place / "missing", corpus.absent(content, 64))
        apex = content.zones[0].apex

        def load(server: Running) -> None:
            seconds = room.plan.seconds
            capacity = room.blast.run(server.port, missing, seconds / 3, blast.FRESH_NAME).qps
            rate = int(capacity * _EXCESS)
            flood = room.blast.beside(server.port, missing, seconds, blast.FRESH_NAME, rate)
            with flood as found:
                delays, failed = asyncio.run(_call(server, apex, seconds * 0.9))
            delays.sort()
            for metric, value in (
                (_P95, delays[len(delays) * 95 // 100]),
                (_P50, delays[len(delays) // 2]),
                (_CALLS, len(delays) / (seconds * 0.9)),
                (_FAILED, failed),
                (_ANSWERED, found[0].qps),
                (_OFFERED, found[0].sent / seconds),
            ):
                room.ledger.add(self.name, server.name, metric, value)

        with room.servers([OurPeer], lambda kind: kind(place, content)) as servers:
            alternate(room, servers, load, 2)


async def _call(server: Running, apex: str, seconds: float) -> tuple[list[float], int]:
    """Reads and creates in turn, one after another: seconds each took, and how many failed."""
    api = VpsApi(server.peer.http_port, server.peer.credential)
    delays: list[float] = []
    failed = 0
    stamp = time.time_ns()
    try:
        zone = await api.find_zone(apex.rstrip("."))
        end = time.perf_counter() + seconds
        while time.perf_counter() < end or not delays:
            begun = time.perf_counter()
            number = len(delays)
            turn = api.create(zone, f"s{stamp}-{number}", "10.2.2.2") if number % 2 else api.is_up()
            failed += not await turn
            delays.append(time.perf_counter() - begun)
    finally:
        await api.close()
    return delays, failed
