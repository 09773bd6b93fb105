"""Zones that are fetched from other primaries and served as they come."""
