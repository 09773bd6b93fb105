"""The documents of the APIs against the routes: every path, its methods and its permission."""

import re
from collections.abc import Iterator
from pathlib import Path

from nsd import errors
from nsd.api.app import make_app
from nsd.api.dozens.app import AUTHORIZE
from nsd.api.dozens.app import ROUTES as DOZENS_ROUTES
from nsd.api.vps.app import ROUTES as VPS_ROUTES
from nsd.errors import InternalError, NsdError, StoreError
from nsd.service.service import Service
from nsd.settings import Dns, Endpoint, Http, Settings

DOCS = Path(__file__).parents[3] / "docs"
ANYWHERE = Endpoint("127.0.0.1", 0)

CODE = re.compile(r"`([a-z_]+)`")

Route = tuple[str, str]  # method, path


def table(document: str) -> Iterator[tuple[Route, str]]:
    """Give the routes of a document's table, each with the cell beside it."""
    found = re.findall(
        r"^\| ([A-Z, ]+) `([^`]+)`.*?\| (.*?) \|", (DOCS / document).read_text(), re.MULTILINE
    )
    for methods, path, beside in found:
        for method in methods.split(", "):
            yield (method, path), beside


def test_every_route_of_the_vps_api_is_in_its_document_with_its_permission_and_no_other() -> None:
    listed = [
        (route, permission.strip("`") if permission.startswith("`") else None)
        for route, permission in table("vps-api.md")
    ]
    real = [((method, f"{path}/"), permission) for method, path, permission, *_ in VPS_ROUTES]
    assert sorted(listed, key=str) == sorted(real, key=str)


def test_what_is_for_administrators_only_is_said_in_the_document_and_of_nothing_else() -> None:
    text = (DOCS / "vps-api.md").read_text()
    found = re.findall(r"^\| ([A-Z, ]+) `([^`]+)`.*administrators only", text, re.MULTILINE)
    real = [(method, f"{path}/") for method, path, _, admin, _ in VPS_ROUTES if admin]
    assert sorted(found) == sorted(real)


def test_every_route_of_the_dozens_api_is_in_its_document_and_no_other() -> None:
    listed = [(method, re.sub(r"{\w+}", "{}", path)) for (method, path), _ in table("dozens.md")]
    real = [(method, path) for method, path, *_ in DOZENS_ROUTES]
    authorize = [(method, path) for path in AUTHORIZE for method in ("GET", "POST")]
    assert sorted(listed) == sorted([*authorize, *real])


async def test_every_other_path_is_in_a_document(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, dns=Dns(listen=(ANYWHERE,)), http=Http(listen=ANYWHERE))
    service = Service(settings)
    await service.start()
    resources = make_app(service.house).router.resources()
    await service.close()
    paths = {one.canonical for one in resources}
    assert paths > {"/health", "/metrics"}
    text = "".join(document.read_text() for document in DOCS.glob("*.md"))
    assert [path for path in paths if f"`GET {path}`" not in text and f"`{path}`" not in text] == []


def test_every_error_of_http_is_in_the_document_with_its_status() -> None:
    text = (DOCS / "vps-api.md").read_text()
    rows = re.findall(r"^\| (\d{3}) \|(.*)\|$", text, re.MULTILINE)
    listed = {(int(status), code) for status, cell in rows for code in CODE.findall(cell)}
    assert listed == {
        (error.status, error.code)
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, NsdError) and is_shown_by_http(error)
    }


def is_shown_by_http(error: type[NsdError]) -> bool:
    """Tell whether calls can end with an error: those of DNS alone have no status of HTTP."""
    return error.status != NsdError.status or error in (InternalError, StoreError)
