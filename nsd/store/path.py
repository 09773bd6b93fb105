"""Names turned around, so that what is below a name is a range of an index."""

from nsd.zone.name import WireName, labels


def path_of(name: WireName) -> bytes:
    """Turn a name around: its path begins with the paths of all names above it.

    Each label ends with a zero octet; octets 0 and 1 inside labels are written as two.
    """
    return b"".join(
        label.replace(b"\x01", b"\x01\x02").replace(b"\x00", b"\x01\x01") + b"\x00"
        for label in reversed(labels(name))
    )


def past(path: bytes) -> bytes:
    """Give what sorts after all paths that begin with one, and before all others that follow it."""
    # The last octet of a path is 0, so raising it passes all that begin with the path.
    return path[:-1] + b"\x01" if path else b"\xff" * 256
