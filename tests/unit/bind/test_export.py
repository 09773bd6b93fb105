"""Files of an export: written whole, and nowhere else."""

import stat
from pathlib import Path

from nsd.bind.export import _replace, write_private


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    for write in (_replace, write_private):
        (tmp_path / ".zone.new").symlink_to(victim)
        write(tmp_path / "zone", "content")
        assert victim.read_text() == "mine"
        assert (tmp_path / "zone").read_text() == "content"
        assert not (tmp_path / "zone").is_symlink()


def test_a_file_with_secrets_is_nobody_else_s(tmp_path: Path) -> None:
    write_private(tmp_path / "keys", "secret")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o640
