"""The real server as a process of its own, and callers of its HTTP API and its DNS."""
