"""Ready-made query packets for the load generator: each one behind its length (16 bits)."""

import struct
from collections.abc import Iterable
from pathlib import Path

from bench.corpus import Question

_TYPES = {"A": 1, "NS": 2, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28, "AXFR": 252}
_OPT = b"\0" + struct.pack("!HHI", 41, 1232, 0x8000)  # RFC 6891, section 6.1.2, with DO
EDNS = _OPT + struct.pack("!H", 0)
# RFC 7873, section 4: option 10 with a client cookie of 8 octets, the packet's last ones.
EDNS_COOKIE = _OPT + struct.pack("!HHH", 12, 10, 8) + bytes(8)


def query(question: Question, ident: int = 0, opt: bytes = b"") -> bytes:
    """A query without RD, followed by an OPT record where one is given."""
    header = struct.pack("!6H", ident, 0, 1, 0, 0, 1 if opt else 0)
    tail = struct.pack("!HH", _TYPES[question.rrtype], 1)
    return header + _wire(question.name) + tail + opt


def write(path: Path, questions: Iterable[Question], opt: bytes = b"") -> Path:
    with path.open("wb") as file:
        for question in questions:
            packet = query(question, 0, opt)
            file.write(struct.pack("!H", len(packet)) + packet)
    return path


def write_text(path: Path, questions: Iterable[Question]) -> Path:
    """The same for dnsperf: a name and a type a line."""
    path.write_text("".join(f"{question.name} {question.rrtype}\n" for question in questions))
    return path


def _wire(name: str) -> bytes:
    labels = name.rstrip(".").encode().split(b".")
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
