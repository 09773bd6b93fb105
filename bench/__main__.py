"""`python -m bench`: measure, print, and write the page and the plot."""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bench import blast, core, machine, markdown, package, plot, report, table
from bench.bind_peer import BindPeer
from bench.error import BenchError
from bench.floor_peer import FloorPeer
from bench.knot_peer import KnotPeer
from bench.ledger import Ledger
from bench.nsd_peer import NsdPeer
from bench.our_peer import OurPeer, WithLimits, WithoutCookies, WithoutLimits
from bench.pdns_peer import PdnsPeer, PdnsSqlitePeer
from bench.peer import Peer
from bench.plan import FULL, SHORT
from bench.room import Room
from bench.workload.order import ALL

_ROOT = Path(__file__).parent.parent
_RESULTS = _ROOT / "bench" / "results"
_DOCS = _ROOT / "docs"
_KINDS: dict[str, tuple[type[Peer], ...]] = {
    "nsd": (NsdPeer,),
    "knot": (KnotPeer,),
    "bind": (BindPeer,),
    "pdns": (PdnsPeer, PdnsSqlitePeer),
    "floor": (FloorPeer,),
    "ours": (OurPeer, WithoutCookies, WithLimits, WithoutLimits),
}
_TITLES = {kind.name: kind.title for kinds in _KINDS.values() for kind in kinds}


def main() -> int:
    options = _parser().parse_args()
    # A signal unwinds the stack like an error does, so that every server is stopped.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _: sys.exit(128 + got))
    console = Console() if sys.stdout.isatty() else Console(width=140)
    begun = time.monotonic()

    def say(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - begun:6.1f} s[/dim]  {text}", highlight=False)

    package.provide(package.missing(), say)
    plan = SHORT if options.short else FULL
    facts = machine.facts(plan)
    workloads = [workload() for workload in ALL if workload.name in options.only]
    chosen = frozenset(kind.name for name in {*options.peers, "ours"} for kind in _KINDS[name])
    core.take_load_core()
    with tempfile.TemporaryDirectory(prefix="nsdctl-bench-") as folder:
        place = Path(folder)
        room = Room(plan, place, Ledger(), blast.build(place), chosen, say)
        for workload in workloads:
            console.print(f"[bold]{workload.title(plan)}[/bold]", highlight=False)
            try:
                workload.run(room)
            except BenchError as error:
                room.fault(f"{workload.name}: {error}")
    found = report.compose(workloads, room.ledger, plan, _TITLES, facts)
    table.show(found, console)
    picture = plot.draw(workloads, room.ledger, _TITLES)
    _write(_RESULTS, markdown.page(found, "bench.svg"), picture)
    if options.publish:
        _write(_DOCS, markdown.page(found, "bench.svg"), picture)
    say(f"written to {_RESULTS.relative_to(_ROOT)}")
    return 0


def _write(folder: Path, page: str, picture: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.md").write_text(page)
    (folder / "bench.svg").write_text(picture)


def _parser() -> argparse.ArgumentParser:
    names = [workload.name for workload in ALL]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="small sizes, about two minutes")
    parser.add_argument(
        "--only", type=_some_of(names), default=names, help=f"some of {','.join(names)}"
    )
    parser.add_argument(
        "--peers",
        type=_some_of(list(_KINDS)),
        default=list(_KINDS),
        help=f"some of {','.join(_KINDS)}; ours is always among them",
    )
    parser.add_argument("--publish", action="store_true", help="write to docs/ as well")
    return parser


def _some_of(names: list[str]) -> Callable[[str], list[str]]:
    def choose(text: str) -> list[str]:
        chosen = text.split(",")
        if unknown := sorted(set(chosen) - set(names)):
            raise argparse.ArgumentTypeError(f"no such one: {', '.join(unknown)}")
        return chosen

    return choose


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(f"bench: {error}")
