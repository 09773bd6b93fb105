"""A server's process group on the server core: its CPU time, its memory, its end."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from bench import core
from bench.error import BenchError

_TICK = 1 / os.sysconf("SC_CLK_TCK")
_PATIENCE = 10.0  # seconds from SIGTERM to SIGKILL


class Process:
    """Started at once, in its own process group, which ends with it (and with the bench)."""

    def __init__(
        self, command: list[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.log = log
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *core.pinned(command, core.SERVER)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | dict(environment or {}),
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise BenchError if the process has ended on its own."""
        if (code := self._popen.poll()) is not None:
            raise BenchError(f"ended with {code}: {self._last_words()}")

    def cpu(self) -> float:
        """User and system time of the whole group so far, in seconds."""
        return sum(_ticks(pid) for pid in self._pids()) * _TICK

    def memory(self) -> float:
        """Proportional set size of the whole group, in megabytes (10^6 bytes)."""
        return sum(_kibibytes(pid) for pid in self._pids()) * 1024 / 1e6

    def members(self) -> int:
        """How many processes of the group live."""
        return len(self._pids())

    def wait(self) -> None:
        self._popen.wait()

    def stop(self) -> None:
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + _PATIENCE
        while self._pids() and time.monotonic() < deadline:
            self._popen.poll()
            time.sleep(0.01)
        self._signal(signal.SIGKILL)
        self._popen.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._pids():
            os.killpg(self._popen.pid, number)

    def _pids(self) -> list[int]:
        pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return [pid for pid in pids if _group(pid) == self._popen.pid]

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return " | ".join(lines[-3:]) or "it said nothing"


def _stat(pid: int) -> list[str]:
    """proc_pid_stat(5) from the third field on; empty once the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _group(pid: int) -> int:
    stat = _stat(pid)
    return int(stat[2]) if stat and stat[0] != "Z" else 0


def _ticks(pid: int) -> int:
    stat = _stat(pid)
    return int(stat[11]) + int(stat[12]) if stat else 0


def _kibibytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
