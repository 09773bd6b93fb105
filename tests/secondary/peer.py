"""Real servers as secondaries, each with the configuration that we print, unchanged."""

import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.live.port import free_port
from tests.secondary.primary import Primary

PROGRAMS = {"bind": "named", "knot": "knotd", "nsd": "nsd"}


class Peer:
    """One secondary, declared to the primary under its own name."""

    def __init__(
        self,
        primary: Primary,
        form: str,
        folder: Path,
        program: Callable[[str], str],
        *,
        host: str = "127.0.0.1",
        prefix: Iterable[str] = (),
    ) -> None:
        self.name = folder.name
        self.form = form
        self.host = host
        self.port = free_port()
        self._primary = primary
        self._folder = folder
        self._program = program
        self._prefix = list(prefix)
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir()
        folder.chmod(0o777)

    @property
    def control(self) -> str:
        """The command that adds and deletes zones, where the server reads no catalogs."""
        if self.form != "nsd":
            return ""
        return f"{self._program('nsd-control')} -c {self._folder}/nsd.conf"

    def declare(self) -> None:
        """Declare it to the primary."""
        words = ["secondary", "add", self.name, f"{self.host}:{self.port}"]
        if self.control:
            words += ["--control", self.control]
        self._primary.nsdctl(*words)

    def configure(self) -> None:
        """Write the configuration that the primary prints."""
        text = self._primary.nsdctl(
            *("secondary", "config", self.name, "--format", self.form),
            *("--folder", str(self._folder)),
            *("--primary", f"{self._primary.host}:{self._primary.port}"),
        )
        self.file.write_text(text)

    @property
    def file(self) -> Path:
        """Where its configuration is."""
        return self._folder / f"{PROGRAMS[self.form]}.conf"

    def start(self) -> None:
        """Start it; return when it answers something."""
        run = self._program(PROGRAMS[self.form])
        commands = {
            "bind": [run, "-g", "-c", str(self.file)],
            "knot": [run, "-c", str(self.file)],
            "nsd": [run, "-d", "-c", str(self.file)],
        }
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._prefix, *commands[self.form]], stdout=log, stderr=log, cwd=self._folder
            )
        until = time.monotonic() + 30
        while self.ask("version.invalid.", "A", seconds=0.2) is None:
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < until, self.log()
            time.sleep(0.02)

    def stop(self) -> None:
        """End it."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def log(self) -> str:
        """Give the end of what it said."""
        return (self._folder / "log").read_text(errors="replace")[-4000:]

    def ask(self, name: str, kind: str, *, seconds: float = 1.0) -> dns.message.Message | None:
        """Ask over UDP; None where nothing answers."""
        query = dns.message.make_query(name, kind)
        query.flags &= ~dns.flags.RD
        try:
            return dns.query.udp(query, self.host, timeout=seconds, port=self.port)
        except (dns.exception.Timeout, OSError):
            return None

    def serial(self, zone: str) -> int | None:
        """Give the serial of a zone that it serves."""
        answer = self.ask(zone, "SOA")
        if answer is None or answer.rcode() != dns.rcode.NOERROR or not answer.answer:
            return None
        if not answer.flags & dns.flags.AA or answer.answer[0].rdtype != dns.rdatatype.SOA:
            return None
        return int(answer.answer[0][0].serial)
