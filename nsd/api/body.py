"""Reading the body of a request within its limits."""

import asyncio
import json
import re
import tempfile
from typing import Any, Final

from aiohttp import web

from nsd.api.limits import LIMITS, SMALL_BODY
from nsd.errors import Invalid, TooLarge, TooSlow, Unavailable, Unparsable, UnsupportedMediaType

MAX_JSON: Final = 1024 * 1024
GRACE_SECONDS: Final = 10.0
LEAST_RATE: Final = 4096.0  # octets a second, after that time

_may_hold_surrogates = re.compile(rb"\\u[dD]|\xed|\x00").search  # NUL: UTF-16 or UTF-32


async def read_octets(request: web.Request, limit: int) -> bytes:
    """Read a body of at most `limit` octets, which must not come slower than anybody's does.

    What has come waits on disk, where it is large, until the body is whole. Raises TooLarge,
    TooSlow, Unavailable where too many bodies are under way, Unparsable.
    """
    limits = request.config_dict[LIMITS]
    length, came = request.content_length or 0, 0
    began = asyncio.get_running_loop().time()
    with tempfile.SpooledTemporaryFile(max_size=SMALL_BODY) as body:
        try:
            while length <= limit:
                limits.reserve(request, length)
                async with asyncio.timeout_at(began + GRACE_SECONDS + came / LEAST_RATE):
                    chunk = await request.content.readany()
                if not chunk:
                    body.seek(0)
                    return body.read()
                body.write(chunk)
                came += len(chunk)
                length = max(length, came)
        except TimeoutError:
            raise TooSlow("the body comes too slowly") from None
        except (web.RequestPayloadError, ConnectionError) as error:
            raise Unparsable(f"the body cannot be read: {error}") from None
        except OSError as error:
            raise Unavailable(f"the body cannot be kept: {error.strerror}") from None
    raise TooLarge(f"the body is larger than {limit} bytes")


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
