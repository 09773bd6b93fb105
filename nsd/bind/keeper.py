"""Keeps the files for BIND9 current beside a running server."""

import asyncio
import os
import signal
import tempfile
from asyncio.subprocess import Process
from collections.abc import Callable
from functools import partial
from typing import IO, Final

import structlog

from nsd.bind.export import BindExport, Outcome
from nsd.errors import CommandFailed
from nsd.settings import environment_for_others
from nsd.store.database import Database
from nsd.zone.name import WireName

log = structlog.get_logger()

GATHER_SECONDS: Final = 0.2  # changes within this time are exported together
AFTER_EXPORT_SECONDS: Final = 300.0
MOST_SAID: Final = 1000  # octets of a failed command's last line


class BindKeeper:
    """Exports what was noted, then runs the operator's command; `step` does it once."""

    def __init__(
        self, database: Database, open_export: Callable[[], BindExport], after_export: str
    ) -> None:
        self._database = database
        self._open_export = open_export
        self._after_export = after_export
        self._export: BindExport | None = None
        self._noted: set[WireName] = set()
        self._wake = asyncio.Event()
        self._wake.set()  # for what has changed before
        self._command_due = True  # nobody knows whether it worked before the last end

    def note(self, apex: WireName) -> None:
        """Remember that a zone has changed."""
        self._noted.add(apex)
        self._wake.set()

    async def step(self) -> None:
        """Wait for a change, export, and run the command; at first export everything.

        What fails is due again. Raises StoreError, Unavailable, CommandFailed.
        """
        await self._wake.wait()
        await asyncio.sleep(GATHER_SECONDS)
        self._wake.clear()
        try:
            await self._export_noted()
            await self._run_command()
        except BaseException:
            self._wake.set()
            raise

    async def _export_noted(self) -> None:
        """Export what was noted; what fails is noted again."""
        noted, self._noted = self._noted, set()
        try:
            export = self._export or self._open_export()
            work = export.everything if self._export is None else partial(export.some, noted)
            self._say(await self._database.read_long(work))
            self._export = export
        except BaseException:
            self._noted |= noted
            raise

    def _say(self, outcome: Outcome) -> None:
        if outcome:
            self._command_due = True
            log.info("exported zones for BIND9", written=outcome.written, removed=outcome.removed)

    async def _run_command(self) -> None:
        if not self._command_due or not self._after_export:
            return
        with tempfile.TemporaryFile() as output:
            code = await _run(self._after_export, output)
            if code:
                raise CommandFailed(f"ended with {code}: {_last_line(output)}")
        self._command_due = False


async def _run(command: str, output: IO[bytes]) -> int:
    """Run a command, not what it leaves in the background; give its exit code."""
    starting = asyncio.create_task(_start(command, output))
    try:
        process = await asyncio.shield(starting)  # a start that is cut short would leave it behind
        async with asyncio.timeout(AFTER_EXPORT_SECONDS):
            return await process.wait()
    except TimeoutError as error:
        raise CommandFailed(f"took longer than {AFTER_EXPORT_SECONDS:.0f} seconds") from error
    finally:
        await _end(await starting)


async def _start(command: str, output: IO[bytes]) -> Process:
    """Begin a command."""
    return await asyncio.create_subprocess_shell(
        command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,  # so that all that it starts can be ended with it
        env=environment_for_others(),
    )


async def _end(process: Process) -> None:
    """End a command that still runs, with all that it has started."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _last_line(output: IO[bytes]) -> str:
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - MOST_SAID))
    return "".join(output.read().decode(errors="replace").strip().splitlines()[-1:])
