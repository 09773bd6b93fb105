"""export: one change while 10,000 zones are kept exported for BIND."""

import asyncio
import time
from pathlib import Path

from bench import corpus
from bench.api import VpsApi
from bench.corpus import Corpus
from bench.error import BenchError
from bench.metric import Metric
from bench.our_peer import OurPeer
from bench.peer import Peer, Running
from bench.plan import Plan
from bench.room import Room
from bench.target import Target, own
from bench.workload.workload import Workload, alternate

_CPU = Metric("cpu", "server CPU for one change", "ms", 1e3, 1)
_DELAY = Metric("delay", "call to file", "ms", 1e3, 0)
_SETTLED = 0.5  # seconds without a further file before the export counts as done
_PATIENCE = 60.0


class Export(Workload):
    name = "export"
    metrics = (_CPU, _DELAY)
    targets = (
        Target(
            "export: server CPU for one change",
            own("export", _CPU),
            50,
            at_most=True,
            digits=1,
            unit="ms",
            full_size=True,
        ),
    )

    def title(self, plan: Plan) -> str:
        return f"export: one change, {plan.export_zones:,} zones exported for BIND"

    def run(self, room: Room) -> None:
        place = room.place(self.name)
        content = corpus.many(place / "zones", room.plan.export_zones)
        folder = place / "exported"
        folder.mkdir()

        def make(_: type[Peer]) -> Peer:
            return OurPeer(place, content, f'[bind]\nexport_dir = "{folder}"\n')

        def load(server: Running) -> None:
            asyncio.run(self._changes(room, server, content, folder))

        with room.servers([OurPeer], make) as servers:
            for _ in servers:
                room.say("waiting for the first export")
                _await_first(folder, len(content.zones))
            alternate(room, servers, load, 1)

    async def _changes(self, room: Room, server: Running, content: Corpus, folder: Path) -> None:
        """Several changes, each awaited to its file; what the server does idle is taken off."""
        api = VpsApi(server.peer.http_port, server.peer.credential)
        apexes = [zone.apex for zone in content.zones[: room.plan.export_changes]]
        zones = [await api.find_zone(apex.rstrip(".")) for apex in apexes]
        idle = await _idle(server)
        before, begun = server.process.cpu(), time.perf_counter()
        for apex, zone in zip(apexes, zones, strict=True):
            files = _files(folder, apex)
            called = time.perf_counter()
            await api.create(zone, "exported", "10.6.6.6")
            await _await_text(files, apex)
            room.ledger.add(self.name, server.name, _DELAY, time.perf_counter() - called)
            await asyncio.sleep(_SETTLED)
        spent = server.process.cpu() - before - idle * (time.perf_counter() - begun)
        room.ledger.add(self.name, server.name, _CPU, max(0.0, spent) / len(zones))
        await api.close()


async def _idle(server: Running) -> float:
    """The share of a core that the server takes while nothing happens."""
    before, seconds = server.process.cpu(), 1.5
    await asyncio.sleep(seconds)
    return (server.process.cpu() - before) / seconds


def _await_first(folder: Path, zones: int) -> None:
    """Wait until there are as many files as zones, and no more come."""
    deadline, seen = time.monotonic() + _PATIENCE, -1
    while time.monotonic() < deadline:
        time.sleep(_SETTLED)
        count = sum(1 for path in folder.rglob("*") if path.is_file())
        if count == seen >= zones:
            return
        seen = count
    raise BenchError(f"export: {seen} files for {zones} zones after {_PATIENCE:.0f} s")


def _files(folder: Path, apex: str) -> list[Path]:
    """The zone's files, wherever the export has them."""
    return list(folder.rglob(f"*{apex.rstrip('.')}*"))


async def _await_text(files: list[Path], apex: str) -> None:
    """Wait until the zone's file holds the new record."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if any("exported" in file.read_text() for file in files):
            return
        await asyncio.sleep(0.01)
    raise BenchError(f"export: the change is in no file of {apex} after {_PATIENCE:.0f} s")
