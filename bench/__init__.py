"""Measurements of this server beside NSD, Knot DNS, BIND and PowerDNS: `python -m bench`."""
