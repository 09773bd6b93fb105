"""DNS-OARC's dnsperf as load: a closed loop of 128 queries over 8 clients."""

import re
import subprocess
from pathlib import Path

from bench.error import BenchError, MissingProgramError
from bench.load import Load

PACKAGE = "dnsperf"


def run(port: int, questions: Path, seconds: float, *options: str) -> Load:
    command = ["dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", str(questions)]
    command += ["-c", "8", "-q", "128", "-t", "1", "-l", str(seconds), *options]
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=seconds + 30
        )
    except FileNotFoundError:
        raise MissingProgramError(f"dnsperf is not installed (Debian package {PACKAGE})") from None
    if done.returncode:
        raise BenchError(f"dnsperf: {done.stderr.strip() or done.stdout.strip()}")
    return parse(done.stdout, seconds)


def parse(text: str, seconds: float) -> Load:
    """Read dnsperf's report; raise BenchError where it is another program's.

    Its own rate is taken over the wait for lost queries as well; ours over `seconds`.
    """
    try:
        received = int(_find(r"Queries completed:\s+(\d+)", text))
        return Load(
            qps=received / seconds,
            sent=int(_find(r"Queries sent:\s+(\d+)", text)),
            received=received,
            rcodes={name: int(count) for name, count in re.findall(r"([A-Z]+) (\d+) \(", text)},
        )
    except LookupError:
        raise BenchError(f"dnsperf says what the bench cannot read: {text[-300:]}") from None


def _find(pattern: str, text: str) -> str:
    if match := re.search(pattern, text):
        return match[1]
    raise LookupError(pattern)
