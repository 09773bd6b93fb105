"""Runs hostile packets for long: `python -m tests.property.fuzz --seconds 60`."""

import argparse
import random
import resource
import sys
import time
from collections import Counter

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.property.hostile import Hostile, judge, target

TURN = 500


def fuzz(seconds: float, seed: int, progress: Progress) -> Counter[str]:
    """Send packets until the time is over; count what came back."""
    server, hostile = target(), Hostile(random.Random(seed))
    counts: Counter[str] = Counter()
    start = time.monotonic()
    bar = progress.add_task("sending", total=seconds)
    while (passed := time.monotonic() - start) < seconds:
        for number in range(TURN):
            packet = hostile.packet()
            try:
                reply = judge(server, packet, tcp=number % 2 == 0)
            except Exception:
                progress.console.print(f"seed {seed}, packet {packet.hex()}")
                raise
            counts["dropped" if reply is None else f"rcode {reply[3] & 15}"] += 1
        progress.update(bar, completed=passed, description=f"{counts.total():,} packets")
    return counts


def main() -> int:
    """Give 0 where every packet was answered or dropped as defined."""
    parser = argparse.ArgumentParser(description="Send packets that nobody should send.")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    chosen = parser.parse_args()
    console = Console()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        counts = fuzz(chosen.seconds, chosen.seed, progress)
    table = Table("came back", "packets", title=f"{counts.total():,} packets, seed {chosen.seed}")
    for name, count in counts.most_common():
        table.add_row(name, f"{count:,}")
    console.print(table)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    console.print(f"memory grew by {grown:,} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
