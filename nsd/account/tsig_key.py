"""Keys that sign transfers (TSIG): how they are named, added, rotated and removed."""

import base64
import binascii
import re
from typing import Final

from nsd.account.act import Act, Thing, Verb
from nsd.errors import Invalid
from nsd.store.tsig_keys import TsigKey, TsigKeys
from nsd.zone import name
from nsd.zone.name import WireName, to_text

USUAL_ALGORITHM: Final = "hmac-sha256"
LEAST_OCTETS: Final = 16  # of a secret

_is_name = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?").fullmatch


def read_name(text: str, *, field: str = "name") -> WireName:
    """Read the name of a key; it is a domain name, in lower case. Raises Invalid."""
    if not _is_name(text):
        raise Invalid(f"'{text}' is no name for a key: use letters, digits, - _ and .", field=field)
    return name.lower(name.from_text(text))


def read_secret(text: str) -> bytes:
    """Read a secret in base64. Raises Invalid."""
    try:
        secret = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid(f"the secret is not base64: {error}", field="secret") from error
    if len(secret) < LEAST_OCTETS:
        raise Invalid(f"the secret is shorter than {8 * LEAST_OCTETS} bits", field="secret")
    return secret


def show_secret(key: TsigKey) -> str:
    """Write a key's secret in base64."""
    return base64.b64encode(key.secret).decode()


def add(
    act: Act,
    keys: TsigKeys,
    key_name: WireName,
    algorithm: str = USUAL_ALGORITHM,
    secret: bytes | None = None,
) -> TsigKey:
    """Add a key, with a new secret unless one is given. Raises Invalid."""
    key = keys.add(act.connection, key_name, algorithm, secret=secret, now=act.now)
    act.note(Verb.ADD, _thing(key_name), {"algorithm": algorithm})
    return key


def rotate(act: Act, keys: TsigKeys, key_name: WireName, *, keep_seconds: int) -> TsigKey:
    """Give a key a new secret; the old one holds for a while. Raises NotFound."""
    key = keys.rotate(act.connection, key_name, keep_until=act.now + keep_seconds)
    act.note(Verb.ROTATE, _thing(key_name), {"keep_seconds": keep_seconds})
    return key


def remove(act: Act, keys: TsigKeys, key_name: WireName) -> None:
    """Remove a key. Raises NotFound, and Invalid where a server still needs it."""
    keys.remove(act.connection, key_name)
    act.note(Verb.REMOVE, _thing(key_name), {})


def _thing(key_name: WireName) -> Thing:
    return Thing("tsig-key", to_text(key_name))
