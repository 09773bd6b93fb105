"""limited: hot with every response counted by network and subject, beside no limits at all."""

from bench import packet
from bench.ledger import Ledger
from bench.load import measure
from bench.metric import BUSY, CPU, LOST, QPS
from bench.our_peer import OurPeer, WithLimits, WithoutLimits
from bench.peer import Running
from bench.plan import Plan
from bench.room import Room
from bench.target import Target
from bench.workload.workload import Workload, alternate


def _cost(ledger: Ledger) -> float | None:
    return ledger.ratio(Limited.name, CPU, WithLimits.name, WithoutLimits.name)


class Limited(Workload):
    name = "limited"
    metrics = (QPS, CPU, BUSY, LOST)
    targets = (Target("limited: CPU per query, of that without limits", _cost, 1.05, at_most=True),)

    def title(self, _: Plan) -> str:
        return "limited: hot from a network that is watched, nothing of it held back"

    def run(self, room: Room) -> None:
        place = room.place(self.name)
        content = room.hot()
        packets = packet.write(place / "packets", content.questions)

        def load(server: Running) -> None:
            run = room.blast.run
            measured = measure(server, lambda: run(server.port, packets, room.plan.seconds))
            self.note(room, server, measured)

        kinds = (WithLimits, WithoutLimits, OurPeer)
        with room.servers(kinds, lambda kind: kind(place, content)) as servers:
            for server in servers:
                room.blast.run(server.port, packets, room.plan.warm_up)
            alternate(room, servers, load, room.plan.rounds)
