"""Read a master file: RFC 1035 section 5, RFC 2308 section 4, RFC 3597, BIND's `$GENERATE`.

Most lines of large files hold neither quotes, parentheses nor escapes: those are split at their
blanks, just as `fields.split` would do. Behind the splitting, all lines go the same way.
"""

import re
import sys
from collections.abc import Callable, Iterator

from nsd.errors import Invalid, LimitReached, MasterFileInvalid, NsdError
from nsd.zone import charstring, duration, name, rdata, rrtypes, soa
from nsd.zone import fields as raw_fields
from nsd.zone.masterfile import generate
from nsd.zone.masterfile.assembly import Found, assemble
from nsd.zone.masterfile.content import MasterFile
from nsd.zone.name import WireName
from nsd.zone.record import Record

MAX_INCLUDES = 10  # files within files
_MAX_KNOWN = 10_000

Include = Callable[[str], str]
Lines = Iterator[tuple[int, str]]

_STEP = {"(": 1, ")": -1}
_has_odd_character = re.compile(r"[^\t\n\r\x20-\x7e]").search
_FOREIGN_CLASSES = frozenset({"CH", "HS", "CS"})
_APART = frozenset(filter(rrtypes.is_uncreatable, range(65536)))


def parse(
    text: str,
    *,
    file: str,
    origin: WireName | None = None,
    include: Include | None = None,
    default_ttl: int = 3600,
    most: int | None = None,
) -> MasterFile:
    """Read a whole zone, of `most` records besides its SOA.

    `origin` is the zone's apex; without it the file must set `$ORIGIN` or use absolute names, and
    the SOA's owner is the apex. `include` gives the text of a file that `$INCLUDE` names; without
    it the directive is refused. `default_ttl` is for records for which nothing says a TTL: neither
    they themselves, nor `$TTL`, nor a record before them.

    Raises MasterFileInvalid with all faults (the first thousand of them); LimitReached as soon as
    there are too many records, whatever is wrong with the rest.
    """
    apex = None if origin is None else name.lower(origin)
    reader = _Reader(apex, include, default_ttl, most)
    reader.read(text, file)
    return assemble(reader.found, apex)


class _Reader:
    """The defaults that lines set for the lines after them, and what was found so far."""

    def __init__(
        self, origin: WireName | None, include: Include | None, default_ttl: int, most: int | None
    ) -> None:
        self.found = Found()
        self.most = sys.maxsize if most is None else most
        self.origin = origin
        self.include = include
        self.open_files: list[str] = []
        self.place = 0
        self.owner: WireName | None = None
        self.owner_text: str | None = None
        self.ttl = default_ttl
        self.has_ttl = False  # from $TTL or a record before
        self.has_ttl_directive = False  # which wins over a record before (RFC 2308, section 4)
        self.generated = 0
        self.generated_length = 0
        self.names: dict[str, WireName] = {}
        self.durations: dict[str, int | None] = {}
        self.types: dict[str, int] = {}
        # What stands between owner and value, where the value is one field, and how to read that.
        self.heads: dict[tuple[str, ...], tuple[int, int | None, Callable[[str], bytes]]] = {}

    def read(self, text: str, file: str) -> None:
        """Read one file's lines; the defaults go on from the lines before."""
        self.found.files.append(file)
        self.open_files.append(file)
        first = len(self.found.files) - 1 << 32 | 1
        lines = enumerate(text.removeprefix("\ufeff").split("\n"), first)
        is_odd = _has_odd_character(text) is not None
        records, most = self.found.records, self.most
        for place, line in lines:
            self.place = place
            if len(records) > most:
                break
            try:
                if (
                    '"' in line or "(" in line or ")" in line or "\\" in line
                    or (is_odd and _has_odd_character(line))
                ):  # fmt: skip
                    fields = _gather(line, lines)
                else:
                    fields = (line.partition(";")[0] if ";" in line else line).split()
                if fields:
                    self.entry(fields, has_owner=line[0] not in " \t")
            except (MasterFileInvalid, LimitReached):  # of an included file
                raise
            except Invalid as fault:
                self.found.fault(place, fault.detail)
        self.open_files.pop()
        if len(records) > most:
            raise LimitReached(f"there are more than {most} records", field="zonefile")

    def entry(self, fields: list[str], *, has_owner: bool) -> None:
        """Read the fields of a record or a directive."""
        at = 0
        if has_owner:
            at = 1
            text = fields[0]
            if text != self.owner_text:
                if text[0] == "$":
                    self.directive(fields)
                    return
                self.owner = self.owner_text = None
                self.owner = name.lower(self.new_name(text))
                self.owner_text = text
        if self.owner is None:
            self.refuse_ownerless()
            return
        known = self.heads.get(tuple(fields[at:-1]))
        if known is not None:
            rrtype, ttl, read = known
            packed = read(fields[-1])
        else:
            begin = at
            rrtype, ttl, at = self.head(fields, at)
            if rrtype in _APART:
                self.apart(rrtype, ttl, fields[at:])
                return
            packed = rdata.from_fields(rrtype, fields[at:], self.name)
            if at == len(fields) - 1 and len(self.heads) < _MAX_KNOWN:
                read = rdata.reader_of_one(rrtype, self.name)
                self.heads[tuple(fields[begin:-1])] = rrtype, ttl, read
        if ttl is None:
            ttl = self.ttl
        elif not self.has_ttl_directive:
            self.ttl, self.has_ttl = ttl, True
        self.found.records.append(Record(self.owner, rrtype, ttl, packed))
        self.found.places.append(self.place)

    def refuse_ownerless(self) -> None:
        if not self.found.faults:  # else the owner's own fault is told already
            raise Invalid("a line that begins with a blank needs a record before it")

    def head(self, fields: list[str], at: int) -> tuple[int, int | None, int]:
        """Read TTL and class, in either order, and the type; tell where the RDATA begins."""
        ttl = None
        has_class = False
        while at < len(fields):
            field = fields[at]
            at += 1
            if field == "IN" and not has_class:
                has_class = True
                continue
            rrtype = self.types.get(field)
            if rrtype is not None:
                return rrtype, ttl, at
            found = self.duration(field)
            if found is not None and ttl is None:
                ttl = found
            elif not has_class and _is_class(field):
                has_class = True
            else:
                return self.type(field), ttl, at
        raise Invalid("a record needs a type and a value")

    def type(self, text: str) -> int:
        rrtype = self.types[text] = rrtypes.from_text(text)
        return rrtype

    def duration(self, text: str) -> int | None:
        try:
            return self.durations[text]
        except KeyError:
            pass
        found = duration.seconds(text)
        if found is not None and found > duration.MAX_TTL:
            raise Invalid(f"'{text[:40]}' is not a TTL (0 to {duration.MAX_TTL} seconds)")
        if len(self.durations) < _MAX_KNOWN:
            self.durations[text] = found
        return found

    def name(self, text: str) -> WireName:
        """Read a name in a value, with the letters' case kept."""
        known = self.names.get(text)
        if known is None:
            known = self.new_name(text)
            if len(self.names) < _MAX_KNOWN:
                self.names[text] = known
        return known

    def new_name(self, text: str) -> WireName:
        if self.origin is None and not _is_absolute(text):
            raise Invalid(f"'{text}' is relative, and no $ORIGIN says to what")
        if text[0] == '"':
            raise Invalid(f"{text} is quoted, which a name cannot be")
        return name.from_text(text, self.origin)

    def apart(self, rrtype: int, ttl: int | None, fields: list[str]) -> None:
        """Take what does not become a record: the SOA, and types that are not for zones."""
        if rrtype == rrtypes.SOA:
            self.read_soa(ttl, fields)
        elif rrtype in rrtypes.DNSSEC_OWN:
            self.found.left_out += 1
        else:
            rrtypes.refuse_uncreatable(rrtype)

    def read_soa(self, ttl: int | None, fields: list[str]) -> None:
        assert self.owner is not None
        self.found.soas.append((self.place, self.owner, None))  # seen, even if malformed
        if ttl is None and self.has_ttl:
            ttl = self.ttl
        read = soa.from_fields(ttl, fields, self.name)
        self.found.soas[-1] = (self.place, self.owner, read)
        if not self.has_ttl_directive:
            self.ttl, self.has_ttl = read.ttl, True

    def directive(self, fields: list[str]) -> None:
        """Read `$ORIGIN`, `$TTL`, `$INCLUDE` or `$GENERATE`."""
        known = {
            "$ORIGIN": self.set_origin,
            "$TTL": self.set_ttl,
            "$INCLUDE": self.include_file,
            "$GENERATE": self.generate,
        }
        action = known.get(fields[0].upper())
        if action is None:
            raise Invalid(f"'{fields[0]}' is none of {', '.join(known)}")
        action(fields[1:])

    def set_origin(self, fields: list[str]) -> None:
        if len(fields) != 1:
            raise Invalid("expected '$ORIGIN name'")
        self.use_origin(self.new_name(fields[0]))

    def use_origin(self, origin: WireName | None) -> None:
        self.origin = origin
        self.owner_text = None
        self.names.clear()

    def set_ttl(self, fields: list[str]) -> None:
        if len(fields) != 1:
            raise Invalid("expected '$TTL seconds'")
        self.ttl = duration.bounded(fields[0], duration.MAX_TTL, "TTL")
        self.has_ttl = self.has_ttl_directive = True

    def include_file(self, fields: list[str]) -> None:
        """Read another file; afterwards origin and owner are as before (RFC 1035, section 5.1)."""
        if self.include is None:
            raise Invalid("$INCLUDE is not allowed here")
        if len(fields) not in (1, 2):
            raise Invalid("expected '$INCLUDE file [origin]'")
        text, file = self.included(self.include, fields[0])
        origin, owner, place = self.origin, self.owner, self.place
        if len(fields) == 2:
            self.use_origin(self.new_name(fields[1]))
        self.read(text, file)
        self.use_origin(origin)
        self.owner, self.place = owner, place

    def included(self, include: Include, raw: str) -> tuple[str, str]:
        file = charstring.unescape(raw).decode(errors="replace")
        if file in self.open_files:
            raise Invalid(f"'{file}' includes itself")
        if len(self.open_files) > MAX_INCLUDES:
            raise Invalid(f"files are included more than {MAX_INCLUDES} deep")
        try:
            return include(file), file
        except (OSError, ValueError, NsdError) as error:
            raise Invalid(f"'{file}' cannot be read: {error}") from error

    def generate(self, fields: list[str]) -> None:
        generator = generate.read(fields)
        self.generated += len(generator.numbers)
        if self.generated > generate.MAX_LINES:
            raise Invalid(f"$GENERATE may make {generate.MAX_LINES} records in a file at most")
        for number in generator.numbers:
            fields = generator.fields(number)
            self.generated_length += sum(map(len, fields))
            if self.generated_length > generate.MAX_LENGTH:
                raise Invalid(f"$GENERATE makes more than {generate.MAX_LENGTH} characters")
            self.entry(fields, has_owner=True)
            if len(self.found.records) > self.most:
                return


def _gather(line: str, lines: Lines) -> list[str]:
    """Split a line, and those after it that its parentheses draw in. Raises Invalid."""
    fields = raw_fields.split(line)
    gathered: list[str] = []
    depth = 0
    while depth or "(" in fields or ")" in fields:
        for field in fields:
            depth += _STEP.get(field, 0)
            if depth < 0:
                raise Invalid("a closing parenthesis has no opening one")
        gathered += [field for field in fields if field not in _STEP]
        if not depth:
            return gathered
        following = next(lines, None)
        if following is None:
            raise Invalid("a parenthesis is not closed")
        fields = raw_fields.split(following[1])
    return fields


def _is_class(text: str) -> bool:
    """Tell whether the text names class IN; raise Invalid for another class."""
    mnemonic = text.upper()
    if mnemonic in ("IN", "CLASS1"):
        return True
    if mnemonic in _FOREIGN_CLASSES or (mnemonic[:5] == "CLASS" and mnemonic[5:].isdigit()):
        raise Invalid(f"class {text}: only class IN is served")
    return False


def _is_absolute(text: str) -> bool:
    before = text[:-1]
    escapes = len(before) - len(before.rstrip("\\"))
    return text[-1] == "." and escapes % 2 == 0
