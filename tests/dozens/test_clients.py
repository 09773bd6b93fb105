"""Programs that people have: the client of PyPI, and shell scripts; both find us as a proxy."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from nsd.store import dozens_tokens
from tests.live.server import Server

Run = Callable[..., str]

# What the contract names as the client's one shim on Python 3.4 and later comes first.
CLIENT = """
import json, os, sys, urllib.request
urllib.request.Request.add_data = lambda self, data: setattr(self, "data", data.encode())
from dozens import Dozens

domain = sys.argv[1]
client = Dozens(os.environ["NAME"], os.environ["KEY"])
client.start()
said = {"no zones": client.get_zones()}
zone = client.add_zone(domain, add_google_apps=True, google_authorize="proof")
said["zone"] = [zone.name, zone.id]
said["zones"] = [[one.id, one.name] for one in client.get_zones()]
made = client.add_record(domain, "A", "192.0.2.1", "www", ttl=7200)
said["made"] = [made.name, made.type, made.priority, made.content, made.ttl]
mail = client.add_record(domain, "MX", "Mail.Example.com", priority=10)
said["mail"] = [mail.name, mail.type, mail.priority, mail.content, mail.ttl]
changed = client.update_record(made.id, content="192.0.2.2", ttl=60)
said["changed"] = [changed.id == made.id, changed.content, changed.ttl]
said["types"] = [one.type for one in client.get_records(domain)]
client.delete_record(mail.id)
said["left"] = [one.content for one in client.get_records(domain)]
if "keep" not in domain:
    client.delete_zone(zone.id)
    said["gone"] = client.get_zones()
print(json.dumps(said))
"""

# The base URL is the original's; the proxy leads here. Ids are matched as the strings they are.
SCRIPT = r"""
set -euo pipefail
call() { curl -sS -x "$PROXY" -H "X-Auth-Token: $token" -H 'Content-Type: application/json' "$@"; }
token=$(curl -sS -x "$PROXY" http://dozens.jp/api/authorize.json \
    -H "X-Auth-User: $NAME" -H "X-Auth-Key: $KEY" \
    | sed 's/{"auth_token":"\([0-9a-f]*\)"}/\1/')
call http://dozens.jp/api/zone/create.json -d "{\"name\": \"$ZONE\"}" > /dev/null
zone=$(call http://dozens.jp/api/zone.json | jq -r ".domain[] | select(.name == \"$ZONE\") | .id")
call http://dozens.jp/api/record/create.json -d "{\"domain\":\"$ZONE\",\"name\":\"home\",\
\"type\":\"A\",\"prio\":\"\",\"content\":\"192.0.2.1\",\"ttl\":\"60\"}" > /dev/null
record=$(call "http://dozens.jp/api/record/$ZONE.json" \
    | sed 's/.*"id":"\([0-9]*\)","name":"home\..*/\1/')
call "http://dozens.jp/api/record/update/$record.json" -d '{"content":"192.0.2.2"}' \
    | jq -c --arg id "$record" '.record[] | select(.id == $id) | [.name, .content, .ttl]'
test "$(call -o /dev/null -w '%{http_code}' -X DELETE \
    "http://dozens.jp/api/record/delete/$record.json")" = 200
call -X DELETE "http://dozens.jp/api/zone/delete/$zone.xml"
"""


@pytest.fixture
def run(server: Server) -> Run:
    """Run a program with the credentials of an account and with us as its proxy."""
    name = server.account().name
    with server.database() as connection:
        key = dozens_tokens.new_key(connection, name)
    proxy = f"http://127.0.0.1:{server.http_port}"

    def go(*command: str, **variables: str) -> str:
        environment = {**os.environ, "http_proxy": proxy, "no_proxy": "", **variables}
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            env={**environment, "PROXY": proxy, "NAME": name, "KEY": key},
        )
        assert done.returncode == 0, done
        return done.stdout

    return go


def test_the_client_of_pypi_drives_zones_and_records(server: Server, run: Run, domain: str) -> None:
    said: dict[str, Any] = json.loads(run(sys.executable, "-c", CLIENT, domain))
    number = said["zone"][1]
    assert said == {
        "no zones": [],
        "zone": [domain, number],
        "zones": [[int(number), domain]],
        "made": [f"www.{domain}", "A", None, "192.0.2.1", 7200],
        "mail": [domain, "MX", "10", "Mail.Example.com", 7200],
        "changed": [True, "192.0.2.2", 60],
        "types": said["types"],
        "left": said["left"],
        "gone": [],
    }
    assert said["types"][-2:] == ["A", "MX"]
    assert said["left"][-1] == "192.0.2.2"
    assert server.found(domain, "SOA") == []


def test_what_the_client_of_pypi_made_is_served(server: Server, run: Run, domain: str) -> None:
    run(sys.executable, "-c", CLIENT, f"keep.{domain}")
    assert server.found(f"www.keep.{domain}") == ["192.0.2.2"]
    assert server.found(f"keep.{domain}", "TXT") == ['"proof"']


def test_a_shell_script_cuts_the_token_with_sed_and_matches_ids_as_text(
    run: Run, program: Callable[[str], str], domain: str
) -> None:
    for needed in ("curl", "jq"):
        program(needed)
    assert run("bash", "-c", SCRIPT, ZONE=domain).splitlines() == [
        f'["home.{domain}","192.0.2.2","60"]',
        '<?xml version="1.0" encoding="UTF-8"?><response></response>',
    ]
