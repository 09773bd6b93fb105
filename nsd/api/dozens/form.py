"""The two forms of an answer: compact JSON, and XML."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from itertools import islice
from typing import Final
from xml.sax.saxutils import escape

TOGETHER: Final = 64  # entries of a list in one slice

Content = str | None | Mapping[str, "Content"] | list["Content"]
Members = Mapping[str, Content]

_XML_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>'
# XML 1.0, section 2.2; a bare carriage return would be read as a line feed (section 2.11).
_forbidden = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT: Final = "\ufffd"
_ENTITIES: Final = {"\r": "&#13;"}


class Form(Enum):
    """How an answer is written; the value is its content type."""

    JSON = "application/json"
    XML = "application/xml"

    def write(self, members: Members) -> bytes:
        """Write an object's members: none is a number, lists hold objects or text."""
        if self is Form.JSON:
            # Without blanks: shell clients cut members out with sed.
            return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()
        inner = "".join(_elements(members))
        return f"{_XML_HEAD}<response>{inner}</response>".encode()

    def write_list(self, kind: str, entries: Iterable[Members]) -> Iterator[bytes]:
        """Write an object whose only member is a list, in slices."""
        entries = iter(entries)
        head, between, foot = self._around(kind)
        yield head
        before = b""
        while together := list(islice(entries, TOGETHER)):
            yield before + self.write({kind: list(together)})[len(head) : -len(foot)]
            before = between
        yield foot

    def _around(self, kind: str) -> tuple[bytes, bytes, bytes]:
        """Give what stands before, between and after the entries of a list."""
        if self is Form.JSON:
            return b'{"%s":[' % kind.encode(), b",", b"]}"
        return f"{_XML_HEAD}<response>".encode(), b"", b"</response>"


def _elements(members: Members) -> Iterator[str]:
    for name, content in members.items():
        for one in content if isinstance(content, list) else [content]:
            inner = "".join(_elements(one)) if isinstance(one, Mapping) else _text(one)
            yield f"<{name}>{inner}</{name}>"


def _text(content: object) -> str:
    """Write character data; what XML cannot hold in any spelling becomes U+FFFD."""
    if content is None:
        return ""
    return escape(_forbidden.sub(_REPLACEMENT, str(content)), _ENTITIES)
