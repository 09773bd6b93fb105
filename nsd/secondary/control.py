"""Zones of servers that read no catalogs, added and deleted by the server's own control program.

NSD before 4.9 is one; the program is `nsd-control`, over the network or a socket.
"""

import asyncio
import shlex
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import structlog

from nsd.errors import Invalid, NsdError, Unavailable
from nsd.secondary.config import NSD_PATTERN
from nsd.settings import environment_for_others
from nsd.zone.name import WireName, from_text, lower, to_text

log = structlog.get_logger()

COMMAND_SECONDS: Final = 60.0
FIRST_RETRY_SECONDS: Final = 1.0
MOST_RETRY_SECONDS: Final = 60.0

FindZones = Callable[[], Coroutine[Any, Any, set[WireName]]]


class Control:
    """Keeps the zones of one server the same as those of its catalog.

    `sleep` waits for seconds.
    """

    def __init__(
        self,
        secondary: str,
        command: str,
        wanted: FindZones,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._secondary = secondary
        self._command = command
        self._wanted = wanted
        self._sleep = sleep
        self._known: set[WireName] = set()
        self._is_known = False  # what zones there are; else all are compared
        self._noted: dict[WireName, bool] = {}
        self._failures = 0  # in a row
        self._wake = asyncio.Event()
        self._wake.set()

    def note(self, apex: WireName, *, is_wanted: bool) -> None:
        """Remember that a zone shall be there, or not."""
        self._noted[apex] = is_wanted
        self._wake.set()

    def compare(self) -> None:
        """Compare all zones anew."""
        self._is_known = False
        self._wake.set()

    async def run(self) -> None:
        """Add and delete zones, for ever."""
        while True:
            await self.step()

    async def step(self) -> None:
        """Wait until there is something to do, and do it.

        What fails is done again, by comparing all zones, after a pause that doubles each time.
        """
        await self._wake.wait()
        self._wake.clear()
        try:
            await self._update()
        except NsdError as error:
            self.compare()
            await self._pause(error.detail)
        else:
            self._failures = 0

    async def _pause(self, why: str) -> None:
        seconds = min(FIRST_RETRY_SECONDS * 2.0 ** min(self._failures, 10), MOST_RETRY_SECONDS)
        self._failures += 1
        log.warning(
            "the zones of a secondary cannot be set",
            secondary=self._secondary,
            why=why,
            retry_in_seconds=seconds,
        )
        await self._sleep(seconds)

    async def _update(self) -> None:
        noted, self._noted = self._noted, {}
        if self._is_known:
            known = self._known
            wanted = known.union(apex for apex, is_wanted in noted.items() if is_wanted)
            wanted.difference_update(apex for apex, is_wanted in noted.items() if not is_wanted)
        else:
            self._is_known = True
            known = _zones_in(await self._run("zonestatus"))
            wanted = await self._wanted()
        if gone := known - wanted:
            await self._run("delzones", "".join(f"{to_text(apex)}\n" for apex in gone))
        if new := wanted - known:
            lines = (f"{to_text(apex)} {NSD_PATTERN}\n" for apex in new)
            await self._run("addzones", "".join(lines))
        self._known = wanted

    async def _run(self, verb: str, text: str = "") -> str:
        """Run the program; give what it printed. Raises Unavailable."""
        process = await self._begin(verb)
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                output, _ = await process.communicate(text.encode())
        except TimeoutError:
            raise Unavailable(f"'{self._command} {verb}' takes too long") from None
        finally:
            await _end(process)
        said = output.decode(errors="replace")
        if process.returncode != 0:
            last = said.strip().splitlines()[-1:] or ["it printed nothing"]
            raise Unavailable(f"'{self._command} {verb}' ended with an error: {last[0]}")
        return said

    async def _begin(self, verb: str) -> Process:
        try:
            return await asyncio.create_subprocess_exec(
                *shlex.split(self._command),
                verb,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env=environment_for_others(),
            )
        except (OSError, ValueError) as error:
            raise Unavailable(f"'{self._command}' cannot be run: {error}") from error


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()


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
