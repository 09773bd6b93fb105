r"""The raw fields of a line of a master file (RFC 1035, section 5.1).

A field keeps its quotes and escapes; `key="a b"` is one field (RFC 9460, section 2.1).
Parentheses are fields of their own; a comment is none.
"""

import re

from nsd.errors import Invalid

_QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_PLAIN = r'[^ \t\r"();\\]'
_fields = re.compile(
    rf"{_PLAIN}+(?:\\.{_PLAIN}*)*(?:{_QUOTED})?|(?:\\.{_PLAIN}*)+(?:{_QUOTED})?"
    rf'|{_QUOTED}|[()]|;.*|["\\]',
    re.DOTALL,
).findall


def split(line: str) -> list[str]:
    """Split one line, its comment dropped.

    Raises Invalid for a quote that is not closed on the line, or a backslash at its end.
    """
    found: list[str] = _fields(line)
    if found and found[-1][0] == ";":
        found.pop()
    if '"' in found:
        raise Invalid("a quote is not closed on its line")
    if "\\" in found:
        raise Invalid("a backslash ends the line")
    return found


def split_value(text: str) -> list[str]:
    """Split a value that stands alone: one line, no comment, no parentheses. Raises Invalid."""
    if "\n" in text or "\r" in text:
        raise Invalid("a value stands on one line")
    found: list[str] = _fields(text)
    if found and found[-1][0] == ";":
        raise Invalid("a semicolon begins a comment; put the text in quotes")
    if "(" in found or ")" in found:
        raise Invalid("parentheses group lines in master files; put the text in quotes")
    return split(text)
