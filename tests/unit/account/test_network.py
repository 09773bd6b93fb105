"""Networks: how they are written, and whom they admit."""

import pytest

from nsd.account.network import admits, read_networks
from nsd.errors import Invalid


def test_networks_are_read_into_their_usual_spelling() -> None:
    assert read_networks(["192.0.2.1", "2001:DB8:0::/32"]) == ("192.0.2.1/32", "2001:db8::/32")


@pytest.mark.parametrize("text", ["", "nowhere", "192.0.2.1/24", "192.0.2.0/33"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="is not a network"):
        read_networks([text])


@pytest.mark.parametrize(
    ("networks", "address", "is_admitted"),
    [
        ((), "192.0.2.1", True),
        (("192.0.2.0/24",), "192.0.2.1", True),
        (("198.51.100.0/24", "2001:db8::/32"), "2001:db8::1", True),
        (("192.0.2.0/24",), "192.0.3.1", False),
        (("192.0.2.0/24",), "2001:db8::1", False),
    ],
)
def test_any_of_the_networks_admits_and_none_at_all_admit_everyone(
    networks: tuple[str, ...], address: str, *, is_admitted: bool
) -> None:
    assert admits(networks, address) == is_admitted
