"""The keys that sign transfers (TSIG): list, add, rotate, remove."""

from typing import Any, Final

from aiohttp import web

from nsd.account import tsig_key
from nsd.account.principal import Principal
from nsd.account.tsig_key import USUAL_ALGORITHM, read_name, read_secret, show_secret
from nsd.api.body import read_json_object
from nsd.api.vps.door import Door
from nsd.api.vps.reply import Reply, done, json_reply
from nsd.api.vps.shape import text_member, time_text
from nsd.errors import Invalid
from nsd.store.tsig_keys import TsigKey
from nsd.zone.name import to_text

KEEP_SECONDS: Final = 86400  # for which a former secret holds, where a caller says nothing
MOST_KEEP_SECONDS: Final = 366 * 86400


async def list_keys(door: Door, _principal: Principal, _request: web.Request) -> Reply:
    """GET /tsig-keys/: without secrets."""
    keys = door.keyring.table
    found = await door.database.read(lambda connection: list(keys.everything(connection)))
    now = door.now()
    return json_reply([_key_json(key, now) for key in found])


async def add_key(door: Door, principal: Principal, request: web.Request) -> Reply:
    """POST /tsig-keys/ with `{name, algorithm, secret}`: the secret is shown only now."""
    body = await read_json_object(request)
    name = read_name(text_member(body, "name"))
    algorithm = text_member(body, "algorithm", USUAL_ALGORITHM)
    secret = None if body.get("secret") is None else read_secret(text_member(body, "secret"))
    keys = door.keyring.table
    key = await door.perform(
        principal, lambda act: tsig_key.add(act, keys, name, algorithm, secret)
    )
    return await _with_secret(door, key, 201)


async def rotate_key(door: Door, principal: Principal, request: web.Request) -> Reply:
    """POST /tsig-keys/{name}/rotate/ with `{keep_seconds}`: the new secret is shown only now."""
    body = await read_json_object(request)
    keep = body.get("keep_seconds", KEEP_SECONDS)
    if not isinstance(keep, int) or not 0 <= keep <= MOST_KEEP_SECONDS:
        raise Invalid("A number of seconds is required.", field="keep_seconds")
    name = read_name(request.match_info["name"])
    keys = door.keyring.table
    key = await door.perform(
        principal, lambda act: tsig_key.rotate(act, keys, name, keep_seconds=keep)
    )
    return await _with_secret(door, key, 200)


async def remove_key(door: Door, principal: Principal, request: web.Request) -> Reply:
    """DELETE /tsig-keys/{name}/."""
    name = read_name(request.match_info["name"])
    keys = door.keyring.table
    await door.perform(principal, lambda act: tsig_key.remove(act, keys, name))
    await door.reload()
    return done()


async def _with_secret(door: Door, key: TsigKey, status: int) -> Reply:
    await door.reload()
    return json_reply({**_key_json(key, door.now()), "secret": show_secret(key)}, status)


def _key_json(key: TsigKey, now: int) -> dict[str, Any]:
    is_rotating = len(key.secrets_at(now)) > 1
    until = key.former_until if is_rotating else None
    return {
        "name": to_text(key.name),
        "algorithm": key.algorithm,
        "created_at": time_text(key.created_at),
        "former_secret_until": None if until is None else time_text(until),
    }
