"""What every test shares: a clean environment, real programs, and processes that always end."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

HERE = Path(__file__).parent

pytest_plugins = ["tests.live.fixtures"]

# Other people's load on the machine is no fault of the code under test.
settings.register_profile("suite", deadline=None, print_blob=True)
settings.load_profile("suite")


# No setting of the person who runs the tests reaches a test or a process that it starts.
for name in [name for name in os.environ if name.upper().startswith("NSD_")]:
    del os.environ[name]


def _packages() -> dict[str, str]:
    lines = (HERE / "debian-packages.txt").read_text().splitlines()
    words = [line.split() for line in lines if line and not line.startswith("#")]
    return {program: package for package, *programs in words for program in programs}


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """Give the path of a program, or skip the test and say which Debian package is missing."""
    package = _packages()
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])

    def find(name: str) -> str:
        where = package[name]
        return shutil.which(name, path=path) or pytest.skip(f"{name} is missing (Debian: {where})")

    return find


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start processes as `subprocess.Popen` does, with pipes as text; end them after the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(*command: str, **options: object) -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(command, text=True, **{**pipes, **options})  # type: ignore[call-overload]
        started.append(process)
        return process  # type: ignore[no-any-return]

    yield begin
    for process in reversed(started):
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.communicate(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
