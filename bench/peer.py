"""A server under test: what to install, how to configure it, and when it has started."""

import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from bench import packet
from bench.corpus import Corpus, Question
from bench.error import BenchError
from bench.process import Process

_START_LIMIT = 120.0  # seconds
_CREDENTIAL = "bench"


def free_port() -> int:
    """A port of 127.0.0.1 that is free on UDP and TCP right now."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        tcp.bind(("127.0.0.1", 0))
        udp.bind(tcp.getsockname())
        return int(tcp.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    peer: "Peer"
    process: Process
    start_seconds: float

    @property
    def name(self) -> str:
        return self.peer.name

    @property
    def port(self) -> int:
        return self.peer.port


class Peer(ABC):
    """One server with one worker, its files in `folder`, on free ports of 127.0.0.1."""

    name: ClassVar[str]
    title: ClassVar[str]
    program: ClassVar[str | None] = None
    package: ClassVar[str | None] = None

    def __init__(self, folder: Path, corpus: Corpus) -> None:
        self.folder = folder / self.name
        self.folder.mkdir(parents=True)
        self.corpus = corpus
        self.port = free_port()
        self.http_port = free_port()
        self.credential = _CREDENTIAL

    @abstractmethod
    def prepare(self) -> None:
        """Write the configuration and whatever else has to stand before the start."""

    @abstractmethod
    def command(self) -> list[str]:
        """The server in the foreground, logging to its standard output."""

    def environment(self) -> dict[str, str]:
        return {}

    @contextmanager
    def running(self) -> Iterator[Running]:
        """Start the server, wait for its first answer, and end it afterwards."""
        begun = time.perf_counter()
        process = Process(self.command(), self.folder / "log", self.environment())
        try:
            self._await_answer(process, begun)
            yield Running(self, process, time.perf_counter() - begun)
        except BenchError as error:
            raise BenchError(f"{self.title}: {error}") from error
        finally:
            process.stop()

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def _await_answer(self, process: Process, begun: float) -> None:
        while time.perf_counter() - begun < _START_LIMIT:
            process.check()
            if self._is_ready():
                return
            time.sleep(0.005)
        raise BenchError(f"no answer within {_START_LIMIT:.0f} s of its start")

    def _is_ready(self) -> bool:
        """Whether it answers for the last zone or, where it has none yet, takes API calls."""
        if self.corpus.last:
            return _answers(self.port, packet.query(Question(self.corpus.last), ident=4711))
        return _accepts(self.http_port)


def _accepts(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def _answers(port: int, ask: bytes, patience: float = 0.25) -> bool:
    """Whether 127.0.0.1 answers one query with RCODE 0."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(patience)
        sock.connect(("127.0.0.1", port))
        try:
            sock.send(ask)
            return sock.recv(4096)[3] & 15 == 0
        except (TimeoutError, ConnectionError):
            return False
