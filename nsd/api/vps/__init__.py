"""The VPS.org DNS API."""
