"""From whatever was raised to an error of ours; each dialect then shows it in its own shape."""

import structlog
from aiohttp import web

from nsd.errors import (
    AuthenticationFailed,
    InternalError,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    NsdError,
    Throttled,
    TooLarge,
    Unavailable,
)

log = structlog.get_logger()


def as_nsd_error(
    raised: BaseException, request: web.BaseRequest
) -> tuple[NsdError, dict[str, str]]:
    """Give the error to show, and the headers that belong to it."""
    if isinstance(raised, NsdError):
        return raised, _headers(raised)
    if isinstance(raised, web.HTTPMethodNotAllowed):
        error = MethodNotAllowed(f'Method "{request.method}" not allowed.')
        return error, {"Allow": ", ".join(sorted(raised.allowed_methods))}
    if isinstance(raised, web.HTTPNotFound):
        return NotFound(), {}
    if isinstance(raised, web.HTTPRequestEntityTooLarge):
        return TooLarge("the body is too large"), {}
    log.error("a request failed", method=request.method, path=request.path, exc_info=raised)
    return InternalError(), {}


def _headers(error: NsdError) -> dict[str, str]:
    if isinstance(error, NotAuthenticated | AuthenticationFailed):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, Unavailable):
        return {"Retry-After": "1"}
    if isinstance(error, Throttled):
        return {"Retry-After": str(error.seconds)}
    return {}
