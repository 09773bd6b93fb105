"""Carries single questions over UDP to other servers, signed where they want it."""

import asyncio
from collections.abc import Sequence

from nsd.client import question
from nsd.client.question import Answer
from nsd.errors import BadAnswer, BadSignature, NoAnswer, NotSigned
from nsd.message.tsig import Key, sign_request

_Pending = dict[tuple[str, int, bytes], tuple[bytes, asyncio.Future[bytes]]]


class Courier:
    """One socket for each address family, opened when first needed; TCP where UDP will not do.

    `sources` are the addresses to ask from, the first of each family: secondaries take a NOTIFY
    only from the address that they know as their primary's.
    """

    def __init__(self, sources: Sequence[str] = ()) -> None:
        self._sources = {":" in source: source for source in reversed(sources)}
        self._endpoints: dict[bool, asyncio.DatagramTransport] = {}
        self._pending: _Pending = {}
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
        *,
        over_tcp: bool = False,
    ) -> Answer:
        """Ask, with each secret of the key until one is accepted. Raises NoAnswer.

        An error is taken even if it is not signed: it only says that there is no answer.
        """
        exchange = self._exchange_over_tcp if over_tcp else self._exchange
        if not keys:
            return _read(await exchange(host, port, message, message, seconds))
        why = ""
        for key in keys:
            signed, verifier = sign_request(message, key)
            response = await exchange(host, port, message, signed, seconds)
            answer = _read(response)
            try:
                verifier.verify(response)
            except NotSigned as error:
                if answer.rcode:
                    return answer
                why = str(error)
            except BadSignature as error:
                why = str(error)
            else:
                return answer
        raise BadAnswer(why)

    async def _exchange(
        self, host: str, port: int, message: bytes, signed: bytes, seconds: float
    ) -> bytes:
        try:
            endpoint = await self._endpoint(is_ipv6=":" in host)
        except OSError as error:
            raise NoAnswer(f"{self._source(is_ipv6=':' in host)[0]}: {error.strerror}") from error
        key = (host, port, message[:2])
        if key in self._pending:
            raise NoAnswer("another question of the same ID is under way")
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._pending[key] = (message, future)
        try:
            endpoint.sendto(signed, (host, port))
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            raise NoAnswer("no answer") from None
        except OSError as error:
            raise NoAnswer(error.strerror or str(error)) from error
        finally:
            del self._pending[key]

    async def _exchange_over_tcp(
        self, host: str, port: int, message: bytes, signed: bytes, seconds: float
    ) -> bytes:
        try:
            async with asyncio.timeout(seconds):
                reader, writer = await asyncio.open_connection(
                    host, port, local_addr=self._source(is_ipv6=":" in host)
                )
                try:
                    writer.write(len(signed).to_bytes(2, "big") + signed)
                    length = int.from_bytes(await reader.readexactly(2), "big")
                    response = await reader.readexactly(length)
                finally:
                    writer.close()
        except TimeoutError:
            raise NoAnswer("no answer") from None
        except (OSError, EOFError) as error:
            raise NoAnswer(f"no answer: {error}") from error
        if not question.answers(response, message):
            raise BadAnswer("an answer to another question")
        return response

    def _source(self, *, is_ipv6: bool) -> tuple[str, int]:
        anywhere = "::" if is_ipv6 else "0.0.0.0"  # noqa: S104 -- it only receives answers
        return self._sources.get(is_ipv6, anywhere), 0

    async def _endpoint(self, *, is_ipv6: bool) -> asyncio.DatagramTransport:
        async with self._opening:
            if is_ipv6 not in self._endpoints:
                endpoint, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                    lambda: _Receiver(self._pending), local_addr=self._source(is_ipv6=is_ipv6)
                )
                self._endpoints[is_ipv6] = endpoint
            return self._endpoints[is_ipv6]


class _Receiver(asyncio.DatagramProtocol):
    """Gives each datagram to who waits for it; those that answer nothing are dropped."""

    def __init__(self, pending: _Pending) -> None:
        self._pending = pending

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        waiting = self._pending.get((addr[0], addr[1], data[:2]))
        if waiting is None:
            return
        message, future = waiting
        if not future.done() and question.answers(data, message):
            future.set_result(data)


def _read(response: bytes) -> Answer:
    try:
        return question.read(response)
    except ValueError as error:
        raise BadAnswer(f"a malformed answer: {error}") from error
