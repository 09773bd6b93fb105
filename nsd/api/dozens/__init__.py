"""The Dozens API, version 1.6."""
