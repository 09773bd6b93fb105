"""The shape of the Dozens API's errors, in JSON and in XML."""

from typing import Final

from aiohttp import web

from nsd.api.dozens.form import Content, Form
from nsd.api.errors import as_nsd_error
from nsd.errors import AuthenticationFailed, NotAuthenticated, NsdError

# The members that have other names inside.
_FIELDS: Final = {"value": "content", "priority": "prio", "record_type": "type"}
_STATUSES: Final = frozenset({400, 401, 404, 405, 429, 500})  # the document's, and 429


def refusal(raised: BaseException, request: web.BaseRequest, form: Form) -> web.Response:
    """Answer with an error, whatever was raised."""
    error, headers = as_nsd_error(raised, request)
    status = _status(error)
    members: dict[str, Content] = {"code": str(status), "message": error.detail}
    if error.field is not None:
        members["detail"] = {_FIELDS.get(error.field, error.field): [error.detail]}
    body = form.write(members)
    response = web.Response(
        body=body, status=status, content_type=form.value, charset="utf-8", headers=headers
    )
    if isinstance(error, NotAuthenticated | AuthenticationFailed):
        response.headers["WWW-Authenticate"] = "X-Auth-Token"
    return response


def _status(error: NsdError) -> int:
    """Give the status out of those that clients know."""
    if error.status in _STATUSES:
        return error.status
    return 400 if error.status < 500 else 500
