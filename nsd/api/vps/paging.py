"""Lists: complete arrays, or pages where the caller asks for them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from nsd.api.client import sent_url
from nsd.api.slices import array, with_list
from nsd.errors import Invalid, NotFound
from nsd.store.window import WHOLE, Window

DEFAULT_SIZE: Final = 20
MAX_SIZE: Final = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """The page that a request asks for, counted from 1."""

    number: int
    size: int
    request: web.Request

    @property
    def offset(self) -> int:
        """How many entries come before it."""
        return (self.number - 1) * self.size

    def write(self, count: int, entries: Iterable[Any]) -> Iterator[bytes]:
        """Write a page of a list of `count` entries in JSON; raises NotFound past the end."""
        if self.number > 1 and self.offset >= count:
            raise NotFound("Invalid page.")
        head = {
            "count": count,
            "next": self._link(self.number + 1) if self.offset + self.size < count else None,
            "previous": self._link(self.number - 1) if self.number > 1 else None,
        }
        return with_list(head, "results", entries)

    def _link(self, number: int) -> str:
        return str(sent_url(self.request).update_query(page=number))


def window_of(page: Page | None) -> Window:
    """Give the part of a list that a page shows."""
    return WHOLE if page is None else Window(page.size, page.offset)


def write(page: Page | None, count: Callable[[], int], entries: Iterable[Any]) -> Iterator[bytes]:
    """Write a list in JSON: a page of it, or the whole."""
    return array(entries) if page is None else page.write(count(), entries)


def page_of(request: web.Request) -> Page | None:
    """Read `page` and `page_size`; None where the caller asks for neither. Raises Invalid."""
    query = request.query
    if "page" not in query and "page_size" not in query:
        return None
    number = _number(query.get("page", "1"))
    if number is None:
        raise NotFound("Invalid page.")
    size = _number(query.get("page_size", str(DEFAULT_SIZE)))
    if size is None:
        raise Invalid("A valid integer is required.", field="page_size")
    return Page(number, min(size, MAX_SIZE), request)


def _number(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0:
        return int(text)
    return None
