"""The account behind a token."""

from aiohttp import web

from nsd.account.principal import Principal
from nsd.api.vps.door import Door
from nsd.api.vps.reply import Reply, json_reply


async def show_account(_door: Door, principal: Principal, _request: web.Request) -> Reply:
    """GET /account/me/."""
    user, token = principal.account, principal.credential
    content = {
        "account": {"username": user.name, "email": user.email},
        "token": {"name": token.name if token else "", "permissions": list(principal.permissions)},
    }
    return json_reply(content)
