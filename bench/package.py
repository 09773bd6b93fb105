"""The Debian packages of the peers: found, installed where this may, or named."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable

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
# Debian's scripts start no service while this says that they may not.
_QUIET = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}


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
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *wanted]):
        subprocess.run(
            ["apt-get", *words],
            check=False,
            env=os.environ | _QUIET,
            stdout=subprocess.DEVNULL,
        )
