r"""RDATA: presentation form to wire form and back, and the form in which equals are equal.

What most records are made of is read and written here, at speed; every other type is dnspython's.
How a name is completed is the caller's to say, since a master file and an API differ in it.
"""

import re
import struct
from collections.abc import Callable, Sequence
from functools import lru_cache

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.tokenizer
from dns.rdata import get_rdata_class
from dns.rdatatype import RdataType

from nsd.errors import Invalid
from nsd.zone import address, charstring, name, rrtypes
from nsd.zone.name_fields import END_IN_NAME

MAX_LENGTH = 65535
GENERIC = r"\#"
_IN = dns.rdataclass.IN
# Types without a reader of dnspython's own, with the form of another: MB, MG, MR, MINFO, TALINK, TA
_SAME_FORM = {7: 2, 8: 2, 9: 2, 14: 17, 58: 17, 32768: 32769}
_MAX_TEXT = 5 * MAX_LENGTH  # `\123` for each octet, and room for blanks and quotes

Fields = Sequence[str]
NameReader = Callable[[str], bytes]

_preference = struct.Struct(">H")
_service = struct.Struct(">HHH")
_number = re.compile(r"[0-9]{1,10}", re.ASCII).fullmatch


def from_fields(rrtype: int, fields: Fields, read_name: NameReader) -> bytes:
    r"""Read RDATA from raw fields: the type's own form, or `\# length hex` (RFC 3597).

    `read_name` gives the absolute wire form of a name's text. Raises Invalid.
    """
    if not fields:
        raise Invalid("a value is missing")
    if fields[0] == GENERIC:
        return _generic(rrtype, fields)
    reader = _readers.get(rrtype)
    rdata = reader(fields, read_name) if reader else _by_dnspython(rrtype, fields, read_name)
    return within_limit(rdata)


def reader_of_one(rrtype: int, read_name: NameReader) -> Callable[[str], bytes]:
    """Give what reads RDATA of a single field, just as `from_fields` would."""
    if rrtype in _ADDRESS_READERS:
        return _ADDRESS_READERS[rrtype]
    return lambda field: from_fields(rrtype, (field,), read_name)


_ADDRESS_READERS = {rrtypes.A: address.v4, rrtypes.AAAA: address.v6}


def within_limit(rdata: bytes) -> bytes:
    """Pass on RDATA that fits its length field; raise Invalid for more."""
    if len(rdata) > MAX_LENGTH:
        raise Invalid(f"the value takes {len(rdata)} octets; a record holds {MAX_LENGTH} at most")
    return rdata


def number(text: str, most: int, what: str) -> int:
    """Read a decimal number from 0 to `most`. Raises Invalid naming `what`."""
    if not _number(text) or int(text) > most:
        raise Invalid(f"'{text[:40]}' is not a {what} (0 to {most})")
    return int(text)


def _expect(fields: Fields, *parts: str) -> None:
    if len(fields) != len(parts):
        raise Invalid(f"expected '{' '.join(parts)}', got {len(fields)} fields")


def _read_a(fields: Fields, _: NameReader) -> bytes:
    if len(fields) != 1:
        _expect(fields, "address")
    return address.v4(fields[0])


def _read_aaaa(fields: Fields, _: NameReader) -> bytes:
    if len(fields) != 1:
        _expect(fields, "address")
    return address.v6(fields[0])


def _read_host(fields: Fields, read_name: NameReader) -> bytes:
    if len(fields) != 1:
        _expect(fields, "host")
    return read_name(fields[0])


def _read_mx(fields: Fields, read_name: NameReader) -> bytes:
    _expect(fields, "preference", "host")
    return _preference.pack(number(fields[0], 65535, "preference")) + read_name(fields[1])


def _read_srv(fields: Fields, read_name: NameReader) -> bytes:
    _expect(fields, "priority", "weight", "port", "target")
    return _service.pack(
        number(fields[0], 65535, "priority"),
        number(fields[1], 65535, "weight"),
        number(fields[2], 65535, "port"),
    ) + read_name(fields[3])


def _read_caa(fields: Fields, _: NameReader) -> bytes:
    """RFC 8659, section 4.1: the value is what remains, and has no length octet."""
    _expect(fields, "flags", "tag", '"value"')
    tag = fields[1]
    if not (tag.isascii() and tag.isalnum() and len(tag) <= charstring.MAX_LENGTH):
        raise Invalid(f"'{tag[:40]}' is not a tag, which has letters and digits only")
    flags = number(fields[0], 255, "flags value")
    return bytes((flags, len(tag))) + tag.encode() + charstring.unescape(fields[2])


def _read_text(fields: Fields, _: NameReader) -> bytes:
    return charstring.pack(map(charstring.unescape, fields))


def _read_locator(fields: Fields, _: NameReader) -> bytes:
    """NID and L64 (RFC 6742, sections 2.1.2 and 2.3.2), leading zeros left out as BIND does."""
    _expect(fields, "preference", "locator")
    return _preference.pack(number(fields[0], 65535, "preference")) + address.groups(fields[1], 4)


_readers: dict[int, Callable[[Fields, NameReader], bytes]] = {
    rrtypes.A: _read_a,
    rrtypes.AAAA: _read_aaaa,
    rrtypes.MX: _read_mx,
    rrtypes.SRV: _read_srv,
    rrtypes.CAA: _read_caa,
    rrtypes.NID: _read_locator,
    rrtypes.L64: _read_locator,
    **dict.fromkeys(rrtypes.HOST_TYPES, _read_host),
    **dict.fromkeys(rrtypes.TEXT_TYPES, _read_text),
}


def _generic(rrtype: int, fields: Fields) -> bytes:
    if len(fields) < 2:
        raise Invalid(r"expected '\# length hex'")
    length = number(fields[1], MAX_LENGTH, "length")
    try:
        rdata = bytes.fromhex("".join(fields[2:]))
    except ValueError:
        raise Invalid(r"what follows '\# length' must be hexadecimal") from None
    if len(rdata) != length:
        raise Invalid(rf"'\# {length}' is followed by {len(rdata)} octets")
    if rrtype != rrtypes.ALIAS and _wire(_decoded(rrtype, rdata)) != rdata:
        raise Invalid("the octets hold a compressed name or are not in their plain form")
    if rrtype == rrtypes.ALIAS and not _is_name(rdata):
        raise Invalid("the octets are not one uncompressed name")
    return rdata


def _is_name(rdata: bytes) -> bool:
    try:
        return name.read(rdata, 0) == (rdata, len(rdata))
    except ValueError:
        return False


def _form(rrtype: int) -> RdataType:
    return RdataType.make(_SAME_FORM.get(rrtype, rrtype))


def _decoded(rrtype: int, rdata: bytes) -> dns.rdata.Rdata:
    try:
        return dns.rdata.from_wire(_IN, _form(rrtype), rdata, 0, len(rdata))
    except dns.exception.DNSException as error:
        raise Invalid(
            f"not the wire form of {rrtypes.to_text(rrtype)}: {_reason(error)}"
        ) from error


def _wire(decoded: dns.rdata.Rdata) -> bytes:
    try:
        return decoded.to_wire() or b""
    except (ValueError, OverflowError, struct.error) as error:
        raise Invalid(f"a value is out of bounds: {_reason(error)}") from error


class _Tokenizer(dns.tokenizer.Tokenizer):
    """dnspython's tokenizer with our way to read names."""

    def __init__(self, text: str, read_name: NameReader) -> None:
        super().__init__(text)
        self._read_name = read_name

    def as_name(
        self,
        token: dns.tokenizer.Token,
        origin: dns.name.Name | None = None,  # noqa: ARG002 (the signature is dnspython's)
        relativize: bool = False,  # noqa: ARG002, FBT001, FBT002
        relativize_to: dns.name.Name | None = None,  # noqa: ARG002
    ) -> dns.name.Name:
        if not token.is_identifier():
            raise Invalid("a name is expected here")
        return dns.name.from_wire(self._read_name(token.value), 0)[0]


def _by_dnspython(rrtype: int, fields: Fields, read_name: NameReader) -> bytes:
    form = _form(rrtype)
    known = get_rdata_class(_IN, form)  # type: ignore[no-untyped-call]
    if known is dns.rdata.GenericRdata:
        raise Invalid(rf"{rrtypes.to_text(rrtype)} has no form but '\# length hex' (RFC 3597)")
    text = " ".join(fields)
    if len(text) > _MAX_TEXT:
        raise Invalid(f"the value is too long for the {MAX_LENGTH} octets that a record holds")
    try:
        tokenizer = _Tokenizer(text, read_name)
        return _wire(dns.rdata.from_text(_IN, form, tokenizer, relativize=False))
    except dns.exception.DNSException as error:
        raise _named_fault(error) or Invalid(
            f"not a value of {rrtypes.to_text(rrtype)}: {_reason(error)}"
        ) from error


def _named_fault(error: BaseException) -> Invalid | None:
    """Find our own error below dnspython's wrapping of it."""
    cause = error.__cause__ or error.__context__
    return cause if isinstance(cause, Invalid) else None


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def to_text(rrtype: int, rdata: bytes) -> str:
    """Give the presentation form with absolute names, of RDATA that `from_fields` could give."""
    return (_writers.get(rrtype) or _text_by_dnspython)(rrtype, rdata)


def _text_by_dnspython(rrtype: int, rdata: bytes) -> str:
    return _decoded(rrtype, rdata).to_text(chunksize=0)


_host_text = lru_cache(maxsize=4096)(name.to_text)  # many records name the same few hosts


def _text_of_mx(_: int, rdata: bytes) -> str:
    return f"{rdata[0] << 8 | rdata[1]} {_host_text(rdata[2:])}"


def _text_of_srv(_: int, rdata: bytes) -> str:
    priority, weight, port = _service.unpack_from(rdata)
    return f"{priority} {weight} {port} {_host_text(rdata[6:])}"


def _text_of_caa(_: int, rdata: bytes) -> str:
    end = 2 + rdata[1]
    return f"{rdata[0]} {rdata[2:end].decode('ascii')} {charstring.quote(rdata[end:])}"


def _text_of_strings(_: int, rdata: bytes) -> str:
    return " ".join(map(charstring.quote, charstring.unpack(rdata)))


_writers: dict[int, Callable[[int, bytes], str]] = {
    rrtypes.A: lambda _, rdata: address.v4_text(rdata),
    rrtypes.AAAA: lambda _, rdata: address.v6_text(rdata),
    rrtypes.MX: _text_of_mx,
    rrtypes.SRV: _text_of_srv,
    rrtypes.CAA: _text_of_caa,
    **dict.fromkeys(rrtypes.HOST_TYPES, lambda _, rdata: name.to_text(rdata)),
    **dict.fromkeys(rrtypes.TEXT_TYPES, _text_of_strings),
}


def generic_text(rdata: bytes) -> str:
    r"""Give the form of RFC 3597, section 5: `\# length hex`."""
    return f"{GENERIC} {len(rdata)} {rdata.hex()}".rstrip()


def check_wire(rrtype: int, rdata: bytes) -> None:
    """Refuse RDATA that another server sent but its type cannot have. Raises Invalid."""
    if rrtype == rrtypes.ALIAS or rrtypes.is_meta(rrtype):
        raise Invalid(f"no zone of another server holds {rrtypes.to_text(rrtype)}")
    if rrtype in _FIXED:
        if len(rdata) != _FIXED[rrtype]:
            raise Invalid(f"an address of {len(rdata)} octets")
    elif rrtype in END_IN_NAME:
        if not _is_name(rdata[END_IN_NAME[rrtype] :]):
            raise Invalid("not one name, where one is expected")
    else:
        _decoded(rrtype, rdata)


_FIXED = {rrtypes.A: 4, rrtypes.AAAA: 16}
