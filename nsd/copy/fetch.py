"""Fetches zones over TCP: changes where we have something, whole zones otherwise."""

import asyncio
from collections.abc import Sequence
from typing import Final

from nsd.client import question
from nsd.copy.assembly import Assembly, Fetched
from nsd.errors import BadSignature, BadTransfer, NoAnswer
from nsd.message.tsig import Key, Verifier, sign_request
from nsd.zone import rrtypes
from nsd.zone.name import WireName
from nsd.zone.soa import Soa

CONNECT_SECONDS: Final = 10.0
MESSAGE_SECONDS: Final = 30.0
WHOLE_SECONDS: Final = 3600.0
MOST_OCTETS: Final = 2 * 1024**3
_RCODES: Final = {1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED", 9: "NOTAUTH"}


class _Refused(BadTransfer):
    """A primary that answers with an error; who fetches tells it from no other bad transfer."""


async def fetch(
    host: str, port: int, apex: WireName, keys: Sequence[Key], held: Soa | None
) -> Fetched:
    """Fetch what a zone is now, as changes to what we hold where the primary can tell them.

    Raises NoAnswer where the primary cannot be reached or breaks off, BadTransfer where what it
    sends breaks the rules; both say why.
    """
    attempts: list[Key | None] = list(keys) or [None]
    for key in attempts:
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                if held is not None:
                    try:
                        return await _transfer(host, port, apex, key, held)
                    except _Refused:  # one that knows no IXFR
                        pass
                return await _transfer(host, port, apex, key, None, ours=held)
        except BadSignature as error:
            if key is attempts[-1]:
                raise BadTransfer(str(error)) from error
        except TimeoutError:
            raise NoAnswer("the primary takes too long") from None
        except OSError as error:
            raise NoAnswer(f"{host} port {port}: {error.strerror or error}") from error
    raise AssertionError("unreachable")


async def _transfer(
    host: str,
    port: int,
    apex: WireName,
    key: Key | None,
    held: Soa | None,
    *,
    ours: Soa | None = None,
) -> Fetched:
    whole = question.ask(apex, rrtypes.AXFR)
    message = whole if held is None else question.ask_changes(apex, held)
    signed, verifier = (message, None) if key is None else sign_request(message, key)
    known = held or ours
    assembly = Assembly(apex, None if known is None else known.serial)
    async with asyncio.timeout(CONNECT_SECONDS):
        reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(len(signed).to_bytes(2, "big") + signed)
        octets = 0
        while not assembly.is_done:
            response = await _read_message(reader)
            octets += len(response)
            if octets > MOST_OCTETS:
                raise BadTransfer("the zone is too large")
            await asyncio.to_thread(_take, response, message, verifier, assembly)
        if verifier is not None and not verifier.is_settled:
            raise BadTransfer("the last message is not signed")
    finally:
        writer.close()
    return assembly.fetched


async def _read_message(reader: asyncio.StreamReader) -> bytes:
    try:
        async with asyncio.timeout(MESSAGE_SECONDS):
            length = int.from_bytes(await reader.readexactly(2), "big")
            return await reader.readexactly(length)
    except EOFError:
        raise NoAnswer("the primary broke off in the middle") from None
    except TimeoutError:
        raise NoAnswer("the primary fell silent") from None


def _take(response: bytes, message: bytes, verifier: Verifier | None, assembly: Assembly) -> None:
    if not question.answers(response, message):
        raise BadTransfer("an answer to another question")
    if verifier is not None:
        verifier.verify(response)
    try:
        answer = question.read(response)
    except ValueError as error:
        raise BadTransfer(f"a malformed message: {error}") from error
    if answer.rcode:
        raise _Refused(f"the primary says {_RCODES.get(answer.rcode, answer.rcode)}")
    if not answer.records:
        raise BadTransfer("a message without records")
    assembly.add(answer.records)
