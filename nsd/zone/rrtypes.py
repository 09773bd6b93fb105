"""Record types: their numbers, their mnemonics, and which of them nobody may create."""

from functools import lru_cache
from typing import Final

import dns.exception
import dns.rdatatype

from nsd.errors import Invalid

A: Final = 1
NS: Final = 2
CNAME: Final = 5
SOA: Final = 6
PTR: Final = 12
MX: Final = 15
TXT: Final = 16
AAAA: Final = 28
SRV: Final = 33
NAPTR: Final = 35
DNAME: Final = 39
OPT: Final = 41
DS: Final = 43
IPSECKEY: Final = 45
RRSIG: Final = 46
NSEC: Final = 47
SVCB: Final = 64
HTTPS: Final = 65
SPF: Final = 99
NID: Final = 104
L64: Final = 106
TSIG: Final = 250
IXFR: Final = 251
AXFR: Final = 252
ANY: Final = 255
CAA: Final = 257
ALIAS: Final = 65401  # private use (RFC 6895, section 3.1): ALIAS has no number of its own

HOST_TYPES = frozenset({CNAME, NS, PTR, DNAME, ALIAS})
TEXT_TYPES = frozenset({TXT, SPF})

OBSOLETE = frozenset({3, 4})  # MD and MF

# SIG, KEY, NXT, RRSIG, NSEC, DNSKEY, NSEC3, NSEC3PARAM, CDS, CDNSKEY: what a signer makes itself.
# DS is the delegation's data and the user's.
DNSSEC_OWN = frozenset({24, 25, 30, 46, 47, 48, 50, 51, 59, 60})


@lru_cache(maxsize=1024)
def from_text(text: str) -> int:
    """Read a mnemonic or `TYPEnnn`, in any case. Raises Invalid."""
    mnemonic = text.strip().upper()
    if mnemonic == "ALIAS":
        return ALIAS
    try:
        return int(dns.rdatatype.from_text(mnemonic))
    except (dns.exception.DNSException, ValueError) as error:
        raise Invalid(f"'{text}' is not a record type", field="record_type") from error


@lru_cache(maxsize=1024)
def to_text(rrtype: int) -> str:
    """Give the mnemonic, or `TYPEnnn` where there is none."""
    return (
        "ALIAS" if rrtype == ALIAS else dns.rdatatype.to_text(dns.rdatatype.RdataType.make(rrtype))
    )


def is_meta(rrtype: int) -> bool:
    """Tell whether the type stands in questions or messages only (RFC 6895, section 3.1)."""
    return rrtype in (0, 41, 65535) or 128 <= rrtype <= 255


def is_uncreatable(rrtype: int) -> bool:
    """Tell whether no user's record can have the type."""
    return rrtype == SOA or rrtype in DNSSEC_OWN or rrtype in OBSOLETE or is_meta(rrtype)


def refuse_uncreatable(rrtype: int) -> None:
    """Raise Invalid for a type that no user's record can have."""
    if rrtype == SOA:
        why = "the zone's SOA is kept by the server and cannot be created as a record"
    elif rrtype in DNSSEC_OWN:
        why = f"{to_text(rrtype)} is made by DNSSEC signing and cannot be created as a record"
    elif rrtype in OBSOLETE:
        why = f"{to_text(rrtype)} is obsolete (RFC 973); name servers refuse zones that hold it"
    elif is_meta(rrtype):
        why = f"{to_text(rrtype)} is not a type that a zone can hold"
    else:
        return
    raise Invalid(why, field="record_type")
