"""Servers and peers that always end with their test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.secondary.primary import Primary


@pytest.fixture
def primaries(tmp_path: Path) -> Iterator[Callable[..., Primary]]:
    """Make servers of ours; each is ended, and no traceback may stand in its log."""
    made: list[Primary] = []

    def make(settings: str = "", *, start: bool = True, **options: object) -> Primary:
        primary = Primary(tmp_path / f"primary{len(made)}", **options)  # type: ignore[arg-type]
        primary.config.write_text(settings)
        made.append(primary)
        if start:
            primary.start()
        return primary

    yield make
    for primary in made:
        primary.stop()
    for primary in made:
        said = primary.log.read_text() if primary.log.exists() else ""
        assert "Traceback" not in said, said
