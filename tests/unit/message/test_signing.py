"""Signatures (RFC 8945), with dnspython on the other side."""

import hmac
import time
from collections.abc import Sequence

import dns.message
import dns.name
import dns.tsig
import pytest

from nsd.errors import BadSignature, NotSigned
from nsd.message import tsig
from nsd.message.signing import FUDGE, Signer, Verifier, check, sign_request
from nsd.message.tsig import Key, Tsig, TsigError
from nsd.zone import name

SECRET = b"secret-secret-secret"
KEY = Key(name.from_text("k."), "hmac-sha256", SECRET)
ALGORITHMS = ("hmac-sha256", "hmac-sha384", "hmac-sha512")


def signed(algorithm: str = "hmac-sha256", secret: bytes = SECRET) -> dns.message.Message:
    query = dns.message.make_query("example.com", "SOA")
    query.use_tsig(dns.tsig.Key("k.", secret, algorithm))
    return query


def checked(wire: bytes, keys: Sequence[Key] = (KEY,), late: int = 0) -> tuple[Tsig, int]:
    found = tsig.find(wire)
    assert found is not None
    return found, check(wire, found, keys, int(time.time()) + late)[1]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_query_that_dnspython_signed_is_known(algorithm: str) -> None:
    key = Key(KEY.name, algorithm, SECRET)
    assert checked(signed(algorithm).to_wire(), [key])[1] == TsigError.NONE


@pytest.mark.parametrize(("at", "octets"), [(2, b"\x00\x01"), (4, b"\x00\x00\x00\x01")])
def test_a_signature_of_another_class_or_with_a_ttl_is_malformed(at: int, octets: bytes) -> None:
    """RFC 8945, section 4.2: class ANY, TTL 0."""
    wire = bytearray(signed().to_wire())
    start = wire.rindex(b"\x01k\x00") + 3
    wire[start + at : start + at + len(octets)] = octets
    with pytest.raises(ValueError, match="class"):
        tsig.find(bytes(wire))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_dnspython_knows_a_stream_that_we_signed(algorithm: str) -> None:
    query = signed(algorithm)
    wire = query.to_wire()
    request, _ = checked(wire, [Key(KEY.name, algorithm, SECRET)])
    signer = Signer(Key(KEY.name, algorithm, SECRET), request, time.time)
    context = None
    for number in range(3):
        response = dns.message.make_response(dns.message.make_query("example.com", "SOA"))
        response.id = query.id
        answer = dns.message.from_wire(
            signer.sign(response.to_wire()),
            keyring=query.keyring,
            request_mac=query.mac,
            tsig_ctx=context,
            multi=True,
            xfr=number > 0,
        )
        assert answer.had_tsig
        context = answer.tsig_ctx


def test_the_secret_before_a_rotation_holds_beside_the_new_one() -> None:
    new = Key(KEY.name, KEY.algorithm, b"another-secret-entirely")
    assert checked(signed().to_wire(), [new, KEY])[1] == TsigError.NONE


@pytest.mark.parametrize(
    ("keys", "error"),
    [
        ([], TsigError.BADKEY),
        ([Key(KEY.name, "hmac-sha512", SECRET)], TsigError.BADKEY),
        ([Key(KEY.name, KEY.algorithm, b"wrong-wrong-wrong")], TsigError.BADSIG),
    ],
)
def test_what_is_signed_otherwise_is_refused(keys: list[Key], error: TsigError) -> None:
    assert checked(signed().to_wire(), keys)[1] == error


@pytest.mark.parametrize(("late", "error"), [(301, 18), (-301, 18), (299, 0), (-299, 0)])
def test_a_signature_holds_for_five_minutes_either_way(late: int, error: int) -> None:
    assert checked(signed().to_wire(), late=late)[1] == error


def test_a_changed_message_is_refused() -> None:
    wire = bytearray(signed().to_wire())
    wire[13] ^= 1
    assert checked(bytes(wire))[1] == TsigError.BADSIG


def truncated(length: int) -> bytes:
    """Sign a query with only so many octets of its MAC."""
    wire, _ = sign_request(dns.message.make_query("example.com", "SOA").to_wire(), KEY, time.time)
    found = tsig.find(wire)
    assert found is not None
    at = wire.index(found.mac)
    rdlength_at = found.start + len(KEY.name) + 8
    rdlength = int.from_bytes(wire[rdlength_at : rdlength_at + 2], "big") - 32 + length
    return b"".join(
        (
            wire[:rdlength_at],
            rdlength.to_bytes(2, "big"),
            wire[rdlength_at + 2 : at - 2],
            length.to_bytes(2, "big"),
            wire[at : at + length],
            wire[at + 32 :],
        )
    )


def test_a_truncated_signature_is_refused() -> None:
    assert checked(truncated(16))[1] == TsigError.BADTRUNC


@pytest.mark.parametrize("length", [0, 9, 15])
def test_a_signature_shorter_than_allowed_is_malformed(length: int) -> None:
    with pytest.raises(ValueError, match="wrong length"):
        checked(truncated(length))


def messages(count: int) -> list[bytes]:
    response = dns.message.make_response(dns.message.make_query("example.com", "SOA"))
    return [response.to_wire() for _ in range(count)]


def stream() -> tuple[Signer, Verifier]:
    wire, verifier = sign_request(messages(1)[0], KEY, time.time)
    request = tsig.find(wire)
    assert request is not None
    return Signer(KEY, request, time.time), verifier


def test_a_stream_is_verified_message_by_message() -> None:
    signer, verifier = stream()
    for message in messages(3):
        verifier.verify(signer.sign(message))
        assert verifier.is_settled


def test_messages_of_a_stream_in_another_order_are_refused() -> None:
    signer, verifier = stream()
    first, _second, third = map(signer.sign, messages(3))
    verifier.verify(first)
    with pytest.raises(BadSignature, match="wrong"):
        verifier.verify(third)


def test_messages_between_may_be_unsigned_if_the_next_covers_them() -> None:
    _, verifier = stream()
    before = verifier._before
    first, middle, last = messages(3)
    now, ident = int(time.time()), int.from_bytes(first[:2], "big")
    bare = Tsig(0, KEY.name, KEY.algorithm_name, now, FUDGE, b"", ident, 0, b"")
    mac = KEY.mac(len(before).to_bytes(2, "big"), before, first, bare.variables)
    verifier.verify(bare._replace(mac=mac).appended_to(first))
    verifier.verify(middle)
    assert not verifier.is_settled
    covered = len(mac).to_bytes(2, "big") + mac + middle + last + bare.timers
    final = hmac.digest(SECRET, covered, "sha256")
    ident = int.from_bytes(last[:2], "big")
    verifier.verify(bare._replace(mac=final, original_id=ident).appended_to(last))
    assert verifier.is_settled


def test_a_first_message_without_signature_is_refused() -> None:
    _, verifier = stream()
    with pytest.raises(NotSigned):
        verifier.verify(messages(1)[0])
