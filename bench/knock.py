"""The bench's own load generator for fresh TCP connections (`knock.c`)."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench import compiler
from bench.error import BenchError
from bench.load import Load

_CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Knock:
    program: Path

    def run(self, port: int, packets: Path, seconds: float) -> Load:
        words = [port, packets, seconds, _CONNECTIONS]
        done = subprocess.run(
            [str(self.program), *map(str, words)],
            check=False,
            capture_output=True,
            text=True,
            timeout=seconds + 30,
        )
        if done.returncode:
            raise BenchError(f"knock: {done.stderr.strip()}")
        report = json.loads(done.stdout)
        return Load(report["qps"], report["sent"], report["received"], report["rcodes"])


def build(folder: Path) -> Knock:
    return Knock(compiler.build("knock", folder / "knock"))
