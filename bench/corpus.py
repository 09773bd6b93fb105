"""The zones that servers are loaded with, and the questions that they are asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

_HEAD = """\
$ORIGIN {apex}
$TTL 3600
@ IN SOA ns1 hostmaster 1 7200 900 1209600 300
@ IN NS ns1
@ IN NS ns2
ns1 IN A 192.0.2.1
ns2 IN A 192.0.2.2
"""
_SEED = 1035
_QUESTIONS = 50_000


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    rrtype: str = "A"


@dataclass(frozen=True, slots=True)
class ZoneFile:
    """A zone's apex, with its closing dot, and its master file."""

    apex: str
    path: Path


@dataclass(frozen=True, slots=True)
class Corpus:
    """Zones on disk and the questions for them; `last` is a name that the last zone holds.

    A server that has to make something of the zones first may keep it in `folder`.
    """

    folder: Path
    zones: list[ZoneFile]
    questions: list[Question]
    last: str


def hot(folder: Path, names: int) -> Corpus:
    """One zone; 7 % of its questions name what doesn't exist, some are for MX, NS and AAAA."""
    apex = "hot.example."
    zone = _write(folder, apex, (_hot_lines(number) for number in range(names)))
    random = Random(_SEED)
    questions = [_hot_question(random, names, apex) for _ in range(_QUESTIONS)]
    return Corpus(folder, [zone], questions, f"host{names - 1}.{apex}")


def wide(folder: Path, names: int) -> Corpus:
    """One zone of many names, asked at random; 10 % of the questions name what doesn't exist."""
    apex = "wide.example."
    zone = _write(folder, apex, (f"n{number:x} IN A {_address(number)}" for number in range(names)))
    random = Random(_SEED)
    reach = names * 10 // 9
    count = min(names, _QUESTIONS * 10)
    questions = [Question(f"n{random.randrange(reach):x}.{apex}") for _ in range(count)]
    return Corpus(folder, [zone], questions, f"n{names - 1:x}.{apex}")


def many(folder: Path, zones: int) -> Corpus:
    """Zones of ten records each, asked at random over zones and names."""
    random = Random(_SEED)
    apexes = [f"zone{number:06d}.example." for number in range(zones)]
    files = [_write(folder, apex, _many_lines(apex), split=True) for apex in apexes]
    questions = [
        Question(random.choice(("", "www.", "mail.", "missing.")) + random.choice(apexes))
        for _ in range(min(zones * 3, _QUESTIONS * 4))
    ]
    return Corpus(folder, files, questions, f"www.{apexes[-1]}")


def absent(corpus: Corpus, count: int) -> list[Question]:
    """Questions for names that don't exist; the generator puts new letters into each one sent."""
    return [Question(f"xxxxxxxxxxxx.{corpus.zones[0].apex}")] * count


def master_lines(apex: str, count: int, prefix: str) -> Iterator[str]:
    """A master file of `count` address records besides the SOA and the name servers."""
    yield _HEAD.format(apex=apex).rstrip()
    for number in range(count):
        yield f"{prefix}{number} IN A {_address(number)}"


def _write(folder: Path, apex: str, lines: Iterator[str], *, split: bool = False) -> ZoneFile:
    place = folder / f"{hash_bucket(apex):02x}" if split else folder
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{apex}zone"
    with path.open("w") as file:
        file.write(_HEAD.format(apex=apex))
        file.writelines(f"{line}\n" for line in lines)
    return ZoneFile(apex, path)


def hash_bucket(apex: str) -> int:
    return sum(apex.encode()) % 256


def _hot_lines(number: int) -> str:
    lines = [f"host{number} IN A {_address(number)}"]
    if number % 4 == 0:
        lines.append(f"host{number} IN AAAA 2001:db8::{number:x}")
    if number % 10 == 0:
        lines.append(f"host{number} IN MX 10 host{number + 1}")
    return "\n".join(lines)


def _hot_question(random: Random, names: int, apex: str) -> Question:
    host = random.randrange(names)
    kinds: list[tuple[float, Callable[[], Question]]] = [
        (0.07, lambda: Question(f"missing{random.randrange(names)}.{apex}")),
        (0.12, lambda: Question(f"host{host // 10 * 10}.{apex}", "MX")),
        (0.14, lambda: Question(apex, "NS")),
        (0.24, lambda: Question(f"host{host // 4 * 4}.{apex}", "AAAA")),
    ]
    lot = random.random()
    return next((make() for limit, make in kinds if lot < limit), Question(f"host{host}.{apex}"))


def _many_lines(apex: str) -> Iterator[str]:
    """With the two name servers and their addresses: ten records."""
    address = _address(hash_bucket(apex))
    yield f"@ IN A {address}"
    yield "@ IN MX 10 mail"
    yield '@ IN TXT "v=spf1 mx -all"'
    yield f"www IN A {address}"
    yield "www IN AAAA 2001:db8::1"
    yield f"mail IN A {address}"


def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
