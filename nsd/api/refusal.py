"""Refusals outside of any dialect, each in the form of the one that was meant."""

from typing import Final

from aiohttp import web

from nsd.api.dozens.asked import form_of
from nsd.api.dozens.refusal import refusal as dozens_refusal
from nsd.api.vps.refusal import refusal as vps_refusal

VPS: Final = "/api/v1"
DOZENS: Final = "/api"


def refusal(raised: BaseException, request: web.BaseRequest) -> web.Response:
    """Answer with an error in the form of the path's dialect; elsewhere in that of the VPS API."""
    path = request.rel_url.raw_path
    if path.startswith(f"{DOZENS}/") and not path.startswith(f"{VPS}/"):
        return dozens_refusal(raised, request, form_of(request, path))
    return vps_refusal(raised, request)
