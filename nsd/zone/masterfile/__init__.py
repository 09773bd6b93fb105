"""Master files (RFC 1035, section 5): a zone as text, read and written."""

from nsd.zone.masterfile.content import MasterFile
from nsd.zone.masterfile.reader import parse
from nsd.zone.masterfile.writer import slices, write

__all__ = ["MasterFile", "parse", "slices", "write"]
