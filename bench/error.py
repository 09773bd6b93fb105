"""What can go wrong in a measurement without being a fault of the bench."""


class BenchError(Exception):
    """A server or a load generator did not do its part; the text says which and how."""


class MissingProgramError(BenchError):
    """A program that this measurement needs is not installed."""
