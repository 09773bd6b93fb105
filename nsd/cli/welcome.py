"""What a first start gives: the administrator's token, to somebody who is there to read it."""

import os
import sys
from pathlib import Path
from typing import Final

from nsd.settings import Endpoint

FILE_NAME: Final = "first-token"


def welcome(secret: str, dns: Endpoint, http: Endpoint, folder: Path, *, show: bool) -> None:
    """Hand over the first token.

    It is printed, with two lines to try, on a terminal or where that is asked for. Elsewhere
    standard output may be kept by a service's log for ever, so it goes into a file that only its
    user can read.
    """
    if show or sys.stdout.isatty():
        _print(secret, dns, http)
        return
    path = folder / FILE_NAME
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret + "\n")
    print(  # noqa: T201
        f"nsdctl: the administrator's token is in {path}: take it from there, then delete the file",
        file=sys.stderr,
        flush=True,
    )


def _print(secret: str, dns: Endpoint, http: Endpoint) -> None:
    print(  # noqa: T201
        "\nThe administrator's token, shown only now:\n\n"
        f"    {secret}\n\n"
        "Two lines to try in another terminal:\n\n"
        f"    curl -sS -H 'Authorization: Bearer {secret}' -H 'Content-Type: application/json'"
        f" http://{http}/api/v1/dns-zones/ -d '"
        '{"domain": "example.com", "records": [{"record_type": "A", "name": "www",'
        ' "value": "192.0.2.1"}]}'
        "'\n"
        f"    dig @{dns.host} -p {dns.port} www.example.com\n",
        flush=True,
    )
