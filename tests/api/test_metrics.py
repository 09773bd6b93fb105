"""The metrics over HTTP."""

from collections.abc import Callable
from http.client import HTTPConnection

from tests.live.http import PATIENCE
from tests.live.server import Server


def status_and_body(server: Server) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", server.http_port, timeout=PATIENCE)
    try:
        connection.request("GET", "/metrics")
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_metrics_are_shown_to_whoever_asks(server: Server) -> None:
    status, body = status_and_body(server)
    assert status == 200
    assert "\nnsd_alias_targets " in body


def test_metrics_can_be_switched_off(own_server: Callable[..., Server]) -> None:
    status, _ = status_and_body(own_server(NSD_HTTP_METRICS="false"))
    assert status == 404
