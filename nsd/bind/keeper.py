"""Keeps the files for BIND9 current beside a running server."""

import asyncio
import os
import signal
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog

from nsd.bind.export import BindExport, Outcome
from nsd.errors import CommandFailed, NsdError
from nsd.store.database import Database
from nsd.zone.name import WireName

log = structlog.get_logger()

GATHER_SECONDS: Final = 0.2  # changes within this time are exported together
FIRST_RETRY_SECONDS: Final = 1.0
MAX_RETRY_SECONDS: Final = 60.0
AFTER_EXPORT_SECONDS: Final = 300.0


class BindKeeper:
    """Exports what was noted, then runs the operator's command; both are tried until they work."""

    def __init__(
        self, database: Database, open_export: Callable[[], BindExport], after_export: str
    ) -> None:
        self._database = database
        self._open_export = open_export
        self._after_export = after_export
        self._noted: set[WireName] = set()
        self._wake = asyncio.Event()
        self._command_due = True  # nobody knows whether it worked before the last end

    def note(self, apex: WireName) -> None:
        """Remember that a zone has changed."""
        self._noted.add(apex)
        self._wake.set()

    async def run(self) -> None:
        """Export everything once, then what is noted, for ever."""
        retry = FIRST_RETRY_SECONDS
        export: BindExport | None = None
        while True:
            self._wake.clear()
            try:
                export = await self._export(export)
                await self._run_command()
                retry = FIRST_RETRY_SECONDS
            except NsdError as error:
                log.error("the export for BIND9 failed", why=error.detail, retry_in_seconds=retry)  # noqa: TRY400
                await asyncio.sleep(retry)
                retry = min(2 * retry, MAX_RETRY_SECONDS)
                continue
            await self._wake.wait()
            await asyncio.sleep(GATHER_SECONDS)

    async def _export(self, export: BindExport | None) -> BindExport:
        """Export what was noted; what fails is noted again."""
        noted, self._noted = self._noted, set()
        try:
            if export is None:
                export = self._open_export()
                outcome = await self._database.read_apart(export.everything)
            else:
                outcome = await self._database.read_apart(partial(export.some, noted))
        except BaseException:
            self._noted |= noted
            raise
        self._say(outcome)
        return export

    def _say(self, outcome: Outcome) -> None:
        if outcome:
            self._command_due = True
            log.info("exported zones for BIND9", written=outcome.written, removed=outcome.removed)

    async def _run_command(self) -> None:
        if not self._command_due or not self._after_export:
            return
        process = await asyncio.create_subprocess_shell(
            self._after_export,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # so that all that it starts can be ended with it
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(), AFTER_EXPORT_SECONDS)
        except TimeoutError as error:
            raise CommandFailed(f"took longer than {AFTER_EXPORT_SECONDS:.0f} seconds") from error
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if process.returncode != 0:
            last = output.decode(errors="replace").strip().splitlines()[-1:]
            raise CommandFailed(f"ended with {process.returncode}: {''.join(last)}")
        self._command_due = False
