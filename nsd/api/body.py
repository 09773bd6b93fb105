"""Reading the body of a request within its limits."""

import json
import re
from typing import Any, Final

from aiohttp import web

from nsd.errors import Invalid, TooLarge, Unparsable, UnsupportedMediaType

MAX_JSON: Final = 1024 * 1024

_may_hold_surrogates = re.compile(rb"\\u[dD]|\xed|\x00").search  # NUL: UTF-16 or UTF-32


async def read_octets(request: web.Request, limit: int) -> bytes:
    """Read a body of at most `limit` octets. Raises TooLarge, Unparsable."""
    length = request.content_length or 0
    body = bytearray()
    try:
        while length <= limit and (chunk := await request.content.readany()):
            body += chunk
            length = len(body)
    except (web.RequestPayloadError, ConnectionError) as error:
        raise Unparsable(f"the body cannot be read: {error}") from error
    if length > limit:
        raise TooLarge(f"the body is larger than {limit} bytes")
    return bytes(body)


async def read_json_object(request: web.Request) -> dict[str, Any]:
    """Read a JSON object. Raises UnsupportedMediaType, TooLarge, Unparsable, Invalid."""
    kind = request.headers.get("Content-Type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise UnsupportedMediaType(f"Unsupported media type '{kind}': send application/json")
    return parse_json_object(await read_octets(request, MAX_JSON))


def parse_json_object(octets: bytes) -> dict[str, Any]:
    """Parse a JSON object; raises Unparsable for what is no JSON, Invalid for another value."""
    try:
        content = json.loads(octets)
        if _may_hold_surrogates(octets):
            json.dumps(content, ensure_ascii=False).encode()  # a lone one is no text
    except (ValueError, RecursionError) as error:
        raise Unparsable(f"JSON parse error: {error}") from error
    if not isinstance(content, dict):
        raise Invalid("the body must be a JSON object")
    return content
