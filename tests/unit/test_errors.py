"""The tree of errors is the whole tree, and the one that its docstring draws."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import nsd
from nsd import errors
from nsd.errors import (
    BadCookie,
    BadVersion,
    Malformed,
    NotAuthoritative,
    NotSupported,
    NsdError,
    PermissionDenied,
    Unavailable,
)
from nsd.rcode import Ede, Rcode


def _drawn(error: type[NsdError], before: str = "    ") -> Iterator[str]:
    below = [one for one in error.__subclasses__() if one.__module__ == errors.__name__]
    for one in below:
        is_last = one is below[-1]
        yield f"{before}{'└──' if is_last else '├──'} {one.__name__}"
        yield from _drawn(one, before + ("    " if is_last else "│   "))


def _classes_of_errors() -> Iterator[type[BaseException]]:
    for found in pkgutil.walk_packages(nsd.__path__, "nsd."):
        if found.name == "nsd.__main__":  # importing it runs the commands
            continue
        module = importlib.import_module(found.name)
        for one in vars(module).values():
            if isinstance(one, type) and issubclass(one, BaseException):
                yield one


def test_the_docstring_draws_the_tree_as_it_is() -> None:
    assert errors.__doc__ is not None
    told = [line for line in errors.__doc__.splitlines() if "── " in line]
    names = [line[: line.index("── ") + 3] + line.split("── ")[1].split()[0] for line in told]
    assert names == list(_drawn(NsdError))


def test_no_error_of_ours_stands_outside_the_tree_but_private_ones() -> None:
    ours = {one for one in _classes_of_errors() if one.__module__.split(".")[0] == "nsd"}
    assert NsdError in ours
    outside = {one for one in ours if one.__module__ != errors.__name__}
    assert [one for one in outside if not one.__name__.startswith("_")] == []


def test_every_error_has_a_code_of_its_own_or_that_of_the_error_above() -> None:
    codes: dict[str, type[BaseException]] = {}
    for one in _classes_of_errors():
        if one.__module__ == errors.__name__ and issubclass(one, NsdError) and "code" in vars(one):
            assert codes.setdefault(one.code, one) is one


@pytest.mark.parametrize(
    ("error", "rcode", "ede"),
    [
        (NsdError, Rcode.SERVFAIL, Ede.OTHER),
        (Malformed, Rcode.FORMERR, Ede.OTHER),
        (NotSupported, Rcode.NOTIMP, Ede.NOT_SUPPORTED),
        (BadVersion, Rcode.BADVERS, Ede.NOT_SUPPORTED),
        (BadCookie, Rcode.BADCOOKIE, Ede.OTHER),
        (NotAuthoritative, Rcode.REFUSED, Ede.NOT_AUTHORITATIVE),
        (PermissionDenied, Rcode.REFUSED, Ede.PROHIBITED),
        (Unavailable, Rcode.SERVFAIL, Ede.NOT_READY),
    ],
)
def test_an_error_knows_what_a_query_is_answered_with(
    error: type[NsdError], rcode: Rcode, ede: Ede
) -> None:
    assert (error.rcode, error.ede) == (rcode, ede)
