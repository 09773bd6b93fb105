"""The commands. `main` is what `nsdctl` runs."""

import sys

from nsd.errors import MasterFileInvalid, NsdError


def main() -> None:
    """Run the command line; an error of ours is one clear line and exit code 1."""
    from nsd.cli.commands import app  # noqa: PLC0415 -- only now, so that an error is caught

    try:
        app(prog_name="nsdctl")
    except MasterFileInvalid as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except NsdError as error:
        print(f"nsdctl: {error.detail}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
