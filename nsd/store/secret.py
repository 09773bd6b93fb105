"""Secrets at rest: encrypted by a key that is kept in a file of its own in the data folder."""

import os
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken

from nsd.errors import StoreError

FILE_NAME: Final = "secrets.key"


class SecretBox:
    """Encrypts and decrypts with the key of a data folder, which is made when it is missing."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._cipher: Fernet | None = None

    def encrypt(self, secret: bytes) -> bytes:
        """Encrypt. Raises StoreError."""
        return self._fernet().encrypt(secret)

    def decrypt(self, stored: bytes) -> bytes:
        """Decrypt. Raises StoreError where the key is not the one that encrypted."""
        try:
            return self._fernet().decrypt(stored)
        except InvalidToken:
            raise StoreError(
                f"a secret in the database cannot be read with '{self._path}': bring back the"
                " key file that belongs to the database"
            ) from None

    def _fernet(self) -> Fernet:
        if self._cipher is None:
            try:
                self._cipher = Fernet(self._key())
            except (OSError, ValueError) as error:
                raise StoreError(f"the key file '{self._path}' cannot be used: {error}") from error
        return self._cipher

    def _key(self) -> bytes:
        """Read the key; where there is none, let a new one appear whole, once."""
        if not self._path.exists():
            new = self._path.with_name(f"{FILE_NAME}.{os.getpid()}")
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(Fernet.generate_key())
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(new, self._path)
            except FileExistsError:
                pass  # another process was faster
            finally:
                new.unlink()
        return self._path.read_bytes()
