"""One secondary, and how it comes to serve what has changed: it is told, then asked.

Each zone that the secondary does not serve as it should is pursued by steps: a NOTIFY until it
is answered (RFC 1996), then looks at the SOA until it shows the serial, and a NOTIFY anew where
that takes long. Between the steps a pursuit is an entry in a heap, not a task.
"""

import asyncio
import contextlib
import heapq
import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import structlog

from nsd.account.keyring import Keyring
from nsd.client import question
from nsd.client.courier import Courier
from nsd.errors import BadAnswer, NoAnswer
from nsd.message.transport import Transport
from nsd.rcode import rcode_text
from nsd.secondary.directory import Directory
from nsd.store.secondaries import Secondary, Seen
from nsd.zone import rrtypes, serial
from nsd.zone.name import WireName, to_text

log = structlog.get_logger()

AT_ONCE: Final = 32  # questions under way to one secondary
ANSWER_SECONDS: Final = 2.0
FIRST_LOOK_SECONDS: Final = 0.01
MOST_LOOK_SECONDS: Final = 60.0
FIRST_RETRY_SECONDS: Final = 1.0
MOST_RETRY_SECONDS: Final = 60.0
NOTIFY_AGAIN_SECONDS: Final = 5.0
GIVE_UP_GONE_SECONDS: Final = 3600.0
SILENT_AFTER: Final = 3  # questions in a row without an answer


class _Pursuit:
    """A zone on its way; `serial` is the wanted one, None for a zone that shall be gone."""

    __slots__ = ("apex", "began", "busy", "due", "looks", "notified_at", "serial", "tries")

    def __init__(self, apex: WireName, wanted: int | None, now: float) -> None:
        self.apex = apex
        self.busy = False
        self.want(wanted, now)

    def want(self, wanted: int | None, now: float) -> None:
        self.serial = wanted
        self.began = self.due = now
        self.looks = self.tries = 0
        self.notified_at: float | None = now if wanted is None else None


class Watch:
    """What is known of one secondary; `seen` tells by zone what it was last seen to serve."""

    def __init__(
        self,
        secondary: Secondary,
        directory: Directory,
        keyring: Keyring,
        courier: Courier,
        seen: dict[WireName, Seen],
        progress: Callable[[], None],
    ) -> None:
        self.secondary = secondary
        self.seen = seen
        self.changed: set[WireName] = set()  # zones whose `seen` is not stored yet
        self._directory = directory
        self._keyring = keyring
        self._courier = courier
        self._progress = progress
        self._open: dict[WireName, _Pursuit] = {}
        self._heap: list[tuple[float, int, _Pursuit]] = []
        self._numbers = itertools.count()
        self._wake = asyncio.Event()
        self._ended = asyncio.Event()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._steps: set[asyncio.Task[None]] = set()
        self._unanswered = 0

    def pursue(self, apex: WireName, wanted: int | None) -> None:
        """See to it that the secondary serves a serial of a zone, or, for None, not the zone."""
        now = time.monotonic()
        pursuit = self._open.get(apex)
        if pursuit is None:
            pursuit = self._open[apex] = _Pursuit(apex, wanted, now)
        else:
            pursuit.want(wanted, now)
        if not self.serves(apex, wanted):
            known = self.seen.get(apex) or Seen(None, None, None, "")
            if known.behind_since is None:
                self._see(apex, replace(known, behind_since=int(time.time())))
        if not pursuit.busy:
            self._schedule(pursuit, now)

    def look(self, apex: WireName, wanted: int) -> None:
        """Look what the secondary serves of a zone, unless that is being seen to."""
        if apex not in self._open:
            now = time.monotonic()
            pursuit = self._open[apex] = _Pursuit(apex, wanted, now)
            pursuit.notified_at = now
            self._schedule(pursuit, now)

    def forget(self, apex: WireName) -> None:
        """Leave a zone alone that is the secondary's no longer."""
        self._open.pop(apex, None)
        if self.seen.pop(apex, None) is not None:
            self.changed.add(apex)

    def serves(self, apex: WireName, wanted: int | None) -> bool:
        """Tell whether the secondary was seen to serve a serial or a newer one; None: nothing."""
        seen = self.seen.get(apex)
        if seen is None or seen.serial is None:
            return wanted is None
        return wanted is not None and not serial.is_newer(wanted, than=seen.serial)

    @property
    def is_silent(self) -> bool:
        """Whether the last questions had no answer."""
        return self._unanswered >= SILENT_AFTER

    async def has_room(self) -> None:
        """Wait until few steps wait for their turn."""
        while len(self._open) > 4 * AT_ONCE:
            self._ended.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._ended.wait()

    async def run(self) -> None:
        """Take the steps of all pursuits when they are due, for ever."""
        try:
            while True:
                self._wake.clear()
                await self._begin_due_steps()
                await self._wait()
        finally:
            for step in self._steps:
                step.cancel()
            await asyncio.gather(*self._steps, return_exceptions=True)

    async def _begin_due_steps(self) -> None:
        heap = self._heap
        while heap and heap[0][0] <= time.monotonic():
            due, _, pursuit = heapq.heappop(heap)
            if pursuit.busy or pursuit.due != due or self._open.get(pursuit.apex) is not pursuit:
                continue  # it was scheduled anew, or is over
            await self._room.acquire()
            pursuit.busy = True
            step = asyncio.create_task(self._step(pursuit))
            self._steps.add(step)
            step.add_done_callback(self._steps.discard)

    async def _wait(self) -> None:
        seconds = self._heap[0][0] - time.monotonic() if self._heap else None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    def _schedule(self, pursuit: _Pursuit, due: float) -> None:
        pursuit.due = due
        heapq.heappush(self._heap, (due, next(self._numbers), pursuit))
        self._wake.set()

    async def _step(self, pursuit: _Pursuit) -> None:
        delay: float | None
        try:
            if pursuit.notified_at is None:
                delay = await self._notify(pursuit)
            else:
                delay = await self._look(pursuit)
        except Exception:
            log.exception("a step with a secondary failed", secondary=self.secondary.name)
            delay = MOST_RETRY_SECONDS
        finally:
            pursuit.busy = False
            self._room.release()
        if delay is None:
            self._open.pop(pursuit.apex, None)
            self._ended.set()
        elif self._open.get(pursuit.apex) is pursuit:
            self._schedule(pursuit, time.monotonic() + delay)

    async def _notify(self, pursuit: _Pursuit) -> float:
        """Tell the secondary that a zone has changed; give the seconds to the next step."""
        wanted = pursuit.serial
        try:
            answer = await self._ask(question.notify(pursuit.apex))
        except NoAnswer as error:
            self._fail(pursuit.apex, f"NOTIFY: {error}")
            pursuit.tries += 1
            return float(min(FIRST_RETRY_SECONDS * 2 ** (pursuit.tries - 1), MOST_RETRY_SECONDS))
        if answer.header.rcode:  # a new zone may not be known there yet: the looks will tell
            self._fail(pursuit.apex, f"NOTIFY: the answer is {rcode_text(answer.header.rcode)}")
        if pursuit.serial == wanted:
            pursuit.notified_at = time.monotonic()
        return FIRST_LOOK_SECONDS

    async def _look(self, pursuit: _Pursuit) -> float | None:
        """Look at the secondary's SOA; give the seconds to the next step, None after the last."""
        apex = pursuit.apex
        try:
            # Knot DNS gives a catalog's SOA over TCP only.
            is_catalog = apex in self._directory.catalogs
            transport = Transport.TCP if is_catalog else Transport.UDP
            answer = await self._ask(question.ask(apex, rrtypes.SOA), transport)
            found = question.serial_in(answer, apex)
        except (NoAnswer, ValueError) as error:
            self._fail(apex, f"SOA: {error}")
        else:
            self._found(pursuit, found, answer.header.rcode)
            if self.serves(apex, pursuit.serial):
                return None
        return self._next_look(pursuit)

    def _found(self, pursuit: _Pursuit, found: int | None, rcode: int) -> None:
        apex, now = pursuit.apex, int(time.time())
        known = self.seen.get(apex)
        since = None if known is None else known.behind_since
        error = f"SOA: the answer is {rcode_text(rcode)}" if found is None else ""
        self._see(apex, Seen(found, now, since, error))
        if self.serves(apex, pursuit.serial):
            if pursuit.serial is None:
                self.forget(apex)
            else:
                self._see(apex, Seen(found, now, None, ""))
            self._progress()
        elif since is None:
            self._see(apex, Seen(found, now, now, error))
            pursuit.notified_at = None

    def _next_look(self, pursuit: _Pursuit) -> float | None:
        now = time.monotonic()
        age = now - pursuit.began
        if pursuit.serial is None:
            if age > GIVE_UP_GONE_SECONDS:
                log.warning(
                    "a secondary still serves a zone that is gone",
                    secondary=self.secondary.name,
                    zone=to_text(pursuit.apex),
                )
                self.forget(pursuit.apex)
                return None
        elif now - (pursuit.notified_at or now) > max(NOTIFY_AGAIN_SECONDS, age / 4):
            pursuit.notified_at = None
        pursuit.looks += 1
        slowest = min(max(1.0, age / 10), MOST_LOOK_SECONDS)
        return min(FIRST_LOOK_SECONDS * 1.5 ** min(pursuit.looks, 30), slowest)

    async def _ask(self, message: bytes, transport: Transport = Transport.UDP) -> question.Message:
        here = self.secondary
        keys = self._keyring.by_id(here.key_id)
        try:
            answer = await self._courier.ask(
                here.host, here.port, message, keys, ANSWER_SECONDS, transport
            )
        except BadAnswer:
            raise
        except NoAnswer:
            self._unanswered += 1
            if self._unanswered == SILENT_AFTER:
                log.warning("a secondary does not answer", secondary=here.name, address=here.host)
            raise
        if self.is_silent:
            log.info("a secondary answers again", secondary=here.name)
        self._unanswered = 0
        return answer

    def _fail(self, apex: WireName, error: str) -> None:
        known = self.seen.get(apex) or Seen(None, None, None, "")
        self._see(apex, replace(known, error=error))

    def _see(self, apex: WireName, seen: Seen) -> None:
        if self.seen.get(apex) != seen:
            self.seen[apex] = seen
            self.changed.add(apex)
