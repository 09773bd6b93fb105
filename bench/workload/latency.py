"""latency: percentiles at a fixed rate, half of what BIND can do here and now."""

from bench import packet
from bench.load import measure
from bench.metric import LOST, Metric
from bench.peer import Running
from bench.plan import Plan
from bench.room import Room
from bench.target import Target, beside
from bench.workload.query import SERVERS
from bench.workload.workload import Workload, alternate

_P50 = Metric("p50", "median", "µs", 1e6)
_P90 = Metric("p90", "90th", "µs", 1e6)
_P99 = Metric("p99", "99th percentile", "µs", 1e6)
_P999 = Metric("p999", "99.9th", "µs", 1e6)
_RATE = Metric("rate", "asked, queries/s")


class Latency(Workload):
    name = "latency"
    metrics = (_P99, _P50, _P90, _P999, LOST, _RATE)
    targets = (
        Target(
            "latency at half load: 99th, of BIND's",
            beside("latency", _P99, "bind"),
            2,
            at_most=True,
        ),
    )

    def title(self, _: Plan) -> str:
        return "latency: hot at a fixed rate, half of BIND's capacity, whether answers come or not"

    def run(self, room: Room) -> None:
        place = room.place(self.name)
        content = room.hot()
        packets = packet.write(place / "packets", content.questions)
        with room.servers(SERVERS, lambda kind: kind(place, content)) as servers:
            capacity = {
                server.name: room.blast.run(server.port, packets, room.plan.seconds / 2).qps
                for server in servers
            }
            if not capacity:
                return
            rate = int(capacity.get("bind", min(capacity.values())) / 2)

            def load(server: Running) -> None:
                found = measure(
                    server,
                    lambda: room.blast.run(server.port, packets, room.plan.seconds, rate=rate),
                ).load
                for metric in (_P50, _P90, _P99, _P999):
                    room.ledger.add(self.name, server.name, metric, found.latency[metric.key])
                room.ledger.add(self.name, server.name, LOST, found.lost)
                room.ledger.add(self.name, server.name, _RATE, rate)

            alternate(room, servers, load, room.plan.rounds)
