"""The bench's own load generator (`blast.c`): fresh cookies and names, fixed rates, percentiles.

It needs half of dnsperf's CPU time per query; a quick server leaves dnsperf behind.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import compiler
from bench.error import BenchError
from bench.load import Load

FRESH_COOKIE = "-8:8:raw"  # the packet's last 8 octets, where `packet.EDNS_COOKIE` has them
FRESH_NAME = "13:12:letters"  # the first label, where `corpus.absent` has 12 letters
_SOCKETS = 8
_WINDOW = 128  # Linux' default receive buffer holds some 160 small datagrams


@dataclass(frozen=True, slots=True)
class Blast:
    """The built generator; `rate` 0 keeps 128 queries outstanding, any other is an open loop."""

    program: Path

    def run(self, port: int, packets: Path, seconds: float, fresh: str = "", rate: int = 0) -> Load:
        with self.beside(port, packets, seconds, fresh, rate) as load:
            pass
        return load[0]

    @contextmanager
    def beside(
        self, port: int, packets: Path, seconds: float, fresh: str = "", rate: int = 0
    ) -> Iterator[list[Load]]:
        """Generate load while the block runs; what came of it is in the list afterwards."""
        words = [port, packets, seconds, _SOCKETS, _WINDOW, rate, *([fresh] if fresh else [])]
        found: list[Load] = []
        with subprocess.Popen(
            [str(self.program), *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield found
                output, complaint = process.communicate(timeout=seconds + 30)
            finally:
                process.kill()
        if process.returncode:
            raise BenchError(f"blast: {complaint.strip()}")
        found.append(_read(json.loads(output)))


def build(folder: Path) -> Blast:
    return Blast(compiler.build("blast", folder / "blast"))


def _read(report: dict[str, Any]) -> Load:
    return Load(
        qps=report["qps"],
        sent=report["sent"],
        received=report["received"],
        rcodes=report["rcodes"],
        latency={key: report[key] for key in ("p50", "p90", "p99", "p999")},
    )
