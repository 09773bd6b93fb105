"""The zones of a server that reads no catalogs, set by a control program."""

import shlex
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from nsd.secondary import control as module
from nsd.secondary.control import Control
from nsd.zone.name import WireName, from_text

# What nsd-control does of this, with the options before the verb.
PROGRAM = """\
import os, pathlib, sys
folder, verb = pathlib.Path(sys.argv[1]), sys.argv[2]
with (folder / "calls").open("a") as calls:
    calls.write(f"{verb}\\n")
if (folder / "broken").exists():
    sys.exit("error: cannot connect")
assert not [name for name in os.environ if name.startswith("NSD_")]
zones = set((folder / "zones").read_text().split())
given = {line.split()[0] for line in sys.stdin}  # with the pattern behind each that is added
zones = zones | given if verb == "addzones" else zones - given
(folder / "zones").write_text(" ".join(sorted(zones)))
if verb == "zonestatus":
    print("".join(f"zone:\\t{zone}\\n\\tstate: ok\\n" for zone in zones))
"""


class Program:
    """A control program, and the zones that it has set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wanted: set[WireName] = set()
        self.pauses: list[float] = []
        (folder / "program.py").write_text(PROGRAM)
        self.put()

    def control(self) -> Control:
        words = [sys.executable, str(self.folder / "program.py"), str(self.folder)]
        return Control("ns1", shlex.join(words), self.find, self.sleep)

    async def find(self) -> set[WireName]:
        return self.wanted

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def want(self, *zones: str) -> None:
        self.wanted = {from_text(zone) for zone in zones}

    def put(self, *zones: str) -> None:
        (self.folder / "zones").write_text(" ".join(zones))

    def fail(self, *, is_broken: bool) -> None:
        broken = self.folder / "broken"
        if is_broken:
            broken.touch()
        else:
            broken.unlink()

    @property
    def zones(self) -> list[str]:
        return (self.folder / "zones").read_text().split()

    def take_calls(self) -> list[str]:
        """Give the verbs that the program was called with since this was last asked."""
        calls = self.folder / "calls"
        verbs = calls.read_text().split() if calls.exists() else []
        calls.write_text("")
        return verbs


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


async def test_at_first_all_zones_are_compared_with_those_of_the_catalog(program: Program) -> None:
    program.put("old.example.", "stray.example.")
    program.want("new.example.", "old.example.")
    await program.control().step()
    assert program.zones == ["new.example.", "old.example."]
    assert program.take_calls() == ["zonestatus", "delzones", "addzones"]


async def test_then_only_what_was_noted_is_added_and_deleted(program: Program) -> None:
    program.want("old.example.", "other.example.")
    control = program.control()
    await control.step()
    program.take_calls()
    control.note(from_text("new.example."), is_wanted=True)
    control.note(from_text("old.example."), is_wanted=False)
    control.note(from_text("other.example."), is_wanted=True)
    await control.step()
    assert program.zones == ["new.example.", "other.example."]
    assert program.take_calls() == ["delzones", "addzones"]


async def test_what_fails_is_done_again_after_pauses_that_double_up_to_a_minute(
    program: Program,
) -> None:
    program.want("new.example.")
    program.fail(is_broken=True)
    control = program.control()
    with capture_logs() as logs:
        for _ in range(8):
            await control.step()
    assert program.pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert {entry["event"] for entry in logs} == {"the zones of a secondary cannot be set"}
    assert "ended with an error: error: cannot connect" in logs[0]["why"]
    program.fail(is_broken=False)
    await control.step()
    assert program.zones == ["new.example."]
    control.compare()
    program.fail(is_broken=True)
    await control.step()
    assert program.pauses[8:] == [1], "a success ends the failure"


async def test_a_change_whose_command_failed_is_not_lost(program: Program) -> None:
    control = program.control()
    await control.step()
    program.fail(is_broken=True)
    program.want("new.example.")
    control.note(from_text("new.example."), is_wanted=True)
    await control.step()
    program.fail(is_broken=False)
    await control.step()
    assert program.zones == ["new.example."]


async def test_a_program_that_cannot_be_run_is_said_with_the_reason() -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async def none() -> set[WireName]:
        return set()

    for command, why in [("/nowhere/nsd-control", "No such file"), ("un'balanced", "quotation")]:
        with capture_logs() as logs:
            await Control("ns1", command, none, sleep).step()
        assert why in logs[0]["why"]
        assert logs[0]["why"].startswith(f"'{command}' cannot be run: ")
    assert pauses == [1, 1]


async def test_the_program_sees_nothing_of_our_settings(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NSD_DNS_COOKIE_SECRET", "00" * 16)
    program.want("new.example.")
    await program.control().step()
    assert program.zones == ["new.example."]


async def test_a_program_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COMMAND_SECONDS", 0.2)
    program = Program(tmp_path)
    command = shlex.join([sys.executable, "-c", "import time; time.sleep(60)"])
    with capture_logs() as logs:
        await Control("ns1", command, program.find, program.sleep).step()
    assert logs[0]["why"].endswith("zonestatus' takes too long")
