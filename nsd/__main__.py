"""`python -m nsd` is `nsdctl`."""

from nsd.cli import main

main()
