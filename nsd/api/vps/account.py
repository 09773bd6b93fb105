"""The account behind a token."""

from aiohttp import web

from nsd.api.auth import Principal
from nsd.api.vps.door import Door, dumps, json_response


async def show_account(_door: Door, principal: Principal, _request: web.Request) -> web.Response:
    """GET /account/me/."""
    user, token = principal.user, principal.token
    content = {
        "account": {"username": user.name, "email": user.email},
        "token": {"name": token.name, "permissions": list(token.permissions)},
    }
    return json_response(dumps(content))
