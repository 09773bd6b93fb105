"""How often Python looks for garbage that only its collector can free."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Nothing here lives on by mistake that only the collector could free, so it may come seldom: an
# import makes tens of thousands of objects that all stay.
THRESHOLDS: Final = (20_000, 20, 20)


@contextmanager
def all_to_stay() -> Iterator[None]:
    """Let the collector look at nothing that is made meanwhile, now or later, and come seldom."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
        gc.enable()
