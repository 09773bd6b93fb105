"""Which source wins, and what is said when a setting is wrong."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nsd.errors import SettingsError
from nsd.settings import Endpoint, Settings, load
from nsd.settings.source import keys

File = Callable[[str | bytes], Path]


@pytest.fixture
def file(tmp_path: Path) -> File:
    def write(text: str | bytes) -> Path:
        path = tmp_path / "nsd.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_without_any_source_the_defaults_stand() -> None:
    assert load() == Settings()


def test_the_documented_defaults_of_the_command_line_hold() -> None:
    settings = load()
    assert settings.data == Path("data")
    assert settings.dns.listen == (Endpoint("127.0.0.1", 5300), Endpoint("::1", 5300))
    assert settings.http.listen == Endpoint("127.0.0.1", 8053)


def test_option_beats_environment_beats_file(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    config = file(
        'data = "file"\n[dns]\nlisten = ["127.0.0.1:1"]\nudp_size = 600\nversion = "file"\n'
    )
    monkeypatch.setenv("NSD_DNS_LISTEN", "127.0.0.1:2")
    monkeypatch.setenv("NSD_DNS_UDP_SIZE", "700")
    monkeypatch.setenv("NSD_DATA", "environment")
    settings = load(config, data=Path("option"), dns=["127.0.0.1:3", "[::1]:3"])
    assert settings.data == Path("option")
    assert [str(at) for at in settings.dns.listen] == ["127.0.0.1:3", "[::1]:3"]
    assert settings.dns.udp_size == 700
    assert settings.dns.version == "file"


def test_a_variable_may_name_the_file(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NSD_CONFIG", str(file("[zone]\nminimum = 60\n")))
    assert load().zone.minimum == 60


def test_the_option_beats_the_variable_that_names_the_file(
    file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NSD_CONFIG", "/nonexistent")
    assert load(file("[zone]\nminimum = 60\n")).zone.minimum == 60


@pytest.mark.parametrize(
    "text", ["192.0.2.1:53,[2001:db8::1]:53", "192.0.2.1:53  [2001:db8::1]:53"]
)
def test_a_variable_holds_a_list(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NSD_DNS_LISTEN", text)
    assert load().dns.listen == (Endpoint("192.0.2.1", 53), Endpoint("2001:db8::1", 53))


def test_an_empty_variable_is_a_value(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NSD_BIND_EXPORT_DIR", "")
    assert load(file('[bind]\nexport_dir = "out"\n')).bind.export_dir is None


def test_a_plan_of_a_given_name_changes_only_what_it_names(file: File) -> None:
    plans = load(
        file("[plans.free]\nrecords = 0\n[plans.team]\nttls = [300]\ndefault_ttl = 300")
    ).plans
    assert (plans["free"].ttls, plans["free"].records) == ((7200,), None)
    assert plans["team"].ttls == (300,)
    assert {"mini", "basic", "unlimited"} < set(plans)


def test_a_variable_holds_a_plan_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NSD_PLANS_FREE", '{"records": 50}')
    assert load().plans["free"].records == 50


def test_variables_of_kubernetes_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NSD_SERVICE_HOST", "192.0.2.1")
    monkeypatch.setenv("NSD_PORT_53_UDP", "udp://192.0.2.1:53")
    assert load() == Settings()


def test_a_mail_address_an_rname_and_sizes_are_read(file: File) -> None:
    config = file('[zone]\ncontact = "dns\\\\.ops.example.net."\n[http]\nmax_zone_file = "1MiB"\n')
    settings = load(config)
    assert settings.zone.contact == "dns\\.ops.example.net."
    assert settings.http.max_zone_file == 2**20


FAULTS = {
    "dns = 3": "dns in",
    "[dns]\nudp_size = 99999": "dns.udp_size in",
    '[dns]\nudp_size = "many"': "dns.udp_size in",
    "[dns]\nudp_sise = 1232": "did you mean dns.udp_size?",
    "[dnss]\nudp_size = 1232": "did you mean dns?",
    "[dns]\nlisten = []": "dns.listen in",
    "[dns]\nlisten = [53]": "dns.listen in",
    '[dns]\nlisten = ["localhost:53"]': "'localhost:53' is not ADDR:PORT or [ADDR]:PORT",
    '[dns]\nlisten = ["127.0.0.1"]': "'127.0.0.1' is not ADDR:PORT",
    '[dns]\nlisten = ["127.0.0.1:65536"]': "'127.0.0.1:65536' is not ADDR:PORT",
    '[dns]\nlisten = ["[127.0.0.1]:53"]': "'[127.0.0.1]:53' is not ADDR:PORT",
    '[dns]\nlisten = ["::1:53"]': "'::1:53' is not ADDR:PORT",
    "[dns]\ncookies = false\nrequire_cookies = true": "require_cookies needs cookies",
    '[dns]\ncookie_secret = "abc"': "32 hexadecimal digits",
    '[http]\ntrusted_proxies = ["192.0.2.1/24"]': "http.trusted_proxies in",
    '[http]\ncors_origins = ["example.net"]': "'example.net' is not an origin",
    '[http]\nmax_zone_file = "much"': "http.max_zone_file in",
    '[zone]\nnameservers = ["ns 1"]': "'ns 1' is not a host name",
    '[zone]\ncontact = "a b@example.net"': "neither a mail address nor a name",
    "[zone]\nexpire = 100": "expire must be longer",
    '[bind]\nservers = ["../etc"]': "'../etc' is not a server's short name",
    "[plans.free]\nrecord = 5": "did you mean plans.free.records?",
    "[plans.free]\ndefault_ttl = 60": "default_ttl is not one of the plan's ttls",
    '[plans."Two words"]': "plans.Two words in",
    "plans = 3": "plans in",
    'default_plan = "gold"': "'gold' is not one of the plans",
    'data = ""': "data in",
    'data = "a\\u0000b"': "holds a NUL",
    '[log]\nlevel = "loud"': "log.level in",
    "[dns]\nudp_size = =": "(at line 2, column 12)",
    b"\xff": "can't decode",
    "x = " + "9" * 5000: "cannot read",
    "x = " + "[" * 5000: "cannot read",
}


@pytest.mark.parametrize(("text", "said"), FAULTS.items(), ids=lambda value: str(value)[:40])
def test_a_wrong_setting_is_named_in_one_line(text: str | bytes, said: str, file: File) -> None:
    config = file(text)
    with pytest.raises(SettingsError) as caught:
        load(config)
    line = caught.value.detail
    assert said in line
    assert str(config) in line or "default_plan" in line
    assert len(line.splitlines()) == 1


def test_all_wrong_settings_are_named_at_once(file: File) -> None:
    config = file("[dns]\nudp_size = 1\n[zone]\nretry = 0\n")
    with pytest.raises(SettingsError, match=r"dns\.udp_size .*; zone\.retry "):
        load(config)


def test_a_secret_is_never_shown(file: File) -> None:
    config = file('[dns]\ncookie_secret = "e5e973e5a6b2a43f48e7dc849e37bfcf"\n')
    assert "e5e973e5" not in repr(load(config)).replace("\\x", "")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^cannot read .*/nsd.toml: No such file"):
        load(tmp_path / "nsd.toml")
    with pytest.raises(SettingsError, match=r"^cannot read .*: Is a directory"):
        load(tmp_path)


def test_a_wrong_option_is_named() -> None:
    with pytest.raises(SettingsError, match=r"^--dns \(dns\.listen\): 'here' is not"):
        load(dns=["here"])


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("NSD_DNS_UDP_SIZE", "1", "NSD_DNS_UDP_SIZE (dns.udp_size): it should be"),
        (
            "NSD_DNS_UDPSIZE",
            "1",
            "NSD_DNS_UDPSIZE: there is no such variable; did you mean NSD_DNS_UDP",
        ),
        ("NSD_DNS", "{}", "NSD_DNS: there is no such variable"),
        ("NSD_PLANS_FREE", "{", "NSD_PLANS_FREE (plans.free): not JSON"),
        (
            "NSD_PLANS_FREE",
            "[" * 100_000,
            "NSD_PLANS_… or NSD_SECONDARIES_…: the JSON is nested too deeply",
        ),
        ("NSD_PLANS", "[" * 100_000, "NSD_PLANS (plans): not JSON"),
        ("NSD_PLANS_FREE", '{"zones": -1}', "NSD_PLANS_FREE (plans.free.zones): it should be"),
    ],
)
def test_a_wrong_variable_is_named(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load()
    assert caught.value.detail.startswith(said)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(key=st.sampled_from([key.replace("NAME", "free") for key in keys()]), value=ANYTHING)
def test_any_value_of_any_key_gives_settings_or_one_line(
    key: str, value: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    config = tmp_path_factory.getbasetemp() / "any.toml"
    config.write_text(f"{key} = {json.dumps(value)}\n")
    said = ""
    try:
        load(config)
    except SettingsError as error:
        said = error.detail
    assert len(said.splitlines()) <= 1
