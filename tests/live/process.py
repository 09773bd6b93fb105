"""A process whose output is read as it comes, so that a test can wait for a line of it."""

import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

PATIENCE = 30.0  # seconds, for a machine under load


class Process:
    """A started program; `lines` is what it has printed on both outputs so far."""

    def __init__(
        self,
        *command: str,
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self._popen = subprocess.Popen(
            command,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=cwd,
        )
        self.lines: list[str] = []
        self._news = threading.Condition()
        pipes = (self._popen.stdout, self._popen.stderr)
        self._readers = [threading.Thread(target=self._read, args=(pipe,)) for pipe in pipes]
        self._reading = len(self._readers)
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_for_line(self, part: str, *, times: int = 1) -> str:
        """Give the line that holds `part`, the `times`-th one, once it has been printed."""
        deadline = time.monotonic() + PATIENCE
        with self._news:
            while True:
                found = [line for line in self.lines if part in line]
                if len(found) >= times:
                    return found[times - 1]
                left = deadline - time.monotonic()
                if not self._reading or left <= 0 or not self._news.wait(left):
                    raise AssertionError(f"{part!r} was not printed, but:\n{self.output}")

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._popen.send_signal(number)

    def stop(self) -> int:
        """Send SIGTERM; give the exit code."""
        self._popen.terminate()
        return self.wait()

    def kill(self) -> int:
        """Send SIGKILL; give the exit code."""
        self._popen.kill()
        return self.wait()

    def wait(self) -> int:
        """Wait for the end; what does not end is killed, and fails the test."""
        try:
            return self._popen.wait(PATIENCE)
        except subprocess.TimeoutExpired as error:
            self._popen.kill()
            self._popen.wait()
            raise AssertionError(f"it did not end:\n{self.output}") from error
        finally:
            for reader in self._readers:
                reader.join()

    def _read(self, pipe: IO[str]) -> None:
        with pipe:
            for line in pipe:
                with self._news:
                    self.lines.append(line)
                    self._news.notify_all()
        with self._news:
            self._reading -= 1
            self._news.notify_all()
