"""What a request asks for: the segments of its path below `/api`, and the form of the answer."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from aiohttp import web

from nsd.api.dozens.form import Form

_SUFFIXES: Final = {".json": Form.JSON, ".xml": Form.XML}


@dataclass(frozen=True, slots=True)
class Asked:
    """A path without prefix and suffix, and the form that its suffix or `Accept` chose."""

    segments: tuple[str, ...]
    form: Form


def asked_of(request: web.Request, prefix: str) -> Asked:
    """Take a request's path apart.

    Only the last suffix counts, since zone names hold dots; it wins over `Accept`.
    """
    path = request.rel_url.raw_path.removeprefix(prefix)
    form = form_of(request, path)
    for suffix in _SUFFIXES:
        if path.endswith(suffix):
            path = path.removesuffix(suffix)
            break
    return Asked(tuple(unquote(segment) for segment in path.split("/") if segment), form)


def form_of(request: web.BaseRequest, path: str) -> Form:
    """Choose by the path's suffix, else by `Accept`; JSON unless XML alone is named."""
    for suffix, named in _SUFFIXES.items():
        if path.endswith(suffix):
            return named
    accepted = request.headers.get("Accept", "").lower()
    return Form.XML if "xml" in accepted and "json" not in accepted else Form.JSON


def matches(pattern: str, segments: tuple[str, ...]) -> str | None:
    """Give what stands in a pattern's place for an argument, "" without one; None for no match."""
    parts = pattern.split("/")
    if len(parts) != len(segments):
        return None
    argument = ""
    for part, segment in zip(parts, segments, strict=True):
        if part == "{}":
            argument = segment
        elif part != segment:
            return None
    return argument
