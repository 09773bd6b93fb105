"""What a reader has to know of the machine and the programs behind the figures."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from bench import core
from bench.plan import Plan

_VERSIONS = {
    "NSD": ["nsd", "-v"],
    "Knot DNS": ["knotd", "--version"],
    "BIND": ["named", "-v"],
    "PowerDNS": ["pdns_server", "--version"],
}


def facts(plan: Plan) -> list[str]:
    """Paragraphs for the head of the page."""
    cores = len(os.sched_getaffinity(0))
    system = f"{_processor()}, {cores} cores, Linux {platform.release()}"
    place = "the load shares its core" if core.SHARED else "the load has another core"
    versions = ", ".join(f"{name} {_version(words)}" for name, words in _VERSIONS.items())
    run = (
        f"A {plan.name} run of `python -m bench` on {datetime.now(UTC):%Y-%m-%d}: {system}, "
        f"Python {platform.python_version()}, {versions}."
    )
    reading = (
        f"Each server has one worker on one core; {place}. Figures are medians over up to "
        f"{plan.rounds} alternating rounds. Machines differ and drift: only the ratios within "
        "one run count."
    )
    return [run, reading]


def _processor() -> str:
    text = Path("/proc/cpuinfo").read_text()
    found = re.search(r"model name\s*:\s*(.+)", text)
    return found[1] if found else platform.machine()


def _version(words: list[str]) -> str:
    try:
        done = subprocess.run(words, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        return "(not installed)"
    found = re.search(r"\d+\.\d+(\.\d+)?", done.stdout + done.stderr)
    return found[0] if found else "?"
