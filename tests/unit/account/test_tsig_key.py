"""Keys that sign transfers: their names and secrets."""

import base64

import pytest

from nsd.account.tsig_key import read_name, read_secret
from nsd.errors import Invalid
from nsd.zone.name import from_text


@pytest.mark.parametrize("text", ["k", "K", "ns1-key", "ns1.example.", "a_b.C-d"])
def test_a_keys_name_is_a_domain_name_in_lower_case(text: str) -> None:
    assert read_name(text) == from_text(f"{text.lower().rstrip('.')}.")


@pytest.mark.parametrize("text", ["", ".", "a b", "a..b", "\u00e4", "a/b", "x" * 64, "k\n"])
def test_a_name_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_name(text)


def test_a_secret_has_128_bits_or_more_in_base64() -> None:
    assert read_secret(base64.b64encode(bytes(16)).decode()) == bytes(16)
    for text in ("", "no base64!", "\u00e4", base64.b64encode(bytes(15)).decode()):
        with pytest.raises(Invalid) as refused:
            read_secret(text)
        assert refused.value.field == "secret"
