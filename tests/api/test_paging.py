"""Pages: where they are asked for, with links that lead through all of them."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.live.http import PREFIX, Caller
from tests.live.server import Account


@pytest.fixture
def names(account: Account, domain: str) -> list[str]:
    """The names of 45 records in one zone, in the order of their creation."""
    found = [f"n{number}" for number in range(45)]
    records = [{"record_type": "A", "name": name, "value": "192.0.2.1"} for name in found]
    account.api.post("/dns-zones/", {"domain": domain, "records": records}).expect(201)
    return found


@pytest.fixture
def lists(account: Account, domain: str) -> list[str]:
    uuid = account.api.get(f"/dns-zones/?domain={domain}").expect(200)[0]["uuid"]
    return [f"/dns-zones/{uuid}/records/", "/dns-records/", f"/dns-records/?zone={uuid}"]


def walk(caller: Caller, path: str, link: str) -> list[str]:
    """Follow the links from one page on; give all names."""
    found: list[str] = []
    while True:
        page = caller.get(path).expect(200)
        assert page.keys() == {"count", "next", "previous", "results"}
        assert page["count"] == 45
        listed = [record["name"] for record in page["results"]]
        found = found + listed if link == "next" else listed + found
        if page[link] is None:
            return found
        target = urlsplit(page[link])
        assert (target.scheme, target.port) == ("http", caller.port)
        path = f"{target.path.removeprefix(PREFIX)}?{target.query}"


@pytest.mark.parametrize("query", ["page=1", "page_size=20", "page_size=1000", "page_size=7"])
def test_the_links_lead_through_the_whole_list(
    account: Account, names: list[str], lists: list[str], query: str
) -> None:
    for path in lists:
        start = f"{path}{'&' if '?' in path else '?'}{query}"
        assert walk(account.api, start, "next") == names


def test_the_links_lead_back(account: Account, names: list[str], lists: list[str]) -> None:
    for path in lists:
        start = f"{path}{'&' if '?' in path else '?'}page=3&page_size=20"
        assert walk(account.api, start, "previous") == names


def test_links_keep_the_other_arguments(account: Account, names: list[str]) -> None:
    path = "/dns-records/?record_type=A&colour=r%26d&page_size=10&page=2"
    page = account.api.get(path).expect(200)
    assert [record["name"] for record in page["results"]] == names[10:20]
    for link, number in (("next", "3"), ("previous", "1")):
        query = parse_qs(urlsplit(page[link]).query)
        assert query == {
            "record_type": ["A"],
            "colour": ["r&d"],
            "page_size": ["10"],
            "page": [number],
        }


def test_the_default_page_has_twenty_entries(account: Account, names: list[str]) -> None:
    page = account.api.get("/dns-records/?page=1").expect(200)
    assert [record["name"] for record in page["results"]] == names[:20]


def test_a_page_size_above_the_most_is_the_most(account: Account, domain: str) -> None:
    many = [
        {"record_type": "A", "name": f"n{number}", "value": "192.0.2.1"} for number in range(1001)
    ]
    account.api.post("/dns-zones/", {"domain": domain, "records": many}).expect(201)
    page = account.api.get("/dns-records/?page_size=5000").expect(200)
    assert (page["count"], len(page["results"])) == (1001, 1000)
    assert page["next"] is not None


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("page", ["4", "0", "-1", "x", "", "9" * 30])
def test_a_page_past_the_end_is_404(account: Account, page: str) -> None:
    account.api.get(f"/dns-records/?page={page}").refusal(404, "not_found")


@pytest.mark.parametrize("size", ["0", "-1", "x", "", "1.5"])
def test_a_page_size_that_is_none_is_refused(account: Account, size: str) -> None:
    reply = account.api.get(f"/dns-records/?page_size={size}")
    reply.refusal(400, "validation_error", "page_size")


def test_the_first_page_of_nothing_is_empty(account: Account) -> None:
    for path in ("/dns-zones/", "/dns-records/"):
        page = account.api.get(f"{path}?page=1").expect(200)
        assert page == {"count": 0, "next": None, "previous": None, "results": []}


def test_zones_come_in_pages_too(account: Account, domain: str) -> None:
    for number in range(3):
        account.api.post("/dns-zones/", {"domain": f"z{number}.{domain}"}).expect(201)
    page = account.api.get("/dns-zones/?page_size=2&page=2").expect(200)
    assert [zone["domain"] for zone in page["results"]] == [f"z2.{domain}"]
    assert (page["count"], page["next"]) == (3, None)
    filtered = account.api.get(f"/dns-zones/?page=1&domain=z1.{domain}").expect(200)
    assert (filtered["count"], len(filtered["results"])) == (1, 1)


@pytest.mark.parametrize("host", ["[", "a b", "x:y", "", "ex ample:99999", "\u00e9"])
def test_a_host_header_that_is_none_is_no_defect_of_ours(account: Account, host: str) -> None:
    encoded = host.encode().decode("latin-1")
    reply = account.api.get("/dns-zones/?page=1", Host=encoded)
    assert reply.status in (200, 400), reply
