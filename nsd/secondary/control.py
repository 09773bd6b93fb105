"""Zones of servers that read no catalogs, added and deleted by the server's own control program.

NSD before 4.9 is one; the program is `nsd-control`, over the network or a socket.
"""

import asyncio
import shlex
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog

from nsd.errors import Invalid, NsdError, Unavailable
from nsd.secondary.config import NSD_PATTERN
from nsd.zone.name import WireName, from_text, lower, to_text

log = structlog.get_logger()

COMMAND_SECONDS: Final = 60.0
FIRST_RETRY_SECONDS: Final = 1.0
MOST_RETRY_SECONDS: Final = 60.0

FindZones = Callable[[], Coroutine[Any, Any, set[WireName]]]


class Control:
    """Keeps the zones of one server the same as those of its catalog."""

    def __init__(self, secondary: str, command: str, wanted: FindZones) -> None:
        self._secondary = secondary
        self._command = command
        self._wanted = wanted
        self._known: set[WireName] | None = None
        self._noted: dict[WireName, bool] = {}
        self._wake = asyncio.Event()
        self._wake.set()

    def note(self, apex: WireName, *, is_wanted: bool) -> None:
        """Remember that a zone shall be there, or not."""
        self._noted[apex] = is_wanted
        self._wake.set()

    def check(self) -> None:
        """Compare all zones anew."""
        self._known = None
        self._wake.set()

    async def run(self) -> None:
        """Add and delete zones, for ever."""
        retry = FIRST_RETRY_SECONDS
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._update()
                retry = FIRST_RETRY_SECONDS
            except (NsdError, OSError) as error:
                log.warning(
                    "the zones of a secondary cannot be set",
                    secondary=self._secondary,
                    why=str(error),
                    retry_in_seconds=retry,
                )
                self.check()
                await asyncio.sleep(retry)
                retry = min(2 * retry, MOST_RETRY_SECONDS)

    async def _update(self) -> None:
        noted, self._noted = self._noted, {}
        if self._known is None:
            known = _zones_in(await self._run("zonestatus"))
            wanted = await self._wanted()
        else:
            known = self._known
            wanted = (known | {apex for apex, here in noted.items() if here}) - {
                apex for apex, here in noted.items() if not here
            }
        if gone := known - wanted:
            await self._run("delzones", "".join(f"{to_text(apex)}\n" for apex in gone))
        if new := wanted - known:
            lines = (f"{to_text(apex)} {NSD_PATTERN}\n" for apex in new)
            await self._run("addzones", "".join(lines))
        self._known = wanted

    async def _run(self, verb: str, text: str = "") -> str:
        process = await asyncio.create_subprocess_exec(
            *shlex.split(self._command),
            verb,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                output, _ = await process.communicate(text.encode())
        except BaseException as error:
            process.kill()
            await process.wait()
            if isinstance(error, TimeoutError):
                raise Unavailable(f"'{self._command} {verb}' takes too long") from error
            raise
        said = output.decode(errors="replace")
        if process.returncode != 0:
            last = said.strip().splitlines()[-1:] or ["it printed nothing"]
            raise Unavailable(f"'{self._command} {verb}' ended with an error: {last[0]}")
        return said


def _zones_in(status: str) -> set[WireName]:
    zones = set()
    for line in status.splitlines():
        key, _, said = line.partition(":")
        if key == "zone" and said.strip():
            try:
                zones.add(lower(from_text(said.strip())))
            except Invalid:
                continue
    return zones
