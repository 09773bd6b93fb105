"""Every type and value form of the contract: sent, shown, and asked back by DNS."""

from typing import Any

import dns.rdata
import dns.rdatatype
import pytest

from tests.live.server import Account, Server

LONG = "k=" + "abcdefghij" * 60

# type, what is sent, what comes back, what DNS answers
VALUES = [
    ("A", "192.0.2.1", "192.0.2.1", "192.0.2.1"),
    ("AAAA", "2001:0DB8:0:0:0:0:0:1", "2001:db8::1", "2001:db8::1"),
    ("AAAA", "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("AAAA", "::ffff:192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.1"),
    ("AAAA", "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "2001:db8::1:0:0:1"),
    ("CNAME", "target.example.com", "target.example.com", "target.example.com."),
    ("CNAME", "target.example.com.", "target.example.com", "target.example.com."),
    ("CNAME", "@", "{zone}", "{zone}."),
    ("CNAME", "bücher.example", "xn--bcher-kva.example", "xn--bcher-kva.example."),
    ("NS", "ns1.example.com", "ns1.example.com", None),
    ("PTR", "host.example.com", "host.example.com", "host.example.com."),
    ("DNAME", "other.example.com", "other.example.com", "other.example.com."),
    ("TXT", "v=spf1 include:_spf.google.com ~all", None, '"v=spf1 include:_spf.google.com ~all"'),
    ("TXT", '"a" "b"', '"a" "b"', '"a" "b"'),
    ("TXT", "  blanks kept  ", "  blanks kept  ", '"  blanks kept  "'),
    ("TXT", 'a "quoted" word', 'a "quoted" word', r'"a \"quoted\" word"'),
    ("TXT", "back\\slash; semicolon", None, r'"back\\slash; semicolon"'),
    ("TXT", "grün ☃", "grün ☃", r'"gr\195\188n \226\152\131"'),
    ("TXT", LONG, LONG, f'"{LONG[:255]}" "{LONG[255:510]}" "{LONG[510:]}"'),
    ("TXT", "line\nbreak\ttab", "line\nbreak\ttab", r'"line\010break\009tab"'),
    ("TXT", '""', '""', '""'),
    ("SPF", "v=spf1 -all", "v=spf1 -all", '"v=spf1 -all"'),
    ("CAA", '0 issue "letsencrypt.org"', None, '0 issue "letsencrypt.org"'),
    ("CAA", "128 iodef mailto:a@example.com", '128 iodef "mailto:a@example.com"', None),
    ("SVCB", "1 svc.example.com. port=8443", None, '1 svc.example.com. port="8443"'),
    ("HTTPS", "1 . alpn=h2,h3", None, '1 . alpn="h2,h3"'),
    ("TLSA", "3 1 1 " + "ab" * 32, None, "3 1 1 " + "ab" * 32),
    ("SSHFP", "4 2 " + "cd" * 32, None, "4 2 " + "cd" * 32),
    ("NAPTR", '100 10 "u" "E2U+sip" "!^.*$!sip:a@example.com!" .', None, None),
    ("DS", "12345 13 2 " + "EF" * 32, None, None),
    ("LOC", "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m", None, None),
    ("HINFO", '"amd64" "Linux"', '"amd64" "Linux"', '"amd64" "Linux"'),
    ("RP", "admin.example.com. txt.example.com.", None, "admin.example.com. txt.example.com."),
    ("URI", '10 1 "https://example.com/"', None, '10 1 "https://example.com/"'),
    ("OPENPGPKEY", "aGVsbG8gd29ybGQ=", "aGVsbG8gd29ybGQ=", "aGVsbG8gd29ybGQ="),
    ("EUI48", "00-00-5e-00-53-2a", None, "00-00-5e-00-53-2a"),
    ("TYPE65280", r"\# 4 0a000001", r"\# 4 0a000001", r"\# 4 0a000001"),
    ("TYPE1", "192.0.2.9", "192.0.2.9", "192.0.2.9"),
    ("A", r"\# 4 c0000201", "192.0.2.1", "192.0.2.1"),
]


@pytest.fixture(scope="module")
def zone(server: Server) -> tuple[Account, str, str]:
    """One zone for the whole table: an account, the zone's name and its uuid."""
    account = server.account()
    domain = f"values-{account.name}.example"
    return account, domain, account.api.post("/dns-zones/", {"domain": domain}).expect(201)["uuid"]


@pytest.mark.parametrize(("kind", "sent", "shown", "served"), VALUES)
def test_a_value_comes_back_in_its_form_and_is_served(
    server: Server,
    zone: tuple[Account, str, str],
    request: pytest.FixtureRequest,
    kind: str,
    sent: str,
    shown: str | None,
    served: str | None,
) -> None:
    account, domain, uuid = zone
    name = f"n{abs(hash(request.node.name))}"
    body: dict[str, Any] = {"record_type": kind, "name": name, "value": sent}
    record = account.api.post(f"/dns-zones/{uuid}/records/", body).expect(201)
    mnemonic = "A" if kind == "TYPE1" else kind
    assert record["record_type"] == mnemonic
    if shown is not None or served == sent or kind == "TXT":
        assert record["value"] == (shown or sent).format(zone=domain)
    path = f"/dns-records/{record['uuid']}/"
    assert account.api.get(path).expect(200) == record
    put = account.api.put(path, record).expect(200)
    assert put == record, "what is shown can be sent again"
    if kind == "NS":  # a cut: the records stand in the referral
        answer = server.ask(f"{name}.{domain}", kind).authority
        assert answer[0][0].to_text() == f"{sent}."
        return
    (answered,) = server.found(f"{name}.{domain}", kind)
    expected = record["value"] if served is None else served.format(zone=domain)
    rdtype = dns.rdatatype.from_text(kind)
    assert answered == dns.rdata.from_text("IN", rdtype, expected).to_text()


@pytest.mark.parametrize(
    ("kind", "value", "part"),
    [
        ("A", "2001:db8::1", ""),
        ("A", "192.0.2.256", ""),
        ("A", "192.0.2.01", ""),
        ("A", "192.0.2", ""),
        ("A", "example.com", ""),
        ("A", "", ""),
        ("A", "   ", ""),
        ("A", "192.0.2.1 192.0.2.2", ""),
        ("AAAA", "192.0.2.1", ""),
        ("AAAA", "2001:db8::1::2", ""),
        ("AAAA", "fe80::1%eth0", ""),
        ("CNAME", "www", "www.{zone}"),
        ("NS", "ns1", "ns1.{zone}"),
        ("CNAME", "192.0.2.1", ""),
        ("CNAME", "http://example.com/", ""),
        ("CNAME", "a..example.com", ""),
        ("CNAME", "a.example.com b.example.com", ""),
        ("CNAME", "x" * 64 + ".example.com", ""),
        ("PTR", ".", ""),
        ("TXT", "", ""),
        ("TXT", '"unclosed', ""),
        ("TXT", "x" * 70_000, ""),
        ("CAA", "0 issue", ""),
        ("CAA", "256 issue a", ""),
        ("TLSA", "3 1 1 zz", ""),
        ("SSHFP", "4 2 abc", ""),
        ("LOC", "nowhere", ""),
        ("HTTPS", "1 . alpn", ""),
        ("TYPE65280", "10.0.0.1", ""),
        ("TYPE65280", r"\# 5 0a000001", ""),
        ("DS", "1 13 2 " + "zz" * 32, ""),
    ],
)
def test_another_value_is_refused_with_a_reason(
    zone: tuple[Account, str, str], kind: str, value: str, part: str
) -> None:
    account, domain, uuid = zone
    body = {"record_type": kind, "name": "refused", "value": value}
    reply = account.api.post(f"/dns-zones/{uuid}/records/", body)
    detail = reply.refusal(400, "validation_error", "value")
    assert part.format(zone=domain) in detail


@pytest.mark.parametrize(
    ("kind", "value", "shown", "served"),
    [
        ("MX", "mail.example.com", "mail.example.com", "5 mail.example.com."),
        ("MX", "mail.example.com.", "mail.example.com", "5 mail.example.com."),
        ("MX", "@", "{zone}", "5 {zone}."),
        ("MX", ".", ".", "5 ."),
        ("SRV", "10 5060 sip.example.com", "10 5060 sip.example.com", "5 10 5060 sip.example.com."),
        ("SRV", "0 0 .", "0 0 .", "5 0 0 ."),
    ],
)
def test_the_priority_stands_apart_from_the_value(
    server: Server, zone: tuple[Account, str, str], kind: str, value: str, shown: str, served: str
) -> None:
    account, domain, uuid = zone
    name = f"p{abs(hash((kind, value)))}"
    body = {"record_type": kind, "name": name, "value": value, "priority": 5}
    record = account.api.post(f"/dns-zones/{uuid}/records/", body).expect(201)
    assert (record["value"], record["priority"]) == (shown.format(zone=domain), 5)
    assert server.found(f"{name}.{domain}", kind) == [served.format(zone=domain)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [("MX", "mail"), ("MX", "10 mail.example.com"), ("SRV", "5060 sip.example.com"),
     ("SRV", "1 2 3 sip.example.com"), ("SRV", "10 99999 sip.example.com"), ("SRV", "10 5060 sip")],
)  # fmt: skip
def test_a_malformed_mail_or_service_value_is_refused(
    zone: tuple[Account, str, str], kind: str, value: str
) -> None:
    account, _, uuid = zone
    body = {"record_type": kind, "name": "refused", "value": value, "priority": 5}
    reply = account.api.post(f"/dns-zones/{uuid}/records/", body)
    reply.refusal(400, "validation_error", "value")
