"""The Debian packages of the peers: found, installed where this may, or named."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

NEEDED = {
    "nsd": "nsd",
    "knotd": "knot",
    "named": "bind9",
    "pdns_server": "pdns-server",
    "dnsperf": "dnsperf",
    "gcc": "gcc",
    "taskset": "util-linux",
}
_WITH = {"pdns-server": ["pdns-backend-bind", "pdns-backend-sqlite3"], "gcc": ["libc6-dev"]}
_POLICY = Path("/usr/sbin/policy-rc.d")


def missing() -> list[str]:
    """Packages whose program is not there (servers live in sbin, which few have in their PATH)."""
    os.environ["PATH"] += os.pathsep + os.pathsep.join(("/usr/local/sbin", "/usr/sbin", "/sbin"))
    return [package for program, package in NEEDED.items() if shutil.which(program) is None]


def provide(packages: Iterable[str], say: Callable[[str], None]) -> None:
    """Install with apt where this is root on a Debian; otherwise say what to install."""
    wanted = [name for package in packages for name in (package, *_WITH.get(package, ()))]
    if not wanted:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        say(f"not installed, and left out: {' '.join(wanted)} (apt-get install them to compare)")
        return
    say(f"installing {' '.join(wanted)}")
    with _no_service_starts():
        _apt("update", "-qq")
        _apt("install", "-y", "-qq", "--no-install-recommends", *wanted)


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """No nameserver takes port 53 because its package was installed."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()


def _apt(*words: str) -> None:
    subprocess.run(
        ["apt-get", *words],
        check=False,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
