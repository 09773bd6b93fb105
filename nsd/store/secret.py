"""Secrets at rest: encrypted by a key that is kept in a file of its own in the data folder."""

from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken

from nsd.errors import StoreError
from nsd.store import secret_file

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
                self._cipher = Fernet(secret_file.kept(self._path, Fernet.generate_key))
            except ValueError as error:
                raise StoreError(f"the key file '{self._path}' cannot be used: {error}") from error
        return self._cipher
