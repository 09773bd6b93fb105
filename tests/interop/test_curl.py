"""The API page's curl lines, run by a shell as they stand there, and the lines of a first start."""

import json
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.live.http import Caller
from tests.live.process import Process
from tests.live.server import Account, Server

Program = Callable[[str], str]
JSON_TYPE = '-H "Content-Type: application/json"'
LIST_ZONES = 'curl -X GET "{url}/dns-zones/" {auth}'
CREATE_ZONE = 'curl -X POST "{url}/dns-zones/" {auth} {json} -d \'{{"domain": "{domain}"}}\''
LIST_RECORDS = 'curl -X GET "{url}/dns-zones/{zone}/records/" {auth}'
CREATE_RECORD = """curl -X POST "{url}/dns-zones/{zone}/records/" \\
  {auth} \\
  {json} \\
  -d '{{
    "record_type": "A",
    "name": "www",
    "value": "192.0.2.1",
    "ttl": 3600
  }}'"""
UPDATE_TTL = 'curl -X PATCH "{url}/dns-records/{record}/" {auth} {json} -d \'{{"ttl": 1800}}\''


def shell(line: str) -> str:
    done = subprocess.run(
        ["bash", "-c", line], check=False, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, (line, done.stderr)
    return done.stdout


@pytest.fixture
def curl(program: Program, server: Server, account: Account) -> Callable[..., Any]:
    program("curl")
    common = {
        "url": f"http://127.0.0.1:{server.http_port}/api/v1",
        "auth": f'-H "Authorization: Bearer {account.api.token}"',
        "json": JSON_TYPE,
    }
    return lambda line, **words: json.loads(shell(line.format(**common, **words)))


def test_the_pages_lines_work_one_after_another(
    curl: Callable[..., Any], server: Server, domain: str
) -> None:
    assert curl(LIST_ZONES) == []
    zone = curl(CREATE_ZONE, domain=domain)
    assert (zone["domain"], zone["record_count"], zone["records"]) == (domain, 0, [])
    record = curl(CREATE_RECORD, zone=zone["uuid"])
    assert server.found(f"www.{domain}") == ["192.0.2.1"]
    assert curl(LIST_RECORDS, zone=zone["uuid"]) == [record]
    changed = curl(UPDATE_TTL, record=record["uuid"])
    assert changed == {**record, "ttl": 1800}
    (listed,) = curl(LIST_ZONES)
    assert listed == {key: zone[key] for key in listed} | {"record_count": 1}


def test_the_lines_of_a_first_start_create_a_record_and_show_it(
    program: Program, tmp_path: Path
) -> None:
    program("curl")
    program("dig")
    running = Server(tmp_path / "data").start("--show-token")
    try:
        assert_the_lines_work(running.process)
    finally:
        running.process.kill()


def assert_the_lines_work(process: Process) -> None:
    curl_line = process.wait_for_line("    curl ").strip()
    dig_line = process.wait_for_line("    dig ").strip()
    zone = json.loads(shell(curl_line))
    assert zone["record_count"] == 1
    assert "192.0.2.1" in shell(dig_line)
    assert shell(f"{dig_line} +short").strip() == "192.0.2.1"


def test_only_a_first_start_makes_a_token_and_no_log_keeps_it(tmp_path: Path) -> None:
    running = Server(tmp_path / "data").start()
    try:
        running.process.wait_for_line("the administrator's token is in")
        file = tmp_path / "data" / "first-token"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        secret = file.read_text().strip()
        assert secret not in running.process.output
        Caller(running.http_port, secret).get("/dns-zones/").expect(200)
        running.restart()
        assert "token" not in running.process.output
    finally:
        running.process.kill()
