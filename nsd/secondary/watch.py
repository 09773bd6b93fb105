"""One secondary, and how it comes to serve what has changed: it is told, then asked.

Each zone that the secondary does not serve as it should is pursued. Between its steps a pursuit is
an entry in an agenda, not a task.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

import structlog

from nsd.account.keyring import Keyring
from nsd.agenda import Agenda
from nsd.background import Background
from nsd.client import question
from nsd.client.courier import Courier
from nsd.errors import BadAnswer, NoAnswer
from nsd.message.transport import Transport
from nsd.rcode import rcode_text
from nsd.secondary.directory import Directory
from nsd.secondary.pursuit import FIRST_LOOK_SECONDS, MOST_RETRY_SECONDS, Pursuit
from nsd.secondary.sightings import Sightings
from nsd.store.secondaries import Secondary, Seen
from nsd.zone import rrtypes
from nsd.zone.name import WireName, to_text

log = structlog.get_logger()

AT_ONCE: Final = 32  # questions under way to one secondary
OPEN_AT_ONCE: Final = 4 * AT_ONCE  # zones that may wait for their turn when all are looked at
ANSWER_SECONDS: Final = 2.0
SILENT_AFTER: Final = 3  # questions in a row without an answer


class Watch:
    """Pursues zones; what it sees goes into `sightings`, and `progress` is called for what is new.

    `clock` gives seconds that only go forward, `wall` Unix seconds.
    """

    def __init__(
        self,
        secondary: Secondary,
        directory: Directory,
        keyring: Keyring,
        courier: Courier,
        sightings: Sightings,
        background: Background,
        progress: Callable[[], None],
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self.sightings = sightings
        self._secondary = secondary
        self._directory = directory
        self._keyring = keyring
        self._courier = courier
        self._background = background
        self._progress = progress
        self._clock = clock
        self._wall = wall
        self._open: dict[WireName, Pursuit] = {}
        self._agenda = Agenda[Pursuit]()  # those of them that are not busy
        self._steps: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._ended = asyncio.Event()
        self._unanswered = 0

    @property
    def is_silent(self) -> bool:
        """Whether the last questions had no answer."""
        return self._unanswered >= SILENT_AFTER

    def pursue(self, apex: WireName, wanted: int | None) -> None:
        """See to it that the secondary serves a serial of a zone, or, for None, not the zone."""
        pursuit = self._open.get(apex)
        if pursuit is None:
            pursuit = self._open[apex] = Pursuit(apex, wanted, self._clock())
        else:
            pursuit.want(wanted, self._clock())
        if not self.sightings.serves(apex, wanted):
            self.sightings.note_behind(apex, int(self._wall()))
        if not pursuit.is_busy:
            self._step_in(pursuit, 0)

    def look(self, apex: WireName, wanted: int) -> None:
        """Look what the secondary serves of a zone, unless that is being seen to."""
        if apex not in self._open:
            now = self._clock()
            pursuit = self._open[apex] = Pursuit(apex, wanted, now)
            pursuit.note_told(wanted, now)
            self._step_in(pursuit, 0)

    async def has_room(self) -> None:
        """Wait until few zones wait for their turn."""
        while len(self._open) > OPEN_AT_ONCE:
            self._ended.clear()
            await self._ended.wait()

    async def run(self) -> None:
        """Take the steps of all pursuits when they are due, for ever."""
        while True:
            self._wake.clear()
            self.step()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._seconds_to_next()):
                    await self._wake.wait()

    def step(self) -> None:
        """Begin the steps that are due, as many as may be under way."""
        name = f"asking the secondary {self._secondary.name}"
        while pursuit := self._next_due():
            pursuit.is_busy = True
            task = self._background.once(name, self._take_step(pursuit))
            self._steps.add(task)
            task.add_done_callback(self._end_step)

    async def close(self) -> None:
        """End the steps that are under way."""
        steps = list(self._steps)
        for step in steps:
            step.cancel()
        await asyncio.gather(*steps, return_exceptions=True)

    def _next_due(self) -> Pursuit | None:
        if len(self._steps) >= AT_ONCE:
            return None
        return next(self._agenda.take_due(self._clock()), None)

    def _seconds_to_next(self) -> float | None:
        """Tell how long nothing is to be begun; None as long as nobody wakes us."""
        first = self._agenda.first
        if first is None or len(self._steps) >= AT_ONCE:
            return None
        return max(0.0, first - self._clock())

    def _step_in(self, pursuit: Pursuit, seconds: float) -> None:
        self._agenda.put(pursuit, self._clock() + seconds)
        self._wake.set()

    async def _take_step(self, pursuit: Pursuit) -> None:
        pause: float | None = MOST_RETRY_SECONDS  # after what nobody expects
        try:
            pause = await (self._look(pursuit) if pursuit.is_told else self._notify(pursuit))
        finally:
            pursuit.is_busy = False
            self._go_on(pursuit, pause)

    def _go_on(self, pursuit: Pursuit, pause: float | None) -> None:
        """Let the next step come after a pause, or end the pursuit."""
        if pause is None:
            del self._open[pursuit.apex]
            self._ended.set()
        else:
            self._agenda.put(pursuit, self._clock() + pause)

    def _end_step(self, task: asyncio.Task[None]) -> None:
        self._steps.discard(task)
        self._wake.set()

    async def _notify(self, pursuit: Pursuit) -> float:
        """Tell the secondary that a zone has changed; give the seconds to the next step."""
        wanted = pursuit.serial
        try:
            answer = await self._ask(question.notify(pursuit.apex))
        except NoAnswer as error:
            self.sightings.note_error(pursuit.apex, f"NOTIFY: {error}")
            return pursuit.after_silence()
        if rcode := answer.header.rcode:  # a new zone may not be known yet: the looks will tell
            self.sightings.note_error(pursuit.apex, f"NOTIFY: the answer is {rcode_text(rcode)}")
        pursuit.note_told(wanted, self._clock())
        return FIRST_LOOK_SECONDS

    async def _look(self, pursuit: Pursuit) -> float | None:
        """Look at the secondary's SOA; give the seconds to the next step, None after the last."""
        apex = pursuit.apex
        try:
            # Knot DNS gives a catalog's SOA over TCP only.
            is_catalog = apex in self._directory.catalogs
            transport = Transport.TCP if is_catalog else Transport.UDP
            answer = await self._ask(question.ask(apex, rrtypes.SOA), transport)
            found = question.serial_in(answer, apex)
        except (NoAnswer, ValueError) as error:
            self.sightings.note_error(apex, f"SOA: {error}")
        else:
            self._see(pursuit, found, answer.header.rcode)
            if self.sightings.serves(apex, pursuit.serial):
                self._end(pursuit)
                return None
        if pursuit.is_given_up(self._clock()):
            self._give_up(pursuit)
            return None
        return pursuit.after_look(self._clock())

    def _see(self, pursuit: Pursuit, found: int | None, rcode: int) -> None:
        apex, now = pursuit.apex, int(self._wall())
        since = self.sightings.of(apex).behind_since
        error = f"SOA: the answer is {rcode_text(rcode)}" if found is None else ""
        self.sightings.put(apex, Seen(found, now, since, error))
        if since is None and not self.sightings.serves(apex, pursuit.serial):
            self.sightings.note_behind(apex, now)
            pursuit.tell_again()

    def _end(self, pursuit: Pursuit) -> None:
        """Remember that the secondary serves what it should."""
        if pursuit.serial is None:
            self.sightings.forget(pursuit.apex)
        else:
            seen = self.sightings.of(pursuit.apex)
            self.sightings.put(pursuit.apex, Seen(seen.serial, seen.seen_at, None, ""))
        self._progress()

    def _give_up(self, pursuit: Pursuit) -> None:
        log.warning(
            "a secondary still serves a zone that is gone",
            secondary=self._secondary.name,
            zone=to_text(pursuit.apex),
        )
        self.sightings.forget(pursuit.apex)

    async def _ask(self, message: bytes, transport: Transport = Transport.UDP) -> question.Message:
        here = self._secondary
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
