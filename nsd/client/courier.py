"""Carries single questions to other servers, signed where they want it."""

import asyncio
import contextlib
import secrets
from collections.abc import Iterator, Sequence

from nsd.client import question
from nsd.client.question import Message
from nsd.errors import BadAnswer, BadSignature, NoAnswer, NotSigned
from nsd.message.header import TC, read_header
from nsd.message.match import is_answer
from nsd.message.signing import Wall, sign_request
from nsd.message.transport import Transport
from nsd.message.tsig import Key

_Server = tuple[str, int]  # address and port


class _Asked:
    """A question under way; what answers it over UDP goes into `response`."""

    __slots__ = ("message", "response", "server")

    def __init__(self, server: _Server, message: bytes) -> None:
        self.server = server
        self.message = message
        self.response: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()


class Courier:
    """One socket for each address family, opened when first needed; TCP where UDP will not do.

    `sources` are the addresses to ask from, the first of each family: secondaries take a NOTIFY
    only from the address that they know as their primary's.
    """

    def __init__(self, sources: Sequence[str], *, wall: Wall) -> None:
        self._sources = {":" in source: source for source in reversed(sources)}
        self._wall = wall
        self._endpoints: dict[bool, asyncio.DatagramTransport] = {}
        self._pending: dict[bytes, _Asked | None] = {}  # by ID
        self._opening = asyncio.Lock()

    def close(self) -> None:
        """Close the sockets."""
        for endpoint in self._endpoints.values():
            endpoint.close()

    async def ask(
        self,
        host: str,
        port: int,
        message: bytes,
        keys: Sequence[Key],
        seconds: float,
        transport: Transport = Transport.UDP,
    ) -> Message:
        """Ask, with each secret of the key until one is accepted. Raises NoAnswer.

        What is too long for a datagram is asked for again over TCP; each way may take so many
        seconds. An error is taken even if it is not signed: it only says that there is no answer.
        """
        why = ""
        for key in keys or (None,):
            try:
                return await self._attempt((host, port), message, key, seconds, transport)
            except BadSignature as error:
                why = error.detail
        raise BadAnswer(why)

    async def _attempt(
        self, server: _Server, message: bytes, key: Key | None, seconds: float, transport: Transport
    ) -> Message:
        with self._ident(message[:2]) as ident:
            asked, verifier = ident + message[2:], None
            if key is not None:
                asked, verifier = sign_request(asked, key, self._wall)
            response = await self._carry(server, asked, seconds, transport)
        answer = question.read(response)
        if verifier is not None:
            try:
                verifier.verify(response)
            except NotSigned:
                if not answer.header.rcode:
                    raise
        return answer

    @contextlib.contextmanager
    def _ident(self, wanted: bytes) -> Iterator[bytes]:
        """Lend an ID, the wanted one unless another question under way has it."""
        ident = wanted
        while ident in self._pending:
            ident = secrets.token_bytes(2)
        self._pending[ident] = None
        try:
            yield ident
        finally:
            del self._pending[ident]

    async def _carry(
        self, server: _Server, message: bytes, seconds: float, transport: Transport
    ) -> bytes:
        try:
            if not transport.is_stream:
                async with asyncio.timeout(seconds):
                    response = await self._over_udp(server, message)
                if not read_header(response).flags & TC:
                    return response
            async with asyncio.timeout(seconds):
                return await self._over_tcp(server, message)
        except TimeoutError:
            raise NoAnswer("no answer") from None
        except (OSError, EOFError) as error:
            raise NoAnswer(f"no answer: {error}") from error

    async def _over_udp(self, server: _Server, message: bytes) -> bytes:
        endpoint = await self._endpoint(is_ipv6=":" in server[0])
        asked = self._pending[message[:2]] = _Asked(server, message)
        endpoint.sendto(message, server)
        return await asked.response

    async def _over_tcp(self, server: _Server, message: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(
            *server, local_addr=self._source(is_ipv6=":" in server[0])
        )
        try:
            writer.write(len(message).to_bytes(2, "big") + message)
            length = int.from_bytes(await reader.readexactly(2), "big")
            response = await reader.readexactly(length)
        finally:
            writer.close()
        if not is_answer(response, message):
            raise BadAnswer("an answer to another question")
        return response

    def _source(self, *, is_ipv6: bool) -> _Server:
        anywhere = "::" if is_ipv6 else "0.0.0.0"  # noqa: S104 -- it only receives answers
        return self._sources.get(is_ipv6, anywhere), 0

    async def _endpoint(self, *, is_ipv6: bool) -> asyncio.DatagramTransport:
        async with self._opening:
            if is_ipv6 not in self._endpoints:
                self._endpoints[is_ipv6] = await self._open(self._source(is_ipv6=is_ipv6))
            return self._endpoints[is_ipv6]

    async def _open(self, source: _Server) -> asyncio.DatagramTransport:
        try:
            endpoint, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: _Receiver(self._pending), local_addr=source
            )
        except OSError as error:
            raise NoAnswer(f"{source[0]}: {error.strerror}") from error
        return endpoint


class _Receiver(asyncio.DatagramProtocol):
    """Gives each datagram to who waits for it; those that answer nothing are dropped."""

    def __init__(self, pending: dict[bytes, _Asked | None]) -> None:
        self._pending = pending

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asked = self._pending.get(data[:2])
        if (
            asked is not None
            and asked.server == addr[:2]
            and not asked.response.done()
            and is_answer(data, asked.message)
        ):
            asked.response.set_result(data)
