"""The values that the APIs show and take: a record's text and priority, and its RDATA.

The forms are those of the "Values" section of the DNS API's contract. Hosts are absolute with or
without their closing dot, TXT is plain text, and MX and SRV have their priority apart.
"""

import re

from nsd.errors import Invalid
from nsd.zone import address, charstring, fields, name, rdata, rrtypes
from nsd.zone.name import ROOT, WireName

_MAX_TEXT = 5 * rdata.MAX_LENGTH  # `\123` for each octet, and room for quotes and blanks
_BLANKS = " \t\r\n"
_WANTED = {rrtypes.MX: "host", rrtypes.SRV: "weight port target"}
_QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_is_quoted = re.compile(rf"{_QUOTED}(?:\s*{_QUOTED})*", re.DOTALL).fullmatch
_quoted_strings = re.compile(_QUOTED, re.DOTALL).findall


def parse(rrtype: int, text: str, priority: int | None, apex: WireName) -> tuple[bytes, str | None]:
    """Read a value into RDATA, and the text to keep where `show` would give another.

    Only texts (TXT, SPF) are kept as sent; every other value comes back in its plain form.
    Raises Invalid with the field `record_type`, `value` or `priority`.
    """
    rrtypes.refuse_uncreatable(rrtype)
    try:
        _check_length(text)
        if rrtype in rrtypes.TEXT_TYPES:
            packed = rdata.within_limit(_parse_text(rrtype, text))
            return packed, None if _show_text(packed) == text else text
        return _parse_fields(rrtype, text, priority, apex), None
    except Invalid as fault:
        fault.field = fault.field or "value"
        raise


def _check_length(text: str) -> None:
    if len(text) > _MAX_TEXT:
        raise Invalid(f"the value is longer than the {rdata.MAX_LENGTH} octets of a record")


def _parse_text(rrtype: int, text: str) -> bytes:
    if not text:
        raise Invalid('a value is missing; an empty text is written ""')
    stripped = text.strip(_BLANKS)
    if stripped.startswith(rdata.GENERIC + " "):
        return rdata.from_fields(rrtype, stripped.split(), _no_name)
    if not stripped.startswith('"'):
        return charstring.split(charstring.encode(text))
    if not _is_quoted(stripped):
        raise Invalid(
            "a text that begins with a quote must be quoted strings only,"
            r' like "one" "two", with a quote inside written \"'
        )
    return charstring.pack(map(charstring.unescape, _quoted_strings(stripped)))


def _no_name(text: str) -> bytes:
    raise Invalid(f"'{text}' stands where no name is expected")


def _parse_fields(rrtype: int, text: str, priority: int | None, apex: WireName) -> bytes:
    parts = fields.split_value(text.strip(_BLANKS))
    if not parts:
        raise Invalid("a value is missing")
    if rrtype in _WANTED:
        parts = _with_priority(rrtype, parts, priority)

    def read_host(host: str) -> bytes:
        if host == "." and rrtype not in rrtypes.HOST_TYPES:
            return ROOT  # RFC 7505: no mail here; RFC 2782: no such service; RFC 9460: the owner
        return _host(host, apex)

    return rdata.from_fields(rrtype, parts, read_host)


def _with_priority(rrtype: int, parts: list[str], priority: int | None) -> list[str]:
    mnemonic = rrtypes.to_text(rrtype)
    if priority is None:
        raise Invalid(f"{mnemonic} records require a priority value", field="priority")
    if not 0 <= priority <= 65535:
        raise Invalid("priority must be a number from 0 to 65535", field="priority")
    if parts[0] == rdata.GENERIC:
        raise Invalid(f"{mnemonic} records have no generic form here, for it hides the priority")
    if len(parts) != len(_WANTED[rrtype].split()):
        raise Invalid(
            f"{mnemonic} records have the value '{_WANTED[rrtype]}', and their priority apart"
        )
    return [str(priority), *parts]


def _host(text: str, apex: WireName) -> WireName:
    """Read an absolute host name; `@` is the apex. Raises Invalid."""
    if text == "@":
        return apex
    if text[0] in '."' or "://" in text or address.is_address(text):
        raise Invalid(f"'{text}' is not a host name")
    wire = name.from_text(text)
    is_bare = len(wire) == wire[0] + 2 and not text.endswith(".")
    if is_bare and wire.lower() != apex:
        meant = _without_dot(name.to_text(wire[:-1] + apex)) if apex != ROOT else text + "."
        raise Invalid(f"'{text}' is a single label, not a full host name: did you mean '{meant}'?")
    return wire


def _without_dot(text: str) -> str:
    """Take the closing dot off, but leave it where the name could be taken for a bare label."""
    return text[:-1] if "." in text[:-1] else text


def show(rrtype: int, packed: bytes) -> tuple[str, int | None]:
    """Give the value as the APIs show it, and the priority that stands in MX and SRV RDATA.

    `parse` reads what is shown into the same RDATA.
    """
    if rrtype in _ADDRESS_TEXT:
        return _ADDRESS_TEXT[rrtype](packed), None
    if rrtype in rrtypes.TEXT_TYPES:
        return _show_text(packed), None
    text = rdata.to_text(rrtype, packed)
    if rrtype in _WANTED:
        priority, _, text = text.partition(" ")
        return _without_dot(text), int(priority)
    if rrtype in rrtypes.HOST_TYPES:
        return _without_dot(text), None
    return text, None


_ADDRESS_TEXT = {rrtypes.A: address.v4_text, rrtypes.AAAA: address.v6_text}


def _show_text(packed: bytes) -> str:
    """Give plain text where it says all, else quoted strings."""
    octets = b"".join(charstring.unpack(packed))
    if packed == charstring.split(octets):
        try:
            plain = octets.decode()
        except UnicodeDecodeError:
            pass
        else:
            if _reads_as_plain(plain):
                return plain
    return rdata.to_text(rrtypes.TXT, packed)


def _reads_as_plain(text: str) -> bool:
    return text != "" and not text.strip(_BLANKS).startswith(('"', rdata.GENERIC + " "))
