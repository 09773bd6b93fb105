"""Runs the campaign: `python -m tests.conformance.campaign --cases 20000`."""

import argparse
import os
import random
import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.conformance.campaign.ours import OurServer
from tests.conformance.campaign.peers import missing
from tests.conformance.campaign.run import ask, generate, servers
from tests.conformance.campaign.shrink import shrink
from tests.conformance.campaign.tally import Tally
from tests.conformance.campaign.world import place

WORLDS = 60
SHOWN = 5


def campaign(cases: int, seed: int, progress: Progress) -> Tally:
    """Run batches of worlds until so many cases are asked."""
    tally = Tally()
    bar = progress.add_task("asking", total=cases)
    batch = 0
    while tally.cases < cases:
        placed = place(generate(WORLDS, seed * 10_000 + batch))
        with servers(placed, OurServer) as running:
            tally.add(ask(placed, running))
        batch += 1
        progress.update(bar, completed=min(tally.cases, cases))
    return tally


def main() -> int:
    """Give 0 where every difference has a name."""
    parser = argparse.ArgumentParser(description="Ask NSD, Knot, BIND and ours the same questions.")
    parser.add_argument("--cases", type=int, default=int(os.environ.get("CASES") or 20_000))
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    chosen = parser.parse_args()
    console = Console()
    if missing():
        console.print(f"not installed: {', '.join(missing())}")
        return 2
    console.print(f"seed {chosen.seed}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        tally = campaign(chosen.cases, chosen.seed, progress)
    console.print(tally.tables())
    for found in tally.unexplained[:SHOWN]:
        console.rule(f"unexplained: {found.peer}")
        console.print(str(shrink(found, OurServer).case), markup=False, highlight=False)
    return 1 if tally.unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
