"""The cookie secret that is made once and kept."""

from pathlib import Path

import pytest

from nsd.errors import StoreError
from nsd.service.cookie_secret import FILE, kept_secret


def test_it_is_made_once_and_then_read(tmp_path: Path) -> None:
    first = kept_secret(tmp_path)
    assert len(first) == 16
    assert kept_secret(tmp_path) == first


@pytest.mark.parametrize("content", [b"", b"abc", b"00" * 15, b"\xff\xfe", b"zz" * 16])
def test_a_file_that_is_no_secret_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert kept_secret(tmp_path) == kept_secret(tmp_path) != content


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(StoreError, match=r"cookie\.secret"):
        kept_secret(tmp_path)
