"""Secondaries and the keys that sign transfers: for administrators only."""

import base64
import binascii
import re
import sqlite3
import time
from typing import Any

from aiohttp import web

from nsd.account.principal import Principal
from nsd.api.body import read_json_object
from nsd.api.vps.door import Door
from nsd.api.vps.reply import Reply, done, dumps
from nsd.api.vps.shape import time_text
from nsd.errors import Invalid
from nsd.secondary.declaration import DEFAULT_GROUP, Declaration, usual_key
from nsd.settings import Endpoint
from nsd.store import catalogs, secondaries
from nsd.store.tsig_keys import TsigKey
from nsd.zone import name
from nsd.zone.name import WireName, to_text


async def list_secondaries(door: Door, _principal: Principal, _request: web.Request) -> Reply:
    """GET /secondaries/."""
    keys = door.replication.directory.content.keys_by_id
    groups = {one.zone_id: one.group for one in await door.database.read(catalogs.everything)}
    content = [
        {
            "name": one.name,
            "address": str(Endpoint(one.host, one.port)),
            "group": groups[one.catalog_id],
            "key": to_text(keys[one.key_id].name) if one.key_id in keys else None,
            "created_at": time_text(one.created_at),
        }
        for one in await door.database.read(secondaries.everything)
    ]
    return Reply(dumps(content))


async def add_secondary(door: Door, _: Principal, request: web.Request) -> Reply:
    """POST /secondaries/ with `{name, address, group, key}`."""
    body = await read_json_object(request)
    secondary = _text(body, "name")
    try:
        address = Endpoint.parse(_text(body, "address"), default_port=53)
    except ValueError as error:
        raise Invalid(str(error), field="address") from error
    key = usual_key(secondary) if "key" not in body else _key(body) if body["key"] else None
    group = _text(body, "group", DEFAULT_GROUP)
    await door.declarations.add(Declaration(secondary, address.host, address.port, key, group))
    await door.replication.reload()
    shown = {
        "name": secondary,
        "address": str(address),
        "group": group,
        "key": None if key is None else to_text(key),
    }
    return Reply(dumps(shown), 201)


async def remove_secondary(door: Door, _: Principal, request: web.Request) -> Reply:
    """DELETE /secondaries/{name}/."""
    await door.declarations.remove(request.match_info["name"])
    await door.replication.reload()
    return done()


async def list_keys(door: Door, _principal: Principal, _request: web.Request) -> Reply:
    """GET /tsig-keys/: without secrets."""
    keys = door.replication.directory.tsig_keys
    found = await door.database.read(lambda connection: list(keys.everything(connection)))
    return Reply(dumps([_key_json(key) for key in found]))


async def add_key(door: Door, _: Principal, request: web.Request) -> Reply:
    """POST /tsig-keys/ with `{name, algorithm, secret}`: the secret is shown only now."""
    body = await read_json_object(request)
    key_name = _key_name(_text(body, "name"), "name")
    algorithm = _text(body, "algorithm", "hmac-sha256")
    secret = _secret(body)
    keys = door.replication.directory.tsig_keys

    def work(connection: sqlite3.Connection) -> TsigKey:
        return keys.add(connection, key_name, algorithm, secret=secret, now=int(time.time()))

    return await _with_secret(door, await door.database.write(work), 201)


async def rotate_key(door: Door, _: Principal, request: web.Request) -> Reply:
    """POST /tsig-keys/{name}/rotate/ with `{keep_seconds}`: the new secret is shown only now."""
    body = await read_json_object(request)
    keep = body.get("keep_seconds", 86400)
    if not isinstance(keep, int) or not 0 <= keep <= 366 * 86400:
        raise Invalid("A number of seconds is required.", field="keep_seconds")
    key_name = _key_name(request.match_info["name"], "name")
    keys = door.replication.directory.tsig_keys

    def work(connection: sqlite3.Connection) -> TsigKey:
        return keys.rotate(connection, key_name, keep_until=int(time.time()) + keep)

    return await _with_secret(door, await door.database.write(work), 200)


async def remove_key(door: Door, _: Principal, request: web.Request) -> Reply:
    """DELETE /tsig-keys/{name}/."""
    key_name = _key_name(request.match_info["name"], "name")
    keys = door.replication.directory.tsig_keys
    await door.database.write(lambda connection: keys.remove(connection, key_name))
    await door.replication.reload()
    return done()


async def _with_secret(door: Door, key: TsigKey, status: int) -> Reply:
    await door.replication.reload()
    content = {**_key_json(key), "secret": base64.b64encode(key.secret).decode()}
    return Reply(dumps(content), status)


def _key_json(key: TsigKey) -> dict[str, Any]:
    is_rotating = len(key.secrets_at(int(time.time()))) > 1
    until = key.former_until if is_rotating else None
    return {
        "name": to_text(key.name),
        "algorithm": key.algorithm,
        "created_at": time_text(key.created_at),
        "former_secret_until": None if until is None else time_text(until),
    }


def _text(body: dict[str, Any], member: str, default: str | None = None) -> str:
    given = body.get(member, default)
    if not isinstance(given, str) or not given:
        raise Invalid("This field is required, as text.", field=member)
    return given


def _key(body: dict[str, Any]) -> WireName:
    return _key_name(_text(body, "key"), "key")


def _key_name(text: str, member: str) -> WireName:
    if not re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?", text):
        raise Invalid(
            f"'{text}' is no name for a key: use letters, digits, - _ and .", field=member
        )
    return name.lower(name.from_text(text))


def _secret(body: dict[str, Any]) -> bytes | None:
    if body.get("secret") is None:
        return None
    try:
        secret = base64.b64decode(_text(body, "secret"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid(f"the secret is not base64: {error}", field="secret") from error
    if len(secret) < 16:
        raise Invalid("the secret is shorter than 128 bits", field="secret")
    return secret
