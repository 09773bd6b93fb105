"""Zones: list, create, update, delete. Each answers with the list of zones, newest first."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nsd.account.user import NO_ADDRESS
from nsd.api.dozens import google, member
from nsd.api.dozens.call import MOST_INSIDE, Call
from nsd.api.dozens.form import Members
from nsd.change.domain import read_domain
from nsd.change.edit import ZoneEdit
from nsd.errors import Invalid
from nsd.store.window import Window
from nsd.store.zones import Choice, ZoneRow
from nsd.zone import mailbox, owner
from nsd.zone.name import WireName


async def list_zones(call: Call) -> Sequence[bytes]:
    """GET zone."""

    def work(connection: sqlite3.Connection) -> Iterator[bytes]:
        rows = Choice(call.principal.account.id).rows(connection, newest_first=True)
        return call.write_list("domain", map(_members, rows))

    return await call.changes.database.read_slices(work)


def _members(row: ZoneRow) -> Members:
    return {"id": str(row.id), "name": owner.bare_text(row.apex)}


def _seen(call: Call, edit: ZoneEdit) -> list[Members] | None:
    """Give the zones as a transaction sees them; None where they are too many for that."""
    most = Window(MOST_INSIDE + 1)
    rows = Choice(call.principal.account.id).rows(edit.connection, most, newest_first=True)
    shown = [_members(row) for row in rows]
    return None if len(shown) > MOST_INSIDE else shown


async def _answer(call: Call, seen: list[Members] | None) -> Sequence[bytes]:
    return await list_zones(call) if seen is None else list(call.write_list("domain", seen))


async def create_zone(call: Call) -> Sequence[bytes]:
    """POST zone/create with `name`, `add_google_apps`, `google_authorize`, `mailaddress`."""
    apex = _read_name(member.text(call.body, "name"))
    rname = _contact(call, member.optional_text(call.body, "mailaddress"))
    proof = member.optional_text(call.body, "google_authorize")
    wants_apps = member.truth(call.body, "add_google_apps")

    def fill(edit: ZoneEdit) -> list[Members] | None:
        edit.set_soa(replace(edit.zone.soa, rname=rname))
        ttl = edit.plan.default_ttl
        if wants_apps:
            edit.insert_all(google.apps(apex, ttl))
        if proof:
            edit.insert(google.proof(apex, ttl, proof))
        return _seen(call, edit)

    user_id = call.principal.account.id
    try:
        committed = await call.changes.create_zone(call.principal, user_id, apex, fill)
    except Invalid as error:
        if error.field == "domain":  # as the other API calls it
            error.field = "name"
        raise
    return await _answer(call, committed.result)


async def update_zone(call: Call) -> Sequence[bytes]:
    """POST zone/update/{id} with `mailaddress`; without it nothing changes."""
    await call.changes.database.read(call.zone_by_number)
    if "mailaddress" not in call.body:
        return await list_zones(call)
    rname = _contact(call, member.optional_text(call.body, "mailaddress"))

    def change(edit: ZoneEdit) -> list[Members] | None:
        edit.set_soa(replace(edit.zone.soa, rname=rname))
        return _seen(call, edit)

    committed = await call.changes.edit(call.principal, call.zone_by_number, change)
    return await _answer(call, committed.result)


async def delete_zone(call: Call) -> Sequence[bytes]:
    """DELETE zone/delete/{id}."""

    def seen(edit: ZoneEdit) -> list[Members] | None:
        shown = _seen(call, edit)
        gone = _members(edit.zone)
        return None if shown is None else [one for one in shown if one != gone]

    committed = await call.changes.delete_zone(call.principal, call.zone_by_number, seen)
    return await _answer(call, committed.result)


def _read_name(text: str) -> WireName:
    if "_" in text:
        raise Invalid("Invalid domain name: it may not hold '_'", field="name")
    return read_domain(text, field="name")


def _contact(call: Call, address: str | None) -> WireName | None:
    """Read the SOA's contact: what was sent, else the account's address, else the default."""
    if address is None or not address.strip():
        if call.principal.account.email.endswith(NO_ADDRESS):
            return None
        address = call.principal.account.email
    try:
        return mailbox.to_name(address)
    except Invalid as error:
        raise Invalid(error.detail, field="mailaddress") from error
