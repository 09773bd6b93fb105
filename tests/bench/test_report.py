"""What the bench makes of its samples."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench import markdown, plot, report
from bench.dnsperf import parse
from bench.error import BenchError
from bench.ledger import Ledger
from bench.load import Load
from bench.metric import CPU, QPS
from bench.plan import FULL, SHORT
from bench.target import Target, own
from bench.verdict import judge
from bench.workload.order import ALL
from bench.workload.query import Hot

TITLES = {"ours": "Ours", "bind": "BIND & co", "nsd": "NSD"}

DNSPERF = """\
  Queries sent:         2000
  Queries completed:    1990 (99.50%)
  Queries lost:         10 (0.50%)

  Response codes:       NOERROR 1800 (90.45%), NXDOMAIN 190 (9.55%)
  Run time (s):         3.500000
  Queries per second:   568.571429
"""


def rounds(ledger: Ledger, subject: str, rates: list[float]) -> None:
    for rate in rates:
        ledger.add("hot", subject, QPS, rate)
        ledger.add("hot", subject, CPU, 1 / rate)


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger()
    rounds(ledger, "nsd", [400_000, 200_000, 300_000])
    rounds(ledger, "bind", [200_000, 100_000, 150_000])
    rounds(ledger, "ours", [300_000, 150_000, 220_000])
    return ledger


def test_a_ratio_is_taken_round_by_round(ledger: Ledger) -> None:
    assert ledger.ratio("hot", QPS, "ours", "bind") == 1.5


def test_what_was_not_measured_has_no_ratio(ledger: Ledger) -> None:
    assert ledger.ratio("hot", QPS, "ours", "knot") is None
    assert ledger.ratio("wide", QPS, "ours", "bind") is None


def test_each_target_is_reached_missed_or_not_measured(ledger: Ledger) -> None:
    words = {verdict.target.text: verdict.word for verdict in judge(Hot.targets, ledger, FULL)}
    assert words == {
        "hot: queries/s, of BIND's": "reached",
        "hot: CPU per query, of BIND's": "reached",
        "hot: queries/s, of NSD's": "reached",
        "hot: CPU per query, of NSD's": "reached",
        "hot: queries/s, of Knot's": "not measured",
    }


def test_a_short_run_judges_no_target_that_names_a_size(ledger: Ledger) -> None:
    target = Target("rate", own("hot", QPS), 1, full_size=True)
    words = [judge([target], ledger, plan)[0].word for plan in (FULL, SHORT)]
    assert words == ["reached", "not judged at this size"]


def test_the_page_shows_every_server_with_its_ratio(ledger: Ledger) -> None:
    page = markdown.page(report.compose([Hot()], ledger, FULL, TITLES, ["Facts."]), "plot.svg")
    bind = next(line for line in page.splitlines() if line.startswith("| BIND & co"))
    assert bind.startswith("| BIND & co | 150,000 | 6.67 |")
    assert bind.endswith("| 1.50 |")


def test_the_plot_is_xml_with_a_bar_for_each_server(ledger: Ledger) -> None:
    picture = ET.fromstring(plot.draw([Hot()], ledger, TITLES))
    bars = picture.findall("{http://www.w3.org/2000/svg}rect")
    assert [bar.get("class") for bar in bars] == ["peer", "ours", "peer"]


def test_what_dnsperf_waits_for_lost_queries_does_not_count() -> None:
    load = parse(DNSPERF, seconds=2)
    assert (load.qps, load.sent, load.received) == (995, 2000, 1990)
    assert load.rcodes == {"NOERROR": 1800, "NXDOMAIN": 190}
    assert load.lost == pytest.approx(0.005)


def test_a_report_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(BenchError, match="cannot read: bash: dnsperf"):
        parse("bash: dnsperf: not found", seconds=2)


def test_refusals_are_not_counted_as_answers() -> None:
    with pytest.raises(BenchError, match="BIND: answered REFUSED"):
        Load(qps=9e9, sent=9, received=9, rcodes={"REFUSED": 9}).check("BIND")


def test_every_workload_stands_in_the_readme() -> None:
    text = (Path(report.__file__).parent / "README.md").read_text()
    missing = [workload.name for workload in ALL if f"\n| {workload.name} |" not in text]
    assert missing == []
