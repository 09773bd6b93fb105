"""What one run of a load generator found."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bench.error import BenchError
from bench.peer import Running

_RIGHT = {"NOERROR", "NXDOMAIN", "0", "3"}


@dataclass(frozen=True, slots=True)
class Load:
    """Counts of queries; latencies in seconds by percentile name (`p50`, `p99`, …)."""

    qps: float
    sent: int
    received: int
    rcodes: Mapping[str, int]
    latency: Mapping[str, float] = field(default_factory=dict)

    @property
    def lost(self) -> float:
        """The share of queries that stayed without an answer."""
        return 1 - self.received / self.sent if self.sent else 0.0

    def check(self, server: str) -> None:
        """Raise BenchError unless all answers are answers: a refusal is quick but counts not."""
        wrong = sorted(self.rcodes.keys() - _RIGHT)
        if wrong or not self.received:
            raise BenchError(f"{server}: answered {', '.join(wrong) or 'nothing'}")


@dataclass(frozen=True, slots=True)
class Measured:
    """A load and the server's CPU time for it: seconds per query, and its share of a core.

    Where the share is well below 1, the load and not the server set the rate.
    """

    load: Load
    cpu: float
    busy: float


def measure(server: Running, generate: Callable[[], Load]) -> Measured:
    before, begun = server.process.cpu(), time.perf_counter()
    load = generate()
    spent, took = server.process.cpu() - before, time.perf_counter() - begun
    load.check(server.peer.title)
    return Measured(load, spent / load.received, spent / took)
