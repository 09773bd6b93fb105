"""Bodies: what is read, what is refused, and that nothing makes the server stumble."""

import json
import socket
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.live.http import PREFIX, Reply
from tests.live.server import Account, Server

PATH = "/dns-zones/"
MIB = 1024 * 1024


def send(account: Account, body: bytes, kind: str | None = "application/json") -> Reply:
    return account.api.call("POST", PATH, body, {} if kind is None else {"Content-Type": kind})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b"{'domain': 'a.example'}",
        b'{"domain": "a.example"} trailing',
        b'{"domain": "\xff.example"}',
        b'{"domain": "\\ud800.example"}',
        b"[" * 100_000,
        b'{"ttl": ' + b"9" * 5000 + b"}",
        b"\x00",
    ],
)
def test_what_is_no_json_is_a_parse_error(account: Account, body: bytes) -> None:
    assert "JSON" in send(account, body).refusal(400, "parse_error")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b"7", b"NaN", b"true"])
def test_json_that_is_no_object_is_refused(account: Account, body: bytes) -> None:
    send(account, body).refusal(400, "validation_error")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", "/"]
)
def test_another_content_type_is_415(account: Account, domain: str, kind: str) -> None:
    body = json.dumps({"domain": domain}).encode()
    send(account, body, kind).refusal(415, "unsupported_media_type")


@pytest.mark.parametrize(
    "kind", [None, "application/json; charset=utf-8", "Application/JSON", "application/vnd.x+json"]
)
def test_json_is_taken_under_its_names_and_without_one(
    account: Account, domain: str, kind: str | None
) -> None:
    send(account, json.dumps({"domain": domain}).encode(), kind).expect(201)


def padded(domain: str, length: int) -> bytes:
    body = json.dumps({"domain": domain, "ignored": ""}).encode()
    return body[:-2] + b"x" * (length - len(body)) + body[-2:]


def test_a_body_of_one_mib_is_read_and_one_octet_more_is_413(account: Account, domain: str) -> None:
    send(account, padded(domain, MIB + 1)).refusal(413, "payload_too_large")
    assert account.api.get(PATH).expect(200) == []
    send(account, padded(domain, MIB)).expect(201)


def test_a_chunked_body_has_the_same_limit(account: Account, domain: str) -> None:
    body = padded(domain, MIB + 1)
    chunked = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    account.api.call("POST", PATH, chunks, chunked).refusal(413, "payload_too_large")


def test_a_caller_that_leaves_in_the_middle_disturbs_nobody(
    server: Server, account: Account, domain: str
) -> None:
    head = (
        f"POST {PREFIX}{PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {account.api.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    for end in (socket.SHUT_WR, socket.SHUT_RDWR):
        with socket.create_connection(("127.0.0.1", server.http_port), timeout=10) as connection:
            connection.sendall(head.encode())
            connection.shutdown(end)
    account.api.post(PATH, {"domain": domain}).expect(201)
    assert "a request failed" not in server.process.output


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
types = st.sampled_from(
    ["A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA", "SVCB", "LOC", "NAPTR", "TYPE65280",
     "DS", "TLSA", "ALIAS", "DNAME", "SOA", "ANY", "APL", "IPSECKEY", "HIP", "CERT", "NSAP", "WKS"]
)  # fmt: skip
pieces = [
    "0",
    "1",
    "-1",
    "65536",
    "1h",
    "ff",
    "192.0.2.1",
    "::1",
    "a.example",
    ".",
    "@",
    "=",
    "k=v",
]
pieces += ['"', '""', "\\", r"\#", "(", ")", ";", "é", "\u0000", "\n", "alpn=h2", "no-default-alpn"]
words = st.lists(st.sampled_from(pieces), max_size=6).map(" ".join)
record = st.fixed_dictionaries(
    {},
    optional={
        "record_type": types | anything,
        "name": words | anything,
        "value": words | anything,
        "ttl": st.integers(-1, 2**31) | anything,
        "priority": st.integers(-1, 2**16) | anything,
    },
)
likely = settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def target(server: Server) -> tuple[Account, str, str]:
    """An account, a zone of it and a record in that zone, for random bodies."""
    account = server.account()
    first = [{"record_type": "A", "name": "first", "value": "192.0.2.1"}]
    content = {"domain": f"{account.name}.example", "records": first}
    zone = account.api.post(PATH, content).expect(201)
    return account, zone["uuid"], zone["records"][0]["uuid"]


def is_an_answer(reply: Reply, *, success: int) -> None:
    if reply.status == success:
        assert isinstance(reply.json, dict)
        return
    assert reply.status == 400, reply
    content = reply.json
    assert content.keys() - {"field"} == {"detail", "error_code"}, reply
    assert content["error_code"] in ("validation_error", "parse_error"), reply
    assert all(isinstance(value, str) and value for value in content.values()), reply


@likely
@given(content=record | anything)
def test_any_record_is_taken_or_refused_in_one_shape(
    target: tuple[Account, str, str], content: Any
) -> None:
    account, zone, first = target
    created = account.api.post(f"/dns-zones/{zone}/records/", content)
    is_an_answer(created, success=201)
    if created.status == 201:
        shown = created.json
        path = f"/dns-records/{shown['uuid']}/"
        assert account.api.put(path, shown).expect(200) == shown
        account.api.delete(path).expect_status(204)
    for method in ("PUT", "PATCH"):
        changed = account.api.send_json(method, f"/dns-records/{first}/", content)
        is_an_answer(changed, success=200)


@likely
@given(domain=words | st.text() | anything, records=st.lists(record, max_size=2) | anything)
def test_any_zone_is_taken_or_refused_in_one_shape(
    target: tuple[Account, str, str], domain: Any, records: Any
) -> None:
    account, _, _ = target
    reply = account.api.post(PATH, {"domain": domain, "records": records})
    is_an_answer(reply, success=201)
    if reply.status == 201:
        account.api.delete(f"/dns-zones/{reply.json['uuid']}/").expect_status(204)


@likely
@given(body=st.binary(max_size=200) | words.map(str.encode) | st.text().map(str.encode))
def test_any_octets_are_taken_or_refused_in_one_shape(
    target: tuple[Account, str, str], body: bytes
) -> None:
    account, zone, _ = target
    is_an_answer(send(account, body), success=201)
    headers = {"Content-Type": "text/dns"}
    is_an_answer(
        account.api.call("PUT", f"/dns-zones/{zone}/zonefile/", body, headers), success=200
    )


@likely
@given(path=st.text(max_size=20), query=st.dictionaries(st.text(max_size=5), st.text(max_size=5)))
def test_any_path_and_query_is_answered(
    target: tuple[Account, str, str], path: str, query: dict[str, str]
) -> None:
    account, _, _ = target
    for start in ("/dns-zones/", "/dns-records/", "/"):
        reply = account.api.get(f"{start}{quote(path)}?{urlencode(query)}&page=1")
        assert reply.status in (200, 404, 405), reply
        assert isinstance(reply.json, dict | list)
