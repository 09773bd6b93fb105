"""Writes answer with what their own transaction saw, whatever happens after it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from nsd.errors import Unavailable
from nsd.store.database import Database
from tests.unit.api.house import House, opened

A = {"record_type": "A", "name": "www", "value": "192.0.2.1", "ttl": 60}
ZONE_FILE = "$TTL 60\n@ SOA ns host 1 2 3 4 5\nx A 192.0.2.3\n"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path) as running:
        yield running


@pytest.fixture
def no_read_after_a_write(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be read any more once something was written."""
    write = house.service.database.write

    async def read(*_: object) -> None:
        raise Unavailable("a write read anew what it had written")

    async def last_write(*arguments: Any, **options: Any) -> Any:
        result = await write(*arguments, **options)
        for name in ("read", "read_slices", "read_long", "read_alone"):
            monkeypatch.setattr(Database, name, read)
        return result

    monkeypatch.setattr(house.service.database, "write", last_write)


async def test_a_new_zone_is_answered_by_its_own_transaction(
    house: House, no_read_after_a_write: None
) -> None:
    content = {"domain": "a.example", "records": [A]}
    status, zone = await house.call("POST", "/dns-zones/", content)
    assert (status, zone["domain"], zone["record_count"]) == (201, "a.example", 1)
    assert zone["records"][0].items() >= A.items()


WRITES = [
    ("DELETE", "/dns-zones/{zone}/", None, 204),
    ("POST", "/dns-zones/{zone}/records/", {**A, "value": "192.0.2.2"}, 201),
    (
        "PUT",
        "/dns-zones/{zone}/zonefile/",
        "$TTL 60\n@ SOA ns host 1 2 3 4 5\nx A 192.0.2.3\n",
        200,
    ),
    ("PUT", "/dns-records/{record}/", {**A, "value": "192.0.2.2"}, 200),
    ("PATCH", "/dns-records/{record}/", {"ttl": 99}, 200),
    ("DELETE", "/dns-records/{record}/", None, 204),
]


@pytest.mark.parametrize(("method", "path", "content", "status"), WRITES)
async def test_every_write_is_answered_by_its_own_transaction(
    house: House,
    request: pytest.FixtureRequest,
    method: str,
    path: str,
    content: object,
    status: int,
) -> None:
    _, zone = await house.call("POST", "/dns-zones/", {"domain": "a.example", "records": [A]})
    request.getfixturevalue("no_read_after_a_write")
    filled = path.format(zone=zone["uuid"], record=zone["records"][0]["uuid"])
    answered, _ = await house.call(method, filled, content)
    assert answered == status
