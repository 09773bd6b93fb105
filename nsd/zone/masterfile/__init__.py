"""Master files (RFC 1035, section 5): a zone as text, read and written."""

from nsd.zone.masterfile.content import MasterFile
from nsd.zone.masterfile.reader import parse
from nsd.zone.masterfile.writer import write

__all__ = ["MasterFile", "parse", "write"]
