"""The secret of DNS cookies, where the settings give none: made once, kept in the data folder."""

import os
import secrets
from pathlib import Path
from typing import Final

from nsd.errors import StoreError
from nsd.server.cookie import SECRET_LENGTH

FILE: Final = "cookie.secret"


def kept_secret(folder: Path) -> bytes:
    """Read the secret, or make it, readable by nobody else. Raises StoreError."""
    path = folder / FILE
    try:
        return _read(path) or _make(path)
    except OSError as error:
        raise StoreError(f"the cookie secret {path} cannot be used: {error.strerror}") from error


def _read(path: Path) -> bytes | None:
    """Give the secret; None for a file that is missing or is none."""
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None
    return secret if len(secret) == SECRET_LENGTH else None


def _make(path: Path) -> bytes:
    secret = secrets.token_bytes(SECRET_LENGTH)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret.hex() + "\n")
    fresh.replace(path)
    return secret
