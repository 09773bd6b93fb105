"""edns: hot without EDNS, with EDNS and DO, and with a different client cookie in each query."""

from functools import partial

from bench import blast, packet
from bench.load import measure
from bench.metric import Metric
from bench.our_peer import WithoutCookies
from bench.peer import Running
from bench.plan import Plan
from bench.room import Room
from bench.target import Target, quotient
from bench.workload.query import SERVERS
from bench.workload.workload import Workload, alternate

_PLAIN = Metric("plain", "plain, queries/s")
_DO = Metric("do", "EDNS and DO, queries/s")
_COOKIE = Metric("cookie", "fresh cookies, queries/s")
_PLAIN_CPU = Metric("plain-cpu", "plain, CPU", "µs", 1e6, 2)
_DO_CPU = Metric("do-cpu", "EDNS and DO, CPU", "µs", 1e6, 2)
_COOKIE_CPU = Metric("cookie-cpu", "fresh cookies, CPU", "µs", 1e6, 2)


class Edns(Workload):
    name = "edns"
    metrics = (_COOKIE, _DO, _PLAIN, _COOKIE_CPU, _DO_CPU, _PLAIN_CPU)
    targets = (
        Target("edns: with cookies, of our own hot", quotient("edns", _COOKIE, _PLAIN), 0.8),
    )

    def title(self, _: Plan) -> str:
        return "edns: hot with EDNS and DO, and with a fresh client cookie in each query"

    def run(self, room: Room) -> None:
        place = room.place(self.name)
        content = room.hot()
        variants = [
            (_PLAIN, _PLAIN_CPU, b"", ""),
            (_DO, _DO_CPU, packet.EDNS, ""),
            (_COOKIE, _COOKIE_CPU, packet.EDNS_COOKIE, blast.FRESH_COOKIE),
        ]
        loads = [
            (rate, cpu, packet.write(place / rate.key, content.questions, opt), fresh)
            for rate, cpu, opt, fresh in variants
        ]

        def load(server: Running) -> None:
            for rate, cpu, packets, fresh in loads:
                run = partial(room.blast.run, server.port, packets, room.plan.seconds, fresh)
                measured = measure(server, run)
                room.ledger.add(self.name, server.name, rate, measured.load.qps)
                room.ledger.add(self.name, server.name, cpu, measured.cpu)

        with room.servers((*SERVERS, WithoutCookies), lambda kind: kind(place, content)) as servers:
            for server in servers:
                room.blast.run(server.port, loads[0][2], room.plan.warm_up)
            alternate(room, servers, load, room.plan.few_rounds)
