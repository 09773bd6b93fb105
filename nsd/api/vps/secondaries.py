"""Secondaries: list, add, remove."""

import sqlite3
from typing import Any

from aiohttp import web

from nsd.account.principal import Principal
from nsd.account.tsig_key import read_name
from nsd.api.body import read_json_object
from nsd.api.vps.door import Door
from nsd.api.vps.reply import Reply, done, json_reply
from nsd.api.vps.shape import text_member, time_text
from nsd.secondary.declaration import DEFAULT_GROUP, Declaration, read_address, usual_key
from nsd.settings import Endpoint
from nsd.store import catalogs, secondaries
from nsd.store.secondaries import Secondary
from nsd.zone.name import WireName, to_text


async def list_secondaries(door: Door, _principal: Principal, _request: web.Request) -> Reply:
    """GET /secondaries/."""

    def work(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        groups = {one.zone_id: one.group for one in catalogs.everything(connection)}
        return [
            _secondary_json(one, groups[one.catalog_id], door.keyring.name_of(one.key_id))
            for one in secondaries.everything(connection)
        ]

    return json_reply(await door.database.read(work))


def _secondary_json(one: Secondary, group: str, key: WireName | None) -> dict[str, Any]:
    return {
        "name": one.name,
        "address": str(Endpoint(one.host, one.port)),
        "group": group,
        "key": None if key is None else to_text(key),
        "created_at": time_text(one.created_at),
    }


async def add_secondary(door: Door, principal: Principal, request: web.Request) -> Reply:
    """POST /secondaries/ with `{name, address, group, key}`."""
    body = await read_json_object(request)
    secondary = text_member(body, "name")
    address = read_address(text_member(body, "address"))
    key = _key(body, secondary)
    group = text_member(body, "group", DEFAULT_GROUP)
    declared = Declaration(secondary, address.host, address.port, key, group)
    await door.declarations.add(principal, declared)
    await door.reload()
    shown = {
        "name": secondary,
        "address": str(address),
        "group": group,
        "key": None if key is None else to_text(key),
    }
    return json_reply(shown, 201)


async def remove_secondary(door: Door, principal: Principal, request: web.Request) -> Reply:
    """DELETE /secondaries/{name}/."""
    await door.declarations.remove(principal, request.match_info["name"])
    await door.reload()
    return done()


def _key(body: dict[str, Any], secondary: str) -> WireName | None:
    """Read the key's name: the usual one where nothing is said, none for null."""
    if "key" not in body:
        return usual_key(secondary)
    return read_name(text_member(body, "key"), field="key") if body["key"] else None
