"""A small HTTP/1.1 client: one connection, kept where the server keeps it, cheap enough that the
server stays what is measured."""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Any

from bench.error import BenchError

_PATIENCE = 120.0  # seconds for one call
_LIMIT = 64 * 1024


class HttpClient:
    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._port = port
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> tuple[int, bytes]:
        """The response's status and body; BenchError where there is none."""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{self._headers}"
        if body is not None:
            head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        request = f"{head}\r\n".encode() + (body or b"")
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._exchange(request)
        except (OSError, EOFError, TimeoutError) as error:
            await self.close()
            raise BenchError(f"{method} {path}: {error or type(error).__name__}") from error

    async def close(self) -> None:
        if self._streams:
            self._streams[1].close()
            with contextlib.suppress(OSError):
                await self._streams[1].wait_closed()
            self._streams = None

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=_LIMIT)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
        body = await _body(reader, fields)
        if fields.get(b"connection") == b"close" or head.startswith(b"http/1.0"):
            await self.close()
        return int(head[9:12]), body


async def _body(reader: asyncio.StreamReader, fields: Mapping[bytes, bytes]) -> bytes:
    if (length := fields.get(b"content-length")) is not None:
        return await reader.readexactly(int(length))
    if fields.get(b"transfer-encoding") != b"chunked":
        return b"" if fields.get(b"connection") != b"close" else await reader.read()
    parts = []
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return b"".join(parts)


def encoded(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise BenchError(f"not JSON: {body[:200]!r}") from error
