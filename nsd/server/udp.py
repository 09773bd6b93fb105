"""DNS over UDP: datagrams in, datagrams out.

Whenever the socket is readable it is drained by hand, many datagrams in one turn of the event
loop. A turn is bounded, so that a flood cannot starve HTTP, and short while HTTP is in use: from
request to response a change takes four turns of the loop.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from nsd.server import batch
from nsd.server.batch import Address, Ancillary, Batch
from nsd.server.client import packed
from nsd.server.courtesy import Courtesy
from nsd.server.gate import Gate
from nsd.server.later import Later
from nsd.server.shortcut import Shortcut

log = structlog.get_logger()

Respond = Callable[[bytes, str], bytes | Later | None]

MAX_TURN: Final = 256  # datagrams in one turn of the event loop
SHORT_TURN: Final = 64
BUFFER: Final = 4 * 1024 * 1024
MOST_LATER: Final = 256  # responses on their way that take their time; no more are begun
MAX_DATAGRAM: Final = 65535
_PKTINFO_SPACE: Final = socket.CMSG_SPACE(20)
_IP_PKTINFO: Final = getattr(socket, "IP_PKTINFO", 8)  # named by Python from 3.12 on


class UdpListener:
    """One bound socket, read on the running event loop.

    What `shortcut` leaves goes to `respond` with the client's address; what either gives goes
    through the gate.
    """

    def __init__(
        self,
        bound: socket.socket,
        shortcut: Shortcut,
        respond: Respond,
        courtesy: Courtesy,
        gate: Gate | None = None,
    ) -> None:
        self._socket = bound
        self._courtesy = courtesy
        self._gate = gate
        self._networks: Sequence[int] = ()  # where a batch that is counted came from, by slot
        self._family = bound.family
        self._quick = shortcut
        self._shortcut = shortcut.respond
        self._respond = respond
        self._later: set[asyncio.Task[None]] = set()
        self._batch = Batch(bound) if batch.is_available() else None
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(bound, self._drain)

    def close(self) -> None:
        """Serve what has arrived, then stop."""
        self._loop.remove_reader(self._socket)
        self._drain()
        for task in self._later:
            task.cancel()
        self._socket.close()

    def _drain(self) -> None:
        served = 0
        most = self._courtesy.turn(MAX_TURN, SHORT_TURN)
        while served < most:
            count = self._exchange()
            if not count:
                return
            served += count

    def _exchange(self) -> int:
        """Serve some of the datagrams that are there; count them."""
        batch = self._batch
        if batch is None:
            return self._exchange_one()
        count = batch.receive()
        if count:
            batch.respond(self._answer_by_gate if self._is_counted(batch) else self._answer)
        return count

    def _is_counted(self, batch: Batch) -> bool:
        """Tell whether the gate counts the responses to this batch."""
        if self._gate is None:
            return False
        self._networks = self._gate.tally.look(batch.sources) or ()
        return bool(self._networks)

    def _answer_by_gate(self, message: bytes, slot: int) -> bytes | None:
        gate, batch = self._gate, self._batch
        assert gate is not None
        assert batch is not None
        response, subject = self._shortcut(message, batch, slot), self._quick.subject
        if response is None:
            response = self._answer_uncommon(batch, message, slot)
            if response is None:
                return None
            subject = gate.subject(message, response, batch.client(slot))
        if subject is not None and (count := gate.tally.count(self._networks[slot], subject)):
            return gate.judge(count, subject, response, batch, slot)
        return response

    def _answer(self, message: bytes, slot: int) -> bytes | None:
        response = self._shortcut(message, self._batch, slot)
        if response is None:
            assert self._batch is not None
            response = self._answer_uncommon(self._batch, message, slot)
        return response

    def _answer_uncommon(self, batch: Batch, message: bytes, slot: int) -> bytes | None:
        answer = self._respond(message, socket.inet_ntop(self._family, batch.client(slot)))
        if isinstance(answer, Later):
            self._begin(message, answer, *batch.sender(slot))
            return None
        return answer

    def _exchange_one(self) -> int:
        """Serve one datagram; a socket bound to all addresses replies from the one asked."""
        try:
            message, ancillary, _flags, client = self._socket.recvmsg(MAX_DATAGRAM, _PKTINFO_SPACE)
        except OSError:  # nothing is left, or an ICMP error that concerns no query of ours
            return 0
        response = self._shortcut(message) or self._respond(message, client[0])
        if isinstance(response, Later):
            self._begin(message, response, client, ancillary)
        elif response is not None:
            self._send_by_gate(message, response, client, ancillary)
        return 1

    def _send_by_gate(
        self, message: bytes, response: bytes, client: Address, ancillary: list[Ancillary]
    ) -> None:
        gate = self._gate
        passed = gate.pass_alone(message, response, packed(client[0])) if gate else response
        if passed is not None:
            self._send(passed, client, ancillary)

    def _send(self, response: bytes, client: Address, ancillary: list[Ancillary]) -> None:
        with contextlib.suppress(OSError):  # a full send buffer: the client asks again
            self._socket.sendmsg([response], ancillary, 0, client)

    def _begin(
        self, message: bytes, later: Later, client: Address, ancillary: list[Ancillary]
    ) -> None:
        if len(self._later) < MOST_LATER:
            task = asyncio.create_task(self._finish(message, later, client, ancillary))
            self._later.add(task)
            task.add_done_callback(self._later.discard)

    async def _finish(
        self, message: bytes, later: Later, client: Address, ancillary: list[Ancillary]
    ) -> None:
        try:
            async for response in later.messages:
                self._send_by_gate(message, response, client, ancillary)
        except Exception:
            log.exception("a response that takes its time failed", client=client[0])


def bind(host: str, port: int) -> socket.socket:
    """Bind a socket for UdpListener; raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            with contextlib.suppress(OSError):
                bound.setsockopt(socket.SOL_SOCKET, option, BUFFER)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if host in {"0.0.0.0", "::"}:  # noqa: S104
            _tell_asked_address(bound)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def _tell_asked_address(bound: socket.socket) -> None:
    if bound.family == socket.AF_INET6:
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    else:
        bound.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
