"""transfer: query latency while a large zone is transferred."""

import threading
import time
from pathlib import Path

from bench import corpus, packet
from bench.axfr import Fetched, fetch
from bench.corpus import Corpus
from bench.error import BenchError
from bench.metric import Metric
from bench.our_peer import OurPeer
from bench.peer import Running
from bench.plan import Plan
from bench.room import Room
from bench.target import Target, own
from bench.workload.workload import Workload, alternate

_BESIDE_99 = Metric("beside-99", "beside transfers, 99th percentile", "ms", 1e3, 2)
_BESIDE_999 = Metric("beside-999", "99.9th", "ms", 1e3, 2)
_ALONE_99 = Metric("alone-99", "alone, 99th percentile", "ms", 1e3, 2)
_TOOK = Metric("took", "one transfer", "s", 1, 2)
_OCTETS = Metric("octets", "its size", "MB", 1e-6, 1)
_RATE = 5_000  # queries a second, which leaves room for the transfer


class Transfer(Workload):
    name = "transfer"
    metrics = (_BESIDE_99, _BESIDE_999, _ALONE_99, _TOOK, _OCTETS)
    targets = (
        Target(
            "transfer: query latency beside it, 99th",
            own("transfer", _BESIDE_99),
            10,
            at_most=True,
            digits=1,
            unit="ms",
        ),
    )

    def title(self, plan: Plan) -> str:
        return (
            f"transfer: {_RATE:,} queries a second while {plan.wide_names:,} names are transferred"
        )

    def run(self, room: Room) -> None:
        place = room.place(self.name)
        content = corpus.wide(room.place("transfer-zone"), room.plan.wide_names)
        packets = packet.write(place / "packets", content.questions)

        def load(server: Running) -> None:
            alone = room.blast.run(server.port, packets, room.plan.seconds, rate=_RATE)
            transfers = _Transfers(server.port, content.zones[0].apex)
            with transfers:
                beside = room.blast.run(server.port, packets, room.plan.seconds, rate=_RATE)
            for metric, value in (
                (_BESIDE_99, beside.latency["p99"]),
                (_BESIDE_999, beside.latency["p999"]),
                (_ALONE_99, alone.latency["p99"]),
                (_TOOK, transfers.seconds / len(transfers.fetched)),
                (_OCTETS, transfers.fetched[0].octets),
            ):
                room.ledger.add(self.name, server.name, metric, value)

        with room.servers([OurPeer], lambda _: _open(place, content)) as servers:
            alternate(room, servers, load, room.plan.few_rounds)


def _open(place: Path, content: Corpus) -> OurPeer:
    return OurPeer(place, content, '[transfer]\nallow = ["network=127.0.0.1"]\n')


class _Transfers:
    """Transfers, one after another, as long as the block runs."""

    def __init__(self, port: int, apex: str) -> None:
        self.fetched: list[Fetched] = []
        self.seconds = 0.0
        self._port, self._apex = port, apex
        self._error: BenchError | None = None
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        begun = time.perf_counter()
        try:
            while not self._ends.is_set():
                self.fetched.append(fetch(self._port, self._apex))
        except (BenchError, OSError) as error:
            self._error = BenchError(f"AXFR of {self._apex}: {error}")
        self.seconds = time.perf_counter() - begun
