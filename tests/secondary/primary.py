"""Our own server as a process, and its API over HTTP."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.live.port import free_port

ROOT = Path(__file__).parents[2]


def nsdctl(data: Path, *words: str, check: bool = True) -> str:
    """Run a command; give what it printed."""
    command = [sys.executable, "-m", "nsd", "--data", str(data), *words]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=_environment(), check=False
    )
    if check and done.returncode:
        raise AssertionError(f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout if check else done.stdout + done.stderr


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}


class Primary:
    """One server on a data folder; it can be killed and started again on the same ports."""

    def __init__(self, data: Path, *, host: str = "127.0.0.1", prefix: Sequence[str] = ()) -> None:
        self.data = data
        self.host = host
        self.port = free_port()
        self.http = free_port()
        self.config = data.with_suffix(".toml")
        self.config.write_text("")
        self.log = data.with_suffix(".log")
        self._prefix = list(prefix)
        self._process: subprocess.Popen[bytes] | None = None
        self.token = ""

    def nsdctl(self, *words: str, check: bool = True) -> str:
        """Run a command on the server's data."""
        return nsdctl(self.data, *words, "--config", str(self.config), check=check)

    def start(self) -> None:
        """Start the server; return when it answers."""
        command = [
            *self._prefix,
            *(sys.executable, "-m", "nsd", "serve"),
            *("--data", str(self.data), "--config", str(self.config)),
            *("--dns", f"{self.host}:{self.port}", "--http", f"127.0.0.1:{self.http}"),
        ]
        with self.log.open("ab") as log:
            began = log.tell()
            self._process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=log, env=_environment()
            )
        until = time.monotonic() + 60
        while b"nsdctl: DNS on" not in self.log.read_bytes()[began:]:
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.02)

    def kill(self) -> None:
        """End the server at once."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Ask the server to end."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def call(self, method: str, path: str, content: object = None) -> tuple[int, Any]:
        """Call the API as the administrator."""
        if not self.token:
            self.token = self.nsdctl("token", "create", "--user", "admin").strip()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http}/api/v1{path}",
            method=method,
            data=None if content is None else json.dumps(content).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                body = response.read()
                return response.status, json.loads(body) if body else None
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def ok(self, method: str, path: str, content: object = None) -> Any:
        """Call the API; expect success."""
        status, answer = self.call(method, path, content)
        assert status < 300, (method, path, status, answer)
        return answer
