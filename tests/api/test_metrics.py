"""The metrics over HTTP."""

import re
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

from tests.live.http import PATIENCE
from tests.live.server import ROOT, Server


def status_and_body(server: Server) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", server.http_port, timeout=PATIENCE)
    try:
        connection.request("GET", "/metrics")
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_metrics_are_shown_to_the_loopback(server: Server) -> None:
    status, body = status_and_body(server)
    assert status == 200
    assert "\nnsd_alias_targets " in body


def test_metrics_are_shown_to_the_networks_of_the_settings_only(
    own_server: Callable[..., Server],
) -> None:
    status, body = status_and_body(own_server(NSD_HTTP_METRICS_FROM="192.0.2.0/24"))
    assert status == 403
    assert "nsd_" not in body


def test_metrics_can_be_switched_off(own_server: Callable[..., Server]) -> None:
    status, _ = status_and_body(own_server(NSD_HTTP_METRICS="false"))
    assert status == 404


def test_all_work_beside_requests_is_in_the_reference_and_no_other(
    own_server: Callable[..., Server], tmp_path: Path
) -> None:
    (tmp_path / "exported").mkdir()
    _, body = status_and_body(own_server(NSD_BIND_EXPORT_DIR=str(tmp_path / "exported")))
    real = re.findall(r'^nsd_background_failing{work="(.+)"} 0.0$', body, re.MULTILINE)
    _, _, table = (ROOT / "docs" / "metrics.md").read_text().partition("| work |")
    listed = re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)
    # What is done for each secondary has its name, and is not there without one.
    assert sorted(work for work in listed if not work.endswith(" NAME")) == sorted(real)
