"""A name error says that nothing stands below the name either."""

import itertools

from tests.conformance.asked import example

LABELS = ["a", "b", "*"]
RECORDS = "a.b.a A 192.0.2.1\nb.* A 192.0.2.1\n*.b.b CNAME a\na.a.b NS ns.elsewhere.test.\n"


def test_below_a_name_error_is_nothing_but_name_errors() -> None:
    server = example(RECORDS)
    for count in (1, 2, 3):
        for parts in itertools.product(LABELS, repeat=count):
            name = ".".join(parts) + ".example."
            if server.ask(name).rcode == "NXDOMAIN":
                below = [server.ask(f"{label}.{name}").rcode for label in LABELS]
                assert below == ["NXDOMAIN"] * len(LABELS), name
