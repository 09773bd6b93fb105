"""The journal's who: the person who acts, by what, through which door, from which address."""

import os
import pwd
from collections.abc import Callable

from nsd.store import journal
from nsd.store.byline import Byline
from nsd.zone.name import from_text
from tests.dozens.caller import authorized
from tests.live.http import PATIENCE
from tests.live.server import Account, Server, eventually

OPERATOR = pwd.getpwuid(os.getuid()).pw_name
HERE = "127.0.0.1"


def bylines(server: Server, domain: str) -> list[Byline]:
    """Give who changed a zone, in order."""
    with server.database() as connection:
        entries = list(journal.after(connection, 0))
    return [entry.byline for entry in entries if entry.apex == from_text(f"{domain}.")]


def token_of(server: Server, account: Account) -> str:
    with server.database() as connection:
        query = "SELECT id FROM tokens WHERE user_id = ?"
        ((number,),) = connection.execute(query, (account.id,))
    return f"token {number} test"


def test_by_a_token_it_is_its_account_with_the_token_and_the_address(
    server: Server, account: Account, domain: str
) -> None:
    zone = account.api.post("/dns-zones/", {"domain": domain}).expect(201)
    account.api.delete(f"/dns-zones/{zone['uuid']}/").expect_status(204)
    me = Byline(account.name, token_of(server, account), "vps", HERE)
    assert bylines(server, domain) == [me, me]


def test_by_a_session_it_is_its_account_with_the_session(
    server: Server, account: Account, domain: str
) -> None:
    authorized(server, account.name).post("zone/create", name=domain)
    (found,) = bylines(server, domain)
    assert (found.actor, found.door, found.address) == (account.name, "dozens", HERE)
    assert found.credential.startswith("session ")


def test_by_a_command_it_is_the_operator_not_the_zones_account(
    server: Server, account: Account, domain: str
) -> None:
    path = server.data.parent / f"{domain}.zone"
    path.write_text(f"$ORIGIN {domain}.\n@ 60 SOA ns1 hostmaster 7 7200 900 1209600 300\n")
    done = server.control("zone", "import", str(path), "--user", account.name)
    assert done.returncode == 0, done.stderr
    assert bylines(server, domain) == [Byline(OPERATOR, "command zone import", "nsdctl", "")]


def test_it_is_the_address_that_a_trusted_proxy_tells(
    own_server: Callable[..., Server], domain: str
) -> None:
    server = own_server(NSD_HTTP_TRUSTED_PROXIES=HERE)
    account = server.account()
    body = f'{{"domain": "{domain}"}}'.encode()
    headers = {"Content-Type": "application/json", "X-Forwarded-For": "192.0.2.7"}
    account.api.call("POST", "/dns-zones/", body, headers).expect(201)
    assert [byline.address for byline in bylines(server, domain)] == ["192.0.2.7"]


def test_what_the_server_does_by_itself_is_nobodys(
    server: Server, account: Account, domain: str
) -> None:
    alias = {"record_type": "ALIAS", "name": "@", "value": f"www.{domain}"}
    www = {"record_type": "A", "name": "www", "value": "192.0.2.1"}
    zone = account.api.post("/dns-zones/", {"domain": domain, "records": [www, alias]}).expect(201)
    path = f"/dns-zones/{zone['uuid']}/records/"
    account.api.post(path, {**www, "value": "192.0.2.2"}).expect(201)
    eventually(lambda: len(server.found(domain)) == 2, within=PATIENCE, why="the target changed")
    itself = Byline("", "", "alias", "")
    assert [byline.actor for byline in bylines(server, domain)] == [account.name] * 2 + [""]
    assert bylines(server, domain)[-1] == itself


def test_an_administrator_who_moves_anothers_zone_stands_in_the_catalogs(
    own_server: Callable[..., Server], domain: str
) -> None:
    server = own_server()
    for name, group in (("ns1", "default"), ("ns2", "east")):
        done = server.control("secondary", "add", name, "127.0.0.1:1", "--group", group)
        assert done.returncode == 0, done.stderr
    owner, admin = server.account(), server.account(admin=True)
    zone = owner.api.post("/dns-zones/", {"domain": domain}).expect(201)
    path = f"/dns-zones/{zone['uuid']}/group/"
    admin.api.put(path, {"group": "east"}).expect_status(204)
    for catalog in ("default.catalog.invalid", "east.catalog.invalid"):
        last = bylines(server, catalog)[-1]
        assert last == Byline(admin.name, token_of(server, admin), "vps", HERE)
    assert [byline.actor for byline in bylines(server, domain)] == [owner.name]
