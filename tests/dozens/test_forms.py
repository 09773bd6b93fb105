"""Paths, methods, forms in and out, and the shape of errors."""

import json
import re
from xml.etree import ElementTree as ET

import pytest

from tests.dozens.caller import JSON, XML, Dozens
from tests.dozens.conftest import Both
from tests.live.http import Reply
from tests.live.server import Server


def error_xml(reply: Reply, status: int) -> ET.Element:
    assert reply.status == status, reply
    assert reply.headers["Content-Type"] == "application/xml; charset=utf-8"
    root = ET.fromstring(reply.body)
    assert [child.tag for child in root][:2] == ["code", "message"]
    assert root.findtext("code") == str(status)
    return root


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "zone", "GET"),
        ("GET", "zone/create", "POST"),
        ("GET", "zone/update/1", "POST"),
        ("POST", "zone/delete/1", "DELETE"),
        ("GET", "record/create", "POST"),
        ("PUT", "record/update/1", "POST"),
        ("GET", "record/delete/1", "DELETE"),
        ("DELETE", "record/example.com", "GET"),
        ("DELETE", "authorize", "GET, POST"),
        ("OPTIONS", "zone", "GET"),
    ],
)
def test_a_wrong_method_is_405_in_the_form_asked_for(
    server: Server, method: str, path: str, allowed: str
) -> None:
    caller = Dozens(server.http_port)
    reply = caller.call(method, path + ".json")
    assert reply.expect(405)["code"] == "405"
    assert reply.headers["Allow"] == allowed
    error_xml(caller.call(method, path + ".xml"), 405)


@pytest.mark.parametrize("path", ["", "nothing", "zone/5", "zone/update", "record", "a/b/c/d"])
def test_an_unknown_path_is_404_in_the_form_asked_for(api: Dozens, path: str) -> None:
    assert api.call("GET", path + ".json").expect(404)["code"] == "404"
    assert api.call("GET", path).expect(404)["code"] == "404"
    error_xml(api.call("GET", path + ".xml"), 404)


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("zone.json", XML, JSON),
        ("zone.xml", JSON, XML),
        ("zone", XML, XML),
        ("zone", JSON, JSON),
        ("zone", "*/*", JSON),
        ("zone", "text/html,application/xml,application/json", JSON),
    ],
)
def test_the_suffix_wins_over_accept_and_json_is_the_default(
    api: Dozens, path: str, accept: str, kind: str
) -> None:
    reply = api.call("GET", path, Accept=accept)
    assert reply.status == 200
    assert reply.headers.get_content_type() == kind


@pytest.mark.parametrize("suffix", ["", ".json", ".xml"])
def test_only_the_last_suffix_is_cut_off(api: Dozens, domain: str, suffix: str) -> None:
    name = f"a.json.xml.{domain}.json"
    created = api.call("POST", "zone/create.json", json.dumps({"name": name}))
    assert created.status == 200, created
    assert api.call("GET", f"record/{name}{suffix}").status == (404 if suffix == "" else 200)


def test_absolute_form_is_taken_whatever_host_it_names(api: Dozens) -> None:
    assert api.get("http://dozens.jp/api/zone.json") == {"domain": []}
    reply = api.call("GET", "http://dozens.jp/api/zone.json", Host="elsewhere.example")
    assert reply.expect(200) == {"domain": []}


@pytest.mark.parametrize("kind", [JSON, "text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_is_json_whatever_else_it_is_called(api: Dozens, domain: str, kind: str) -> None:
    body = json.dumps({"name": domain})
    assert len(api.call("POST", "zone/create.json", body, kind=kind).expect(200)["domain"]) == 1


@pytest.mark.parametrize("kind", [XML, "text/xml; charset=utf-8", "application/soap+xml"])
def test_a_body_may_be_xml(both: Both, domain: str, kind: str) -> None:
    api = both.dozens
    made = api.call(
        "POST", "zone/create.json", f"<request><name>{domain}</name></request>", kind=kind
    )
    assert made.expect(200)["domain"][0]["name"] == domain
    record = (
        f'<?xml version="1.0" encoding="UTF-8"?><r xmlns="urn:x"><domain>{domain}</domain><name/>'
        "<type>TXT</type><prio></prio><ttl>60</ttl><content>a &lt; ü</content></r>"
    )
    reply = api.call("POST", "record/create.xml", record, kind=kind)
    assert reply.status == 200, reply
    shown = {child.tag: child.text for child in ET.fromstring(reply.body)[0]}
    assert shown == {
        "id": shown["id"],
        "name": domain,
        "type": "TXT",
        "prio": None,
        "content": "a < ü",
        "ttl": "60",
    }


BOMB = (
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><r><name>&j;</name></r>"
)
EXTERNAL = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><name>&x;</name></r>'


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (JSON, "{"),
        (JSON, "[]"),
        (JSON, '"text"'),
        (JSON, "null"),
        (JSON, '{"name": "\ud800"}'.encode("utf-8", "surrogatepass")),
        (JSON, '{"name": "\\ud800.example"}'),
        (JSON, b"\xff\xfe\xff"),
        (JSON, "[" * 100_000),
        (XML, "<"),
        (XML, "no markup"),
        (XML, "<r><name>a</r>"),
        (XML, BOMB),
        (XML, EXTERNAL),
        (XML, '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x"><r/>'),
        (XML, '<?xml version="1.0" encoding="nonsense"?><r/>'),
        (XML, b"<r>\xff</r>"),
        (XML, "<a>" * 50_000),
        (XML, "<r><name>a.example</name><name>b.example</name></r>"),
        (XML, "<r><name><b>a.example</b></name></r>"),
        (XML, "<r/>"),
    ],
)
def test_a_broken_body_is_400_in_both_forms(api: Dozens, kind: str, body: str | bytes) -> None:
    assert api.call("POST", "zone/create.json", body, kind=kind).expect(400)["code"] == "400"
    error_xml(api.call("POST", "zone/create.xml", body, kind=kind), 400)
    assert api.get("zone.json") == {"domain": []}


def test_a_body_over_1_mib_is_400(api: Dozens) -> None:
    reply = api.call("POST", "zone/create.json", b" " * (1024 * 1024 + 1))
    assert reply.expect(400)["code"] == "400"


def test_an_error_in_xml_has_its_detail_too(api: Dozens) -> None:
    root = error_xml(api.call("POST", "zone/create.xml", '{"name": "a_b.example"}'), 400)
    assert root.findtext("detail/name") == root.findtext("message")


def test_an_empty_body_with_a_json_content_type_is_fine_on_get_and_delete(
    api: Dozens, domain: str
) -> None:
    api.post("zone/create.json", name=domain)
    assert api.call("GET", "zone.json", kind=JSON).status == 200
    assert api.call("DELETE", f"zone/delete/{api.zone_id(domain)}.json", kind=JSON).status == 200


CONTROL = "".join(map(chr, [*range(1, 32), 0x7F, 0x85, 0x2028, 0xFFFD, 0xFFFE, 0xFFFF, 0x1F600]))


def test_characters_that_xml_forbids_make_no_invalid_document(both: Both, domain: str) -> None:
    api = both.dozens
    api.post("zone/create.json", name=domain)
    text = f"x{CONTROL}\x00]]>y"
    made = api.post("record/create.json", domain=domain, type="TXT", content=text)["record"][0]
    assert made["content"] == text
    shown = ET.fromstring(api.call("GET", f"record/{domain}.xml").body).findtext("record/content")
    allowed = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    assert shown == re.sub(allowed, "\ufffd", text)


def test_octets_that_are_no_text_are_escaped(both: Both, domain: str) -> None:
    api = both.dozens
    api.post("zone/create.json", name=domain)
    content = '"\\255\\254 x"'
    api.post("record/create.json", domain=domain, type="TXT", content=content)
    assert api.get(f"record/{domain}.json")["record"][0]["content"] == "\\255\\254 x"
    assert api.call("GET", f"record/{domain}.xml").status == 200


def test_head_is_answered_as_get_is(api: Dozens) -> None:
    reply = api.call("HEAD", "zone.json")
    assert (reply.status, reply.body) == (200, b"")
