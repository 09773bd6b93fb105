"""The list of Debian packages, and the fixtures that find and end real programs."""

import subprocess
from collections.abc import Callable

import pytest


def test_a_listed_program_is_found_and_runs(
    program: Callable[[str], str], start: Callable[..., subprocess.Popen[str]]
) -> None:
    process = start(program("jq"), "--version")
    assert process.communicate(timeout=10)[0].startswith("jq")


def test_a_missing_program_skips_with_its_package(
    program: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(pytest.skip.Exception, match=r"knotd is missing \(Debian: knot\)"):
        program("knotd")


def test_a_program_that_no_package_is_listed_for_is_a_defect(program: Callable[[str], str]) -> None:
    with pytest.raises(KeyError):
        program("unlisted")
