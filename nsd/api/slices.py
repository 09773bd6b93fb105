"""Long answers in slices: none takes long to write, and none is sent before the one before it."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import orjson
from aiohttp import payload
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import StreamWriter

TOGETHER: Final = 64  # entries of a list in one slice
SENT_AT_ONCE: Final = 8  # slices, before others have their turn


def dumps(content: Any) -> bytes:
    """Write JSON that is short."""
    return orjson.dumps(content)


def array(entries: Iterable[Any]) -> Iterator[bytes]:
    """Write a JSON array."""
    entries = iter(entries)
    opening = b"["
    while together := list(islice(entries, TOGETHER)):
        yield opening + orjson.dumps(together)[1:-1]
        opening = b","
    yield b"]" if opening == b"," else b"[]"


def with_list(head: Mapping[str, Any], member: str, entries: Iterable[Any]) -> Iterator[bytes]:
    """Write a JSON object that has a list as its last member."""
    yield orjson.dumps(head)[:-1] + b"," + orjson.dumps(member) + b":"
    yield from array(entries)
    yield b"}"


class Slices(payload.Payload):
    """The body of a response, given to the connection slice by slice."""

    _value: Sequence[bytes]

    def __init__(self, slices: Sequence[bytes]) -> None:
        super().__init__(slices)
        self._size = sum(map(len, slices))

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Give the whole as text."""
        return b"".join(self._value).decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Hand all slices to the connection, which sends them as fast as the client reads."""
        assert isinstance(writer, StreamWriter)
        for number, one in enumerate(self._value, 1):
            await writer.write(one, drain=False)
            if number % SENT_AT_ONCE == 0:
                await asyncio.sleep(0)
