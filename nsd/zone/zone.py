"""A zone in memory: an index of its nodes, patched in place.

The index maps each name that exists (RFC 4592, section 2.2.2: those with records, and the empty
non-terminals above them) to what stands there. Most names of most zones hold one record, so that
case is stored flat: the packed record itself instead of a `Node`.

Names below a cut or a DNAME stay in the index: lookup asks `barriers` first, so that a change of
a cut costs the same however much it hides.
"""

from collections.abc import Iterable, Iterator
from typing import ClassVar, TypeAlias

from nsd.zone import rrtypes
from nsd.zone.name import WireName, parent
from nsd.zone.rrset import Packed, RRset, pack


class Node:
    """What stands at a name that does not hold just one record: several, or none."""

    __slots__ = ("rrsets",)

    def __init__(self, rrsets: dict[int, RRset]) -> None:
        self.rrsets = rrsets

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self.rrsets == other.rrsets

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Node({list(self.rrsets.values())!r})"


Standing: TypeAlias = Packed | Node

EMPTY_NON_TERMINAL = Node({})
_MARKED = frozenset((rrtypes.NS, rrtypes.DNAME, rrtypes.SOA))


def rrsets_of(standing: Standing | None) -> dict[int, RRset]:
    """Give what stands at a name by type; for a name that does not exist, nothing."""
    if isinstance(standing, Node):
        return standing.rrsets
    if standing is None:
        return {}
    rrset = RRset(standing)
    return {rrset.rrtype: rrset}


def _standing(rrsets: dict[int, RRset]) -> Standing:
    if len(rrsets) == 1:
        (rrset,) = rrsets.values()
        if rrset.count == 1:
            return rrset.packed
    return Node(rrsets)


class Zone:
    """One zone's RRsets by name. Names are wire names in lower case.

    nodes: every existing name, with what stands there.
    children: how many names exist directly below a name, for the names that have any.
    barriers: the names where the zone's own authority ends: cuts (NS below the apex) and, for
        what is below them, DNAMEs.
    negative_soa: the SOA as negative answers carry it (RFC 2308, section 3).
    is_suspended: nothing is answered from it.
    account: whose it is; aliases are followed within one account only.
    """

    is_suspended: ClassVar[bool] = False

    __slots__ = ("account", "apex", "barriers", "children", "negative_soa", "nodes")

    def __init__(self, apex: WireName, account: int = 0) -> None:
        self.apex = apex
        self.account = account
        self.nodes: dict[WireName, Standing] = {apex: EMPTY_NON_TERMINAL}
        self.children: dict[WireName, int] = {}
        self.barriers: set[WireName] = set()
        self.negative_soa: RRset | None = None

    @classmethod
    def build(
        cls, apex: WireName, rrsets: Iterable[tuple[WireName, RRset]], account: int = 0
    ) -> "Zone":
        """Build a zone from all its RRsets, the apex SOA and NS among them."""
        zone = cls(apex, account)
        for owner, rrset in rrsets:
            zone.put(owner, rrset)
        return zone

    @property
    def soa(self) -> RRset:
        """The SOA; every zone that is served has one."""
        return rrsets_of(self.nodes[self.apex])[rrtypes.SOA]

    @property
    def serial(self) -> int:
        """The serial in the SOA."""
        return int.from_bytes(self.soa.packed[-20:-16], "big")

    def rrsets(self) -> Iterator[tuple[WireName, RRset]]:
        """Go through all RRsets, in no order."""
        for owner, standing in self.nodes.items():
            for rrset in rrsets_of(standing).values():
                yield owner, rrset

    def rrset(self, owner: WireName, rrtype: int) -> RRset | None:
        """Find one RRset."""
        return rrsets_of(self.nodes.get(owner)).get(rrtype)

    def put(self, owner: WireName, rrset: RRset) -> None:
        """Add an RRset, or replace the one of its type."""
        if rrset.count == 1 and self.put_first(owner, rrset.packed):
            return
        standing = self.nodes.get(owner)
        if standing is None:
            self._link(owner)
        self.nodes[owner] = _standing({**rrsets_of(standing), rrset.rrtype: rrset})
        self._mark(owner, rrset.rrtype)

    def put_first(self, owner: WireName, packed: Packed) -> bool:
        """Put a record where none stands yet; where one does, leave all as it is and say so."""
        standing = self.nodes.get(owner)
        if standing is None:
            self._link(owner)
        elif standing is not EMPTY_NON_TERMINAL:
            return False
        self.nodes[owner] = packed
        rrtype = packed[2] << 8 | packed[3]
        if rrtype in _MARKED:
            self._mark(owner, rrtype)
        return True

    def put_node(self, owner: WireName, rrsets: dict[int, RRset]) -> None:
        """Let these be all RRsets of a name that exists."""
        self.nodes[owner] = _standing(rrsets)
        for rrtype in _MARKED & rrsets.keys():
            self._mark(owner, rrtype)

    def remove(self, owner: WireName, rrtype: int) -> None:
        """Remove the RRset of one type, if it is there."""
        rrsets = dict(rrsets_of(self.nodes.get(owner)))
        if rrsets.pop(rrtype, None) is None:
            return
        if rrsets:
            self.nodes[owner] = _standing(rrsets)
        elif owner in self.children or owner == self.apex:
            self.nodes[owner] = EMPTY_NON_TERMINAL
        else:
            self._unlink(owner)
        self._mark(owner, rrtype)

    def _mark(self, owner: WireName, rrtype: int) -> None:
        """Keep what is derived from the RRsets of some types."""
        if rrtype == rrtypes.SOA and owner == self.apex:
            self.negative_soa = _negative_soa(self.rrset(owner, rrtype))
        elif rrtype in _MARKED:
            here = rrsets_of(self.nodes.get(owner))
            if rrtypes.DNAME in here or (rrtypes.NS in here and owner != self.apex):
                self.barriers.add(owner)
            else:
                self.barriers.discard(owner)

    def _link(self, owner: WireName) -> None:
        """Count a new name with its parent, and so on upwards where the parent is new too."""
        children, apex = self.children, self.apex
        while owner != apex:
            owner = owner[owner[0] + 1 :]  # type: ignore[assignment] # the parent
            count = children.get(owner, 0)
            children[owner] = count + 1
            if count or owner in self.nodes:
                return
            self.nodes[owner] = EMPTY_NON_TERMINAL

    def _unlink(self, owner: WireName) -> None:
        """Take a name out, and the empty non-terminals that existed only for its sake."""
        while True:
            del self.nodes[owner]
            owner = parent(owner)
            self.children[owner] -= 1
            if self.children[owner]:
                return
            del self.children[owner]
            if owner == self.apex or self.nodes[owner] is not EMPTY_NON_TERMINAL:
                return


def _negative_soa(soa: RRset | None) -> RRset | None:
    """Lower the TTL to the SOA's own minimum field (RFC 2308, section 5)."""
    if soa is None:
        return None
    (rdata,) = soa.rdatas
    return RRset(pack(rrtypes.SOA, min(soa.ttl, int.from_bytes(rdata[-4:], "big")), rdata))


class SuspendedZone(Zone):
    """The place of a zone that is not served: no zone above it answers for its names.

    It is empty, and its apex a barrier to whoever looks up names.
    """

    __slots__ = ()

    is_suspended = True

    def __init__(self, apex: WireName) -> None:
        super().__init__(apex)
        self.barriers.add(apex)
