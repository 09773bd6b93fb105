"""The Dockerfile against what the program knows."""

import re
from pathlib import Path

import pytest

from nsd.settings import load

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_the_image_s_variables_are_settings_that_load(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in re.findall(r"\b(NSD_\w+)=(\S+)", DOCKERFILE):
        monkeypatch.setenv(name, value)
    settings = load()
    assert settings.data == Path("/data")
    assert [str(at) for at in settings.dns.listen] == ["0.0.0.0:53", "[::]:53"]
    assert f"127.0.0.1:{settings.http.listen.port}/health" in DOCKERFILE


def test_the_image_s_files_pass_the_ignore_list() -> None:
    copied = re.findall(r"^COPY (?!--)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    kept = (ROOT / ".dockerignore").read_text().split()
    assert {f"!{name}" for line in copied for name in line.split()} <= set(kept)
