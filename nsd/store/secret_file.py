"""Secrets in files of their own: each is made once, appears whole, and nobody else can read it."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nsd.errors import StoreError


def kept(
    path: Path, make: Callable[[], bytes], is_good: Callable[[bytes], bool] = lambda _: True
) -> bytes:
    """Read a file's content; where it is missing or no good, make it.

    Of processes that want it at the same moment one makes it, and all get the same. What is given
    is on disk. Raises StoreError.
    """
    try:
        content = _read(path, is_good)
        return _make(path, make, is_good) if content is None else content
    except OSError as error:
        raise StoreError(f"the secret in '{path}' cannot be used: {error.strerror}") from error


def _read(path: Path, is_good: Callable[[bytes], bool]) -> bytes | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    return content if is_good(content) else None


def _make(path: Path, make: Callable[[], bytes], is_good: Callable[[bytes], bool]) -> bytes:
    with _locked(path.parent) as folder:
        content = _read(path, is_good)
        if content is not None:  # another process was faster
            return content
        content = make()
        fresh = path.with_name(f"{path.name}.new")
        fresh.unlink(missing_ok=True)
        _write(fresh, content)
        fresh.replace(path)
        os.fsync(folder)
        return content


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """Keep other processes out of a folder's secrets; give the folder's descriptor."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
