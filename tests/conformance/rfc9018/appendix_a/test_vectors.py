"""The document's own test vectors: other servers take our cookies, and we take theirs."""

import pytest

from nsd.server.cookie import Cookies
from tests.conformance.asked import packed

OLD = bytes.fromhex("e5e973e5a6b2a43f48e7dc849e37bfcf")
FIRST = bytes.fromhex("dd3bdf9344b678b185a6f5cb60fca715")
SECOND = bytes.fromhex("445536bcd2513298075a5d379663c962")


@pytest.mark.parametrize(
    ("secret", "now", "client", "shown", "answered", "good"),
    [
        (
            OLD,
            1559731985,
            "198.51.100.100",
            "2464c4abcf10c957",
            "2464c4abcf10c957010000005cf79f111f8130c3eee29480",
            False,
        ),
        (
            OLD,
            1559734385,
            "198.51.100.100",
            "2464c4abcf10c957010000005cf79f111f8130c3eee29480",
            "2464c4abcf10c957010000005cf7a871d4a564a1442aca77",
            True,
        ),
        (
            OLD,
            1559734700,
            "203.0.113.203",
            "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5",
            "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e",
            False,
        ),
        (
            SECOND,
            1559741961,
            "2001:db8:220:1:59de:d0f4:8769:82b8",
            "22681ab97d52c298010000005cf7c57926556bd0934c72f8",
            "22681ab97d52c298010000005cf7c609a6bb79d16625507a",
            False,
        ),
    ],
    ids=["A.1 a new one", "A.2 renewed", "A.3 reserved octets", "A.4 another secret"],
)
def test_a_vector(
    secret: bytes, now: int, client: str, shown: str, answered: str, good: bool
) -> None:
    cookies = Cookies(secret, wall=lambda: now)
    made, taken = cookies.check(bytes.fromhex(shown), packed(client))
    assert (made.hex(), taken) == (answered, good)


def test_a_cookie_with_reserved_octets_is_good_while_it_is_young() -> None:
    shown = bytes.fromhex("fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5")
    assert Cookies(OLD, wall=lambda: 0x5CF78F71 + 60).check(shown, packed("203.0.113.203")) == (
        shown,
        True,
    )


def test_a_cookie_of_the_secret_before_is_not_good() -> None:
    shown = bytes.fromhex("22681ab97d52c298010000005cf7c57926556bd0934c72f8")
    client = "2001:db8:220:1:59de:d0f4:8769:82b8"
    assert Cookies(FIRST, wall=lambda: 1559741961).check(shown, packed(client))[1]
    assert not Cookies(SECOND, wall=lambda: 1559741961).check(shown, packed(client))[1]
