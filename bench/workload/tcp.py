"""tcp: hot over kept connections, and with a fresh connection for each query."""

from bench import dnsperf, knock, packet
from bench.load import measure
from bench.metric import Metric
from bench.peer import Running
from bench.plan import Plan
from bench.room import Room
from bench.target import Target, beside
from bench.workload.query import SERVERS
from bench.workload.workload import Workload, alternate

_KEPT = Metric("kept", "connections kept, queries/s")
_FRESH = Metric("fresh", "connections fresh, queries/s")
_KEPT_CPU = Metric("kept-cpu", "kept, CPU", "µs", 1e6, 1)
_FRESH_CPU = Metric("fresh-cpu", "fresh, CPU", "µs", 1e6, 1)


class Tcp(Workload):
    name = "tcp"
    metrics = (_KEPT, _FRESH, _KEPT_CPU, _FRESH_CPU)
    targets = (
        Target("tcp, kept: queries/s, of BIND's", beside("tcp", _KEPT, "bind"), 1, aim=True),
        Target("tcp, fresh: queries/s, of BIND's", beside("tcp", _FRESH, "bind"), 1, aim=True),
    )

    def title(self, _: Plan) -> str:
        return "tcp: hot over TCP, connections kept and connections fresh"

    def run(self, room: Room) -> None:
        place = room.place(self.name)
        content = room.hot()
        text = packet.write_text(place / "questions", content.questions)
        packets = packet.write(place / "packets", content.questions)
        generator = knock.build(place)
        seconds = room.plan.seconds

        def load(server: Running) -> None:
            kept = measure(server, lambda: dnsperf.run(server.port, text, seconds, "-m", "tcp"))
            fresh = measure(server, lambda: generator.run(server.port, packets, seconds))
            for metric, value in (
                (_KEPT, kept.load.qps),
                (_FRESH, fresh.load.qps),
                (_KEPT_CPU, kept.cpu),
                (_FRESH_CPU, fresh.cpu),
            ):
                room.ledger.add(self.name, server.name, metric, value)

        with room.servers(SERVERS, lambda kind: kind(place, content)) as servers:
            alternate(room, servers, load, room.plan.few_rounds)
