"""flood: a new name that doesn't exist in each query, beside hot from the same generator."""

from bench import blast, corpus, packet
from bench.load import measure
from bench.metric import LOST, Metric
from bench.pdns_peer import PdnsPeer
from bench.peer import Running
from bench.plan import Plan
from bench.room import Room
from bench.target import Target, quotient
from bench.workload.query import SERVERS
from bench.workload.workload import Workload, alternate

_FLOOD = Metric("flood", "missing names, queries/s")
_FLOOD_CPU = Metric("flood-cpu", "missing names, CPU", "µs", 1e6, 2)
_HOT = Metric("hot", "hot, queries/s")


class Flood(Workload):
    name = "flood"
    metrics = (_FLOOD, _FLOOD_CPU, LOST, _HOT)
    targets = (Target("flood: of our own hot", quotient("flood", _FLOOD, _HOT), 0.8),)

    def title(self, _: Plan) -> str:
        return "flood: random names that don't exist"

    def run(self, room: Room) -> None:
        place = room.place(self.name)
        content = room.hot()
        hot = packet.write(place / "hot", content.questions)
        missing = packet.write(place / "missing", corpus.absent(content, 64))
        seconds = room.plan.seconds

        def load(server: Running) -> None:
            plain = measure(server, lambda: room.blast.run(server.port, hot, seconds))
            flood = measure(
                server,
                lambda: room.blast.run(server.port, missing, seconds, blast.FRESH_NAME),
            )
            for metric, value in (
                (_FLOOD, flood.load.qps),
                (_FLOOD_CPU, flood.cpu),
                (LOST, flood.load.lost),
                (_HOT, plain.load.qps),
            ):
                room.ledger.add(self.name, server.name, metric, value)

        with room.servers((*SERVERS, PdnsPeer), lambda kind: kind(place, content)) as servers:
            for server in servers:
                room.blast.run(server.port, hot, room.plan.warm_up)
            alternate(room, servers, load, room.plan.few_rounds)
