"""What every workload has: a name, figures, and what they have to reach."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar

from bench.error import BenchError
from bench.load import Measured
from bench.metric import BUSY, CPU, LOST, MEMORY, QPS, START, Metric
from bench.peer import Running
from bench.plan import Plan
from bench.room import Room
from bench.target import Target


class Workload(ABC):
    """Its first metric is the one that servers are compared by."""

    name: ClassVar[str]
    metrics: ClassVar[tuple[Metric, ...]]
    targets: ClassVar[tuple[Target, ...]] = ()

    @abstractmethod
    def title(self, plan: Plan) -> str:
        """A sentence that says what is measured, at which size."""

    @abstractmethod
    def run(self, room: Room) -> None:
        """Measure, and add samples to the room's ledger."""

    def note(self, room: Room, server: Running, measured: Measured) -> None:
        """Add a load's rate, CPU time, share of the core, and losses."""
        for metric, value in (
            (QPS, measured.load.qps),
            (CPU, measured.cpu),
            (BUSY, measured.busy),
            (LOST, measured.load.lost),
        ):
            room.ledger.add(self.name, server.name, metric, value)

    def note_start(self, room: Room, server: Running) -> None:
        room.ledger.add(self.name, server.name, START, server.start_seconds)
        room.ledger.add(self.name, server.name, MEMORY, server.process.memory())


def alternate(
    room: Room, servers: Sequence[Running], measure: Callable[[Running], None], rounds: int
) -> None:
    """A B C A B C …, so that a machine's drift meets all alike; one that fails is left out."""
    failed: set[str] = set()
    for number in range(1, rounds + 1):
        for server in servers:
            if server.name not in failed:
                room.say(f"round {number} of {rounds}: {server.peer.title}")
                try:
                    server.process.check()
                    measure(server)
                except BenchError as error:
                    failed.add(server.name)
                    room.fault(str(error))
