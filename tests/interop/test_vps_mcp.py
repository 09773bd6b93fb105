"""The official client, `vps-mcp` as it comes from PyPI, driven over its own protocol."""

import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import mcp.types
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.live.server import Account, Server

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class Client:
    """Calls the client's tools; each gives a text."""

    def __init__(self, session: ClientSession) -> None:
        self.session = session

    async def call(self, tool: str, **arguments: object) -> str:
        result = await self.session.call_tool(tool, arguments)
        (content,) = result.content
        assert isinstance(content, mcp.types.TextContent)
        assert not result.isError, content.text
        return content.text


@asynccontextmanager
async def vps_mcp(server: Server, token: str | None) -> AsyncIterator[Client]:
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-c", "from vps_mcp.server import main; main()"],
        env={
            **os.environ,
            "VPS_API_URL": f"http://127.0.0.1:{server.http_port}/api/v1",
            "VPS_API_TOKEN": token or "",
        },
    )
    async with (
        stdio_client(parameters) as (reading, writing),
        ClientSession(reading, writing) as session,
    ):
        await session.initialize()
        yield Client(session)


def uuid_in(text: str, label: str) -> str:
    found = re.search(rf"{label}: ({UUID})", text, re.IGNORECASE)
    assert found is not None, text
    return found[1]


async def test_the_official_client_works_unmodified(
    server: Server, account: Account, domain: str
) -> None:
    async with vps_mcp(server, account.api.token) as client:
        assert await client.call("list_dns_zones") == "No results found."

        created = await client.call("create_dns_zone", domain=domain)
        assert created.startswith(f"DNS zone created.\n\nDNS Zone: {domain}\n")
        zone = uuid_in(created, "UUID")

        record = await client.call(
            "create_dns_record", zone_uuid=zone, record_type="a", name="www", value="192.0.2.1"
        )
        assert record.startswith("DNS record created.")
        address = uuid_in(record, "uuid")
        assert server.found(f"www.{domain}") == ["192.0.2.1"]

        mail = await client.call(
            "create_dns_record",
            zone_uuid=zone,
            record_type="MX",
            name="@",
            value="mail.example.com",
            priority=10,
        )
        assert "priority: 10" in mail

        shown = await client.call("get_dns_zone", zone_uuid=zone)
        assert f"UUID: {zone}" in shown
        assert "Record count: 2" in shown
        assert f"Record UUID: {address}" in shown
        assert re.search(r"MX +@ +-> mail\.example\.com \(priority: 10\)  TTL: 3600", shown)
        assert domain in await client.call("list_dns_zones", domain=domain)

        updated = await client.call(
            "update_dns_record", record_uuid=address, ttl=60, value="192.0.2.2"
        )
        assert updated.startswith("DNS record updated.")
        assert server.found(f"www.{domain}") == ["192.0.2.2"]

        assert (
            await client.call("delete_dns_record", record_uuid=address)
            == f"DNS record {address} deleted."
        )
        assert server.found(f"www.{domain}") == []
        assert await client.call("delete_dns_zone", zone_uuid=zone) == f"DNS zone {zone} deleted."
        assert await client.call("list_dns_zones") == "No results found."


async def test_the_official_client_shows_our_errors(
    server: Server, account: Account, domain: str
) -> None:
    async with vps_mcp(server, account.api.token) as client:
        zone = uuid_in(await client.call("create_dns_zone", domain=domain), "UUID")
        refused = await client.call(
            "create_dns_record", zone_uuid=zone, record_type="MX", name="@", value="a.example.com"
        )
        assert refused == "Error (400): MX records require a priority value"
        twice = await client.call("create_dns_zone", domain=domain)
        assert twice == "Error (400): A zone for this domain already exists"
        assert await client.call("get_dns_zone", zone_uuid="abc") == "Error (404): Not found."

    async with vps_mcp(server, server.caller(account.id, "dns:list").token) as client:
        refused = await client.call("delete_dns_zone", zone_uuid=zone)
        assert re.fullmatch(r"Error \(403\): .*dns:delete.*", refused)
