"""What a measurement may be: every field of a ping, traceroute or DNS definition with its range and default.

Source: the manual's pages on each type, and what clients were seen to send. Fields nobody knows are ignored.
"""

from typing import Annotated, Any, Literal

import dns.exception
import dns.name
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from app.rehearsal.api.values import Instant, Number, Text, Yes
from app.rehearsal.contract import Body

OUT_OF_THE_WORLD = {"sslcert", "ntp", "http", "wifi"}
"""Types that the platform has and the rehearsal does not."""
MAX_SPREAD_S = 400
_UPPER = BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value)
_NULL_IS_ZERO = BeforeValidator(lambda value: 0 if value is None else value)
"""For the two fields that `ripe-atlas measure traceroute` sends as null unless it is told their value."""


class Definition(BaseModel):
    """The fields of every type. `None` is what a field is that nobody set and that has no default."""

    model_config = ConfigDict(extra="ignore")

    af: Annotated[Literal[4, 6], Number]
    description: Annotated[Text, Field(min_length=1, max_length=254)]
    target: Annotated[Text, Field(min_length=1, max_length=253)] | None = None
    interval: Annotated[int, Number, Field(ge=60, le=604800)] | None = None
    spread: Annotated[int, Number, Field(ge=0, le=604800)] | None = None
    tags: list[Annotated[Text, Field(pattern=r"^[-a-zA-Z0-9_]+$", max_length=64)]] = []
    is_public: Yes = True
    resolve_on_probe: Yes = False
    skip_dns_check: Yes = False
    group_id: Annotated[int, Number, Field(ge=1, le=2**31 - 1)] | None = None
    target_update_hours: Annotated[int, Number, Field(ge=22, le=720)] | None = None
    auto_topup: Yes = False
    auto_topup_prb_days_off: Annotated[int, Number, Field(ge=1, le=30)] | None = None
    auto_topup_prb_similarity: Annotated[float, Number, Field(ge=0, le=1)] | None = None
    aggregator_client_id: Annotated[Text, Field(max_length=128)] | None = None
    extra_wait: Annotated[int, Number, Field(ge=0, le=60000)] | None = None
    is_oneoff: Yes | None = None
    start_time: Instant | None = None
    stop_time: Instant | None = None

    @field_validator("description")
    @classmethod
    def _no_markup(cls, description: str) -> str:
        if "<" in description or ">" in description:
            raise ValueError("Text contains disallowed characters")
        return description


class Ping(Definition):
    """Echo requests, a few in a row."""

    type: Literal["ping"]
    packets: Annotated[int, Number, Field(ge=1, le=16)] = 3
    size: Annotated[int, Number, Field(ge=1, le=2048)] = 48
    packet_interval: Annotated[int, Number, Field(ge=2, le=300000)] = 1000
    include_probe_id: Yes = False


class Traceroute(Definition):
    """The way there, hop by hop."""

    type: Literal["traceroute"]
    protocol: Annotated[Literal["ICMP", "UDP", "TCP"], _UPPER] = "UDP"
    packets: Annotated[int, Number, Field(ge=1, le=16)] = 3
    size: Annotated[int, Number, Field(ge=0, le=2048)] = 48
    paris: Annotated[int, Number, Field(ge=0, le=64)] = 16
    first_hop: Annotated[int, Number, Field(ge=1, le=255)] = 1
    max_hops: Annotated[int, Number, Field(ge=1, le=255)] = 32
    port: Annotated[int, Number, Field(ge=1, le=65535)] = 80
    dont_fragment: Yes = False
    response_timeout: Annotated[int, Number, Field(ge=1, le=60000)] = 4000
    duplicate_timeout: Annotated[int, Number, Field(ge=1, le=60000)] = 10
    hop_by_hop_option_size: Annotated[int, Number, _NULL_IS_ZERO, Field(ge=0, le=2048)] = 0
    destination_option_size: Annotated[int, Number, _NULL_IS_ZERO, Field(ge=0, le=1024)] = 0


QueryType = Literal[
    "A", "AAAA", "ANY", "CNAME", "DNSKEY", "DS", "MX", "NS", "NSEC", "PTR", "RRSIG", "SOA", "TXT", "SRV", "NAPTR",
    "TLSA", "HINFO", "NSEC3", "NSEC3PARAM", "SSHFP", "CAA", "SPF", "CDS", "CDNSKEY", "HTTPS", "SVCB",
]  # fmt: skip


DNS_PORT, TLS_PORT = 53, 853
_MACROS = {"$p": "9" * 10, "$t": "9" * 10, "$r": "f" * 16}
"""What a probe puts in a name for its number, the instant and chance; as long as each can be."""


class Dns(Definition):
    """One question, to a server or to the resolvers of the probe."""

    type: Literal["dns"]
    query_class: Annotated[Literal["IN", "CHAOS"], _UPPER]
    query_type: Annotated[QueryType, _UPPER]
    use_probe_resolver: Yes = False
    protocol: Annotated[Literal["UDP", "TCP"], _UPPER] = "UDP"
    port: Annotated[int, Number, Field(ge=1, le=65535)] | None = None
    set_rd_bit: Yes = False
    set_do_bit: Yes = False
    set_cd_bit: Yes = False
    set_nsid_bit: Yes = False
    udp_payload_size: Annotated[int, Number, Field(ge=512, le=4096)] = 512
    retry: Annotated[int, Number, Field(ge=0, le=10)] = 0
    timeout: Annotated[int, Number, Field(ge=100, le=30000)] = 5000
    tls: Yes = False
    include_abuf: Yes = True
    include_qbuf: Yes = False
    prepend_probe_id: Yes = False
    use_macros: Yes = False
    query_argument: Annotated[Text, Field(min_length=1, max_length=255)]
    """Read after what makes it longer."""
    cookies: Yes | None = None
    default_client_subnet: Yes | None = None

    @field_validator("query_argument")
    @classmethod
    def _fits_into_a_message(cls, name: str, fields: ValidationInfo) -> str:
        longest = name
        if fields.data.get("use_macros"):
            for macro, value in _MACROS.items():
                longest = longest.replace(macro, value)
        if fields.data.get("prepend_probe_id"):
            longest = f"{_MACROS['$p']}.{_MACROS['$t']}.{'' if name == '.' else longest}"
        try:
            dns.name.from_text(longest)
            dns.name.from_text(longest.lower())
        except (dns.exception.DNSException, UnicodeError):
            raise ValueError(f'"{name}" is not a valid domain name.') from None
        return name

    @model_validator(mode="after")
    def _usual_port(self) -> "Dns":
        if self.port is None:
            self.port = TLS_PORT if self.tls else DNS_PORT
        return self

    @model_validator(mode="after")
    def _resolvers_are_no_target(self) -> "Dns":
        if self.use_probe_resolver:
            self.target = None
        return self


MODELS: dict[str, type[Ping | Traceroute | Dns]] = {"ping": Ping, "traceroute": Traceroute, "dns": Dns}
AnyDefinition = Ping | Traceroute | Dns
DEFAULT_INTERVAL_S = {"ping": 240, "traceroute": 900, "dns": 240}
_NOT_SHOWN = {"skip_dns_check", "is_oneoff", "start_time", "stop_time", "extra_wait", "aggregator_client_id"}


def needs_target(definition: AnyDefinition) -> bool:
    """Whether there must be a target: always, but for a question to the probe's own resolvers."""
    return not (isinstance(definition, Dns) and definition.use_probe_resolver)


def shown_fields(definition: AnyDefinition, *, is_oneoff: bool) -> Body:
    """The fields as a measurement object shows them, with defaults that depend on others filled in."""
    fields: dict[str, Any] = definition.model_dump(exclude=_NOT_SHOWN)
    fields["interval"] = None if is_oneoff else definition.interval or DEFAULT_INTERVAL_S[definition.type]
    usual_spread = None if is_oneoff else min(fields["interval"] // 2, MAX_SPREAD_S)
    fields["spread"] = usual_spread if definition.spread is None else definition.spread
    return fields


def cost_per_result(fields: Body, *, is_oneoff: bool) -> int:
    """Credits for one result of a measurement with these fields; a one-off costs twice."""
    once: int
    if fields["type"] == "dns":
        once = 10 if fields.get("protocol") == "UDP" and not fields.get("tls") else 20
    else:
        packets, size = fields.get("packets") or 3, fields.get("size") or 0
        once = packets * (size // 1500 + 1) * (10 if fields["type"] == "traceroute" else 1)
    return once * (2 if is_oneoff else 1)
