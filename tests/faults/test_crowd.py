"""64 callers at once: nothing fails, nothing is lost, whatever happens to the process."""

import itertools
import signal
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from tests.live.crowd import CALLERS, crowd
from tests.live.process import Process
from tests.live.server import NSDCTL, Account, Server, environment

WRITES = 2000
SOA = "@ 60 SOA ns1 hostmaster 1 7200 900 1209600 300\n"


@pytest.fixture
def lone(own_server: Callable[..., Server]) -> tuple[Server, Account, str]:
    """A server of the test's own, an account, and the uuid of its zone `crowd.example`."""
    running = own_server()
    account = running.account(admin=True)  # who provisions for all
    zone = account.api.post("/dns-zones/", {"domain": "crowd.example"}).expect(201)
    return running, account, zone["uuid"]


def address(number: int) -> str:
    return f"10.0.{number >> 8}.{number & 255}"


async def test_no_write_of_many_fails_even_beside_an_import(
    lone: tuple[Server, Account, str], tmp_path: Path
) -> None:
    server, account, zone = lone
    files = []
    for number in range(200):
        files.append(tmp_path / f"import{number}.example")
        files[-1].write_text(f"$ORIGIN import{number}.example.\n{SOA}www 60 A 192.0.2.1\n")
    beside = Process(
        *NSDCTL, "zone", "import", "--data", str(server.data), *map(str, files),
        environment=environment(),
    )  # fmt: skip
    before = server.serial("crowd.example")
    numbers = iter(range(WRITES))

    async with crowd(account.api) as callers:

        async def write(_caller: int) -> None:
            for number in numbers:
                content = {"record_type": "A", "name": f"n{number}", "value": address(number)}
                reply = await callers.call("POST", f"/dns-zones/{zone}/records/", content)
                assert reply[0] == 201, reply

        await callers.all(write)
    assert beside.wait() == 0, beside.output
    assert beside.output == ""
    assert server.serial("crowd.example") == before + WRITES
    for number in range(WRITES):
        assert server.found(f"n{number}.crowd.example") == [address(number)]
    for number in range(200):
        assert server.found(f"www.import{number}.example") == ["192.0.2.1"]
    assert "locked" not in server.process.output


async def test_what_was_acknowledged_before_sigkill_is_there_afterwards(
    lone: tuple[Server, Account, str],
) -> None:
    server, account, zone = lone
    expected: dict[str, list[str]] = {}  # what DNS must give; a name under way is not in here
    for moment in (40, 400, 150):
        await write_until_it_ends(server, account, zone, expected, moment, signal.SIGKILL)
        assert server.process.wait() == -signal.SIGKILL
        server.start()
        account = Account(account.name, account.id, server.caller(account.id))
        wrong = {name: found for name, addresses in expected.items()
                 if (found := server.found(f"{name}.crowd.example")) != addresses}  # fmt: skip
        assert not wrong
    listed = account.api.get(f"/dns-zones/{zone}/").expect(200)
    by_name = {record["name"]: [record["value"]] for record in listed["records"]}
    assert {name: by_name.get(name, []) for name in expected} == expected
    assert listed["record_count"] == len(listed["records"])


async def test_sigterm_in_the_middle_loses_nothing_either(
    lone: tuple[Server, Account, str],
) -> None:
    server, account, zone = lone
    expected: dict[str, list[str]] = {}
    await write_until_it_ends(server, account, zone, expected, 300, signal.SIGTERM)
    assert server.process.wait() == 0, server.process.output
    assert "rror" not in server.process.output
    server.start()
    for name, addresses in expected.items():
        assert server.found(f"{name}.crowd.example") == addresses


async def write_until_it_ends(
    server: Server,
    account: Account,
    zone: str,
    expected: dict[str, list[str]],
    moment: int,
    ending: signal.Signals,
) -> None:
    """Create, change and delete; after `moment` answers send the signal; note what was answered."""
    answers = itertools.count(1)

    def answered(name: str, addresses: list[str]) -> None:
        expected[name] = addresses
        if next(answers) == moment:
            server.process.send(ending)

    async with crowd(account.api) as callers:

        async def write(caller: int) -> None:
            for number in itertools.count():
                name = f"m{moment}-{caller}-{number}"
                content = {"record_type": "A", "name": name, "value": "10.0.0.1"}
                status, record = await callers.call("POST", f"/dns-zones/{zone}/records/", content)
                assert status == 201, record
                answered(name, ["10.0.0.1"])
                path = f"/dns-records/{record['uuid']}/"
                expected.pop(name)
                status, _ = await callers.call("PATCH", path, {"value": "10.0.0.2"})
                assert status == 200
                answered(name, ["10.0.0.2"])
                if number % 2:
                    expected.pop(name)
                    assert (await callers.call("DELETE", path))[0] == 204
                    answered(name, [])

        async def until_refused(caller: int) -> None:
            try:
                await write(caller)
            except aiohttp.ClientError:
                return

        await callers.all(until_refused)
    assert next(answers) > moment >= CALLERS // 2
