"""Zones: list, create, update, delete. Each answers with the list of zones, newest first."""

import sqlite3
from dataclasses import replace

from nsd.account.user import NO_ADDRESS
from nsd.api.dozens import google, member
from nsd.api.dozens.call import Call
from nsd.change.domain import read_domain
from nsd.change.edit import ZoneEdit
from nsd.errors import Invalid
from nsd.store import zones
from nsd.zone import mailbox, owner
from nsd.zone.name import WireName


async def list_zones(call: Call) -> bytes:
    """GET zone."""

    def work(connection: sqlite3.Connection) -> bytes:
        newest_first = reversed(zones.of_user(connection, call.principal.account.id))
        return call.write_list(
            "domain",
            [{"id": str(row.id), "name": owner.bare_text(row.apex)} for row in newest_first],
        )

    return await call.changes.database.read(work)


async def create_zone(call: Call) -> bytes:
    """POST zone/create with `name`, `add_google_apps`, `google_authorize`, `mailaddress`."""
    apex = _read_name(member.text(call.body, "name"))
    rname = _contact(call, member.optional_text(call.body, "mailaddress"))
    proof = member.optional_text(call.body, "google_authorize")
    wants_apps = member.truth(call.body, "add_google_apps")

    def fill(edit: ZoneEdit) -> None:
        edit.set_soa(replace(edit.zone.soa, rname=rname))
        ttl = edit.plan.default_ttl
        if wants_apps:
            edit.insert_all(google.apps(apex, ttl))
        if proof:
            edit.insert(google.proof(apex, ttl, proof))

    try:
        await call.changes.create_zone(call.principal, call.principal.account.id, apex, fill)
    except Invalid as error:
        if error.field == "domain":  # as the other API calls it
            error.field = "name"
        raise
    return await list_zones(call)


async def update_zone(call: Call) -> bytes:
    """POST zone/update/{id} with `mailaddress`; without it nothing changes."""
    await call.changes.database.read(call.zone_by_number)
    if "mailaddress" in call.body:
        rname = _contact(call, member.optional_text(call.body, "mailaddress"))

        def change(edit: ZoneEdit) -> None:
            edit.set_soa(replace(edit.zone.soa, rname=rname))

        await call.changes.edit(call.principal, call.zone_by_number, change)
    return await list_zones(call)


async def delete_zone(call: Call) -> bytes:
    """DELETE zone/delete/{id}."""
    await call.changes.delete_zone(call.principal, call.zone_by_number)
    return await list_zones(call)


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
