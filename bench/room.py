"""Where a run takes place: its plan, its temporary folder, its servers and its ledger."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import corpus
from bench.blast import Blast
from bench.corpus import Corpus
from bench.error import BenchError
from bench.ledger import Ledger
from bench.peer import Peer, Running
from bench.plan import Plan

Make = Callable[[Path], Peer]


@dataclass(slots=True)
class Room:
    """`chosen` names the servers that take part; `say` tells a person what goes on."""

    plan: Plan
    folder: Path
    ledger: Ledger
    blast: Blast
    chosen: frozenset[str]
    say: Callable[[str], None]
    _hot: Corpus | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def place(self, name: str) -> Path:
        """A new folder."""
        path = self.folder / f"{next(self._numbers):03d}-{name}"
        path.mkdir()
        return path

    def hot(self) -> Corpus:
        """The one zone that most workloads ask about."""
        if self._hot is None:
            self._hot = corpus.hot(self.place("hot-zone"), self.plan.hot_names)
        return self._hot

    @contextmanager
    def servers(
        self, kinds: Sequence[type[Peer]], make: Callable[[type[Peer]], Peer]
    ) -> Iterator[list[Running]]:
        """Start the chosen ones; one that cannot start is noted and left out."""
        with ExitStack() as stack:
            wanted = [kind for kind in kinds if kind.name in self.chosen]
            started = [self._start(stack, kind, make) for kind in wanted]
            yield [server for server in started if server]

    def _start(
        self, stack: ExitStack, kind: type[Peer], make: Callable[[type[Peer]], Peer]
    ) -> Running | None:
        self.say(f"starting {kind.title}")
        try:
            peer = make(kind)
            peer.prepare()
            return stack.enter_context(peer.running())
        except BenchError as error:
            self.fault(str(error))
            return None

    def fault(self, text: str) -> None:
        self.ledger.faults.append(text)
        self.say(f"[red]{text}[/red]")
