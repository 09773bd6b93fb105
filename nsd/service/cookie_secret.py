"""The secret of DNS cookies, where the settings give none: made once, kept in the data folder."""

import secrets
from pathlib import Path
from typing import Final

from nsd.server.cookie import SECRET_LENGTH
from nsd.store import secret_file

FILE: Final = "cookie.secret"


def kept_secret(folder: Path) -> bytes:
    """Read the secret, or make it; a file that holds none is replaced. Raises StoreError."""
    return bytes.fromhex(secret_file.kept(folder / FILE, _make, _is_secret).decode())


def _make() -> bytes:
    return secrets.token_hex(SECRET_LENGTH).encode() + b"\n"


def _is_secret(content: bytes) -> bool:
    try:
        return len(bytes.fromhex(content.decode("ascii"))) == SECRET_LENGTH
    except ValueError:
        return False
