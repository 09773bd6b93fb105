"""Zone names in BIND9's files: as names of files, and as quoted strings of its configuration."""

import hashlib
import re
from typing import Final

from nsd.zone.name import WireName, labels

MAX_FILE_NAME: Final = 200
_PLAIN: Final = re.compile(rb"[^a-z0-9_-]")


def file_name(apex: WireName) -> str:
    """Name a zone's file: never a path out of its folder, never that of another zone."""
    text = ".".join(_escape(label, "={:02x}") for label in labels(apex)) or "=root"
    if len(text) > MAX_FILE_NAME:
        text = "=" + hashlib.sha256(apex).hexdigest()
    return text + ".zone"


def config_name(apex: WireName) -> str:
    r"""Write a zone's name for a quoted string; all but plain octets as `\DDD`."""
    return ".".join(_escape(label, "\\{:03d}") for label in labels(apex)) or "."


def _escape(label: bytes, form: str) -> str:
    return _PLAIN.sub(lambda found: form.format(found[0][0]).encode(), label).decode()
