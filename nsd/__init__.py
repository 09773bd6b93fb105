"""An authoritative nameserver that people provision by API."""

__version__ = "0.1.0"
