"""Files with secrets: made once, whole, for nobody else, whoever wants them at the same moment."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from nsd.errors import StoreError
from nsd.store import secret_file
from nsd.store.secret import FILE_NAME, SecretBox
from tests.live.server import ROOT, environment

# Shows the secret that it got, after all that were started stand at the same line.
CHILD = """
import os, sys, time
from pathlib import Path
from nsd.store import secret_file

def make():
    time.sleep(0.1)  # so that the others want it too
    return os.urandom(32)

sys.stdin.readline()
print(secret_file.kept(Path(sys.argv[1]), make).hex())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "it.secret"


def test_it_is_made_once_and_then_read(path: Path) -> None:
    assert secret_file.kept(path, lambda: b"first") == b"first"
    assert secret_file.kept(path, lambda: b"second") == b"first"


def test_nobody_else_can_read_it(path: Path) -> None:
    secret_file.kept(path, lambda: b"first")
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_what_was_left_half_made_does_not_matter(path: Path) -> None:
    path.with_name("it.secret.new").write_bytes(b"half")
    assert secret_file.kept(path, lambda: b"first") == b"first"
    assert path.read_bytes() == b"first"


def test_a_secret_that_is_no_good_is_replaced_only_where_that_is_asked_for(path: Path) -> None:
    path.write_bytes(b"")
    assert secret_file.kept(path, lambda: b"good") == b""
    assert secret_file.kept(path, lambda: b"good", bool) == b"good"
    assert path.read_bytes() == b"good"


def test_a_file_that_cannot_be_used_is_said(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError, match=r"it\.secret"):
        secret_file.kept(path, lambda: b"first")
    with pytest.raises(StoreError, match=r"missing"):
        secret_file.kept(path.parent / "missing" / "file", lambda: b"first")


def test_processes_that_want_it_at_the_same_moment_get_the_same(path: Path) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path)],
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            cwd=ROOT,
        )
        for _ in range(4)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("now\n")
        child.stdin.flush()
    got = {child.communicate(timeout=30)[0].strip() for child in children}
    assert got == {path.read_bytes().hex()}


def test_it_is_made_once_while_others_wait_for_it(path: Path) -> None:
    made = 0
    all_here = threading.Barrier(4)

    def make() -> bytes:
        nonlocal made
        made += 1
        return str(made).encode()

    def want() -> None:
        all_here.wait()
        got.append(secret_file.kept(path, make))

    got: list[bytes] = []
    threads = [threading.Thread(target=want) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (got, made) == ([b"1"] * 4, 1)


def test_a_key_that_is_no_key_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be used"):
        SecretBox(tmp_path).encrypt(b"secret")
    assert (tmp_path / FILE_NAME).read_bytes() == b""


def test_what_one_box_encrypts_another_of_the_folder_decrypts(tmp_path: Path) -> None:
    assert SecretBox(tmp_path).decrypt(SecretBox(tmp_path).encrypt(b"secret")) == b"secret"


def test_another_key_is_said_to_be_the_wrong_one(tmp_path: Path) -> None:
    encrypted = SecretBox(tmp_path).encrypt(b"secret")
    (tmp_path / FILE_NAME).unlink()
    with pytest.raises(StoreError, match="bring back the key file"):
        SecretBox(tmp_path).decrypt(encrypted)
