"""The shape of the VPS API's errors."""

from aiohttp import web

from nsd.api.errors import as_nsd_error
from nsd.api.vps.reply import json_reply
from nsd.errors import NsdError


def refusal(raised: BaseException, request: web.BaseRequest) -> web.Response:
    """Answer with an error, whatever was raised."""
    error, headers = as_nsd_error(raised, request)
    response = json_reply(_content(error), error.status).response()
    response.headers.update(headers)
    return response


def _content(error: NsdError) -> dict[str, str]:
    content = {"detail": error.detail, "error_code": error.code}
    if error.field is not None:
        content["field"] = error.field
    return content
