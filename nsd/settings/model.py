"""The sections and keys, their types, ranges and defaults; the reasons stand in the reference."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    StringConstraints,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from nsd.settings.value import (
    DECODED,
    LISTED,
    NONE_WHEN_ZERO,
    OFF_WHEN_EMPTY,
    Contact,
    Endpoint,
    Folder,
    HostName,
    Listener,
    Network,
    Origin,
    PublicUrl,
    Resolver,
    Rule,
    Secret,
    Server,
    decode,
)

Seconds = Annotated[int, Field(ge=1, le=2**31 - 1)]
Ttl = Annotated[int, Field(ge=0, le=2**31 - 1)]  # RFC 2181, section 8
Rate = Annotated[PositiveInt | None, NONE_WHEN_ZERO]  # a second
ChaosText = Annotated[str, Field(max_length=255)]  # one string of a TXT record


class Section(BaseModel):
    """A table of the file: frozen, and without room for keys that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Dns(Section):
    """The responder."""

    listen: Annotated[tuple[Listener, ...], LISTED, Field(min_length=1)] = (
        Endpoint("127.0.0.1", 5300),
        Endpoint("::1", 5300),
    )
    udp_size: Annotated[int, Field(ge=512, le=4096)] = 1232
    tcp_connections: PositiveInt = 1000
    tcp_connections_per_address: PositiveInt = 200
    tcp_idle_seconds: PositiveFloat = 10.0
    version: ChaosText = ""
    identity: ChaosText = ""
    cookies: bool = True
    require_cookies: bool = False
    cookie_secret: Annotated[Secret, Field(repr=False)] = b""
    rate_limit: Literal["on", "log", "off"] = "on"
    rate_limit_answers: Rate = 200
    rate_limit_missing: Rate = 1000
    rate_limit_referrals: Rate = 200
    rate_limit_errors: Rate = 200
    rate_limit_slip: Annotated[int, Field(ge=0, le=1000)] = 2
    rate_limit_exempt: Annotated[tuple[Network, ...], LISTED] = (
        IPv4Network("127.0.0.0/8"),
        IPv6Network("::1/128"),
    )

    @model_validator(mode="after")
    def _cookies_can_be_had(self) -> Self:
        if self.require_cookies and not self.cookies:
            raise ValueError("require_cookies needs cookies")
        return self


class Http(Section):
    """The APIs."""

    listen: Listener = Endpoint("127.0.0.1", 8053)
    cors_origins: Annotated[tuple[Origin, ...], LISTED] = ()
    max_zone_file: Annotated[ByteSize, Field(ge=1)] = ByteSize(64 * 2**20)
    trusted_proxies: Annotated[tuple[Network, ...], LISTED] = ()
    public_url: Annotated[PublicUrl | None, OFF_WHEN_EMPTY] = None
    metrics: bool = True
    metrics_from: Annotated[tuple[Network, ...], LISTED] = (
        IPv4Network("127.0.0.0/8"),
        IPv6Network("::1/128"),
    )
    connections: PositiveInt = 1000
    connections_per_address: PositiveInt = 200
    requests: PositiveInt = 500
    bodies_size: Annotated[ByteSize, Field(ge=2**20)] = ByteSize(192 * 2**20)
    account_rate: PositiveFloat = 1000.0
    account_burst: PositiveFloat = 5000.0
    address_rate: PositiveFloat = 200.0
    address_burst: PositiveFloat = 1000.0
    failure_rate: PositiveFloat = 1.0
    failure_burst: PositiveFloat = 100.0

    @model_validator(mode="after")
    def _a_zone_file_finds_room(self) -> Self:
        if self.bodies_size < self.max_zone_file:
            raise ValueError("bodies_size leaves no room for a body of max_zone_file")
        return self


class ZoneDefaults(Section):
    """What stands at the apex of a zone until its owner says otherwise."""

    nameservers: Annotated[tuple[HostName, ...], LISTED, Field(min_length=1, max_length=13)] = (
        "ns1.example.net.",
        "ns2.example.net.",
    )
    contact: Contact = "hostmaster@example.net"
    refresh: Seconds = 7200
    retry: Seconds = 900
    expire: Seconds = 1209600
    minimum: Ttl = 300
    soa_ttl: Ttl = 3600
    ns_ttl: Ttl = 86400
    max_rrset: PositiveInt = 100

    @model_validator(mode="after")
    def _expires_after_a_retry(self) -> Self:
        if self.expire <= self.refresh + self.retry:  # RFC 1912, section 2.2
            raise ValueError("expire must be longer than refresh and retry together")
        return self


class Bind(Section):
    """The files for BIND9 secondaries."""

    export_dir: Annotated[Folder | None, OFF_WHEN_EMPTY] = None
    servers: Annotated[tuple[Server, ...], LISTED, Field(min_length=1)] = ("ns1", "ns2")
    placed_in: Annotated[Folder | None, OFF_WHEN_EMPTY] = None
    after_export: str = ""


class Transfer(Section):
    """Transfers to secondaries."""

    address: Annotated[Listener | None, OFF_WHEN_EMPTY] = None
    allow: Annotated[tuple[Rule, ...], LISTED] = ()
    at_once: PositiveInt = 64
    check_seconds: PositiveFloat = 300.0
    catalog_suffix: HostName = "catalog.invalid."
    handover_seconds: Annotated[int, Field(ge=0)] = 3600
    journal_entries: PositiveInt = 10000
    journal_size: Annotated[ByteSize, Field(ge=1)] = ByteSize(64 * 2**20)
    journal_days: PositiveInt = 365


class DeclaredSecondary(Section):
    """A server that fetches zones from here."""

    address: Resolver
    key: Annotated[HostName | None, OFF_WHEN_EMPTY] = None
    group: Server = "default"
    control: str = ""


class Dozens(Section):
    """The Dozens API."""

    empty_list: Literal["object", "array"] = "object"


class Plan(Section):
    """What an account of this plan may do; no TTLs means any, None means no limit."""

    ttls: Annotated[tuple[Ttl, ...], LISTED] = ()
    default_ttl: Ttl = 3600
    zones: Annotated[PositiveInt | None, NONE_WHEN_ZERO] = None
    records: Annotated[PositiveInt | None, NONE_WHEN_ZERO] = None

    @model_validator(mode="after")
    def _default_is_allowed(self) -> Self:
        if self.ttls and self.default_ttl not in self.ttls:
            raise ValueError("default_ttl is not one of the plan's ttls")
        return self


GIVEN_PLANS: dict[str, dict[str, Any]] = {
    "free": {"ttls": [7200], "default_ttl": 7200, "zones": 1, "records": 12},
    "mini": {"ttls": [7200], "default_ttl": 7200, "zones": 5, "records": 100},
    "basic": {"ttls": [60, 3600, 7200, 86400], "default_ttl": 7200, "zones": 50, "records": 5000},
    "unlimited": {},
}


def _beside_the_given(value: object) -> object:
    """Lay the operator's plans over the given ones, key by key."""
    if not isinstance(value, dict):
        return value
    return {**GIVEN_PLANS, **{name: _over_the_given(name, own) for name, own in value.items()}}


def _over_the_given(name: object, own: object) -> object:
    try:
        fields = decode(own)
    except ValueError:
        return own  # the plan's own reading says what is wrong with it
    return {**GIVEN_PLANS.get(str(name), {}), **fields} if isinstance(fields, dict) else fields


PlanName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Plans = Annotated[
    dict[PlanName, Annotated[Plan, DECODED]], BeforeValidator(_beside_the_given), DECODED
]


Secondaries = Annotated[dict[Server, Annotated[DeclaredSecondary, DECODED]], DECODED]


class Alias(Section):
    """How the targets of ALIAS records are resolved."""

    resolvers: Annotated[tuple[Resolver, ...], LISTED] = ()
    timeout_seconds: PositiveFloat = 5.0
    min_refresh_seconds: Seconds = 30
    max_refresh_seconds: Seconds = 3600
    keep_seconds: Seconds = 86400

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.min_refresh_seconds > self.max_refresh_seconds:
            raise ValueError("min_refresh_seconds is above max_refresh_seconds")
        return self


class Log(Section):
    """What is said on standard error, and how."""

    format: Literal["console", "json"] = "console"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(BaseSettings):
    """All settings. `Settings()` gives the defaults; `nsd.settings.load` asks the sources."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="NSD_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        enable_decoding=False,
        validate_default=False,  # a default is in its final form
    )

    data: Folder = Path("data")
    default_plan: str = "unlimited"
    dns: Dns = Dns()
    http: Http = Http()
    zone: ZoneDefaults = ZoneDefaults()
    bind: Bind = Bind()
    transfer: Transfer = Transfer()
    secondaries: Secondaries = {}
    dozens: Dozens = Dozens()
    plans: Plans = {name: Plan.model_validate(plan) for name, plan in GIVEN_PLANS.items()}
    alias: Alias = Alias()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the signature is the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is given, and nothing behind the caller's back: `load` reads the sources."""
        return (init_settings,)

    @model_validator(mode="after")
    def _default_plan_is_known(self) -> Self:
        if self.default_plan not in self.plans:
            raise ValueError(f"default_plan '{self.default_plan}' is not one of the plans")
        return self
