"""Results on the wire: one entry per result."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from app.api.schemas.base import Answer, Cursor, Filters, Limit, Number, Provenance, Source, Text, Withheld
from measurements.results.outcome import AnswerOutcome, Label, Outcome
from measurements.targets import K_ROOT

ResultType = Literal["ping", "traceroute", "dns"]
Family = Literal[4, 6]
ResultFlag = Literal[
    "conflict", "clock_not_trusted", "not_in_series", "possible_interception", "needs_reparse", "raw_erased"
]


class ResultFilters(Filters):
    """Which results, and which page of them."""

    label: Label = Field(default=Label.MEASURED, examples=[Label.LABORATORY.value])
    """Never mixed: results of one label."""
    type: list[ResultType] = Field(default=[], max_length=10, examples=[["ping"]])
    """May be repeated."""
    target: Text | None = Field(default=None, examples=[K_ROOT.name])
    """A known name (`k-root`), a host name, or an address in any spelling."""
    atlas_id: list[Number] = Field(default=[], max_length=100)
    """Measurement; may be repeated."""
    probe: list[Number] = Field(default=[], max_length=1000)
    """Probe; may be repeated."""
    probe_id: list[Number] = Field(default=[], max_length=1000, examples=[[9000001]])
    """The same as `probe`, under the name it has in answers."""
    address_family: int | None = Field(default=None, json_schema_extra={"enum": [4, 6]}, examples=[4])
    outcome: list[Outcome] = Field(default=[], max_length=10, examples=[[Outcome.REPLY.value]])
    """How the result ended; may be repeated."""
    from_: str | None = Field(default=None, alias="from", examples=["2026-11-23"])
    """Measured at or after this instant: ISO 8601 with its offset, or a day (its midnight, UTC)."""
    to: str | None = Field(default=None, examples=["2026-11-24T00:00:00Z"])
    """Measured before this instant."""
    limit: Limit = Field(default=100, examples=[2])
    """At most so many entries."""
    cursor: Cursor | None = None
    """`next_cursor` of the page before, with the same filters."""


class Entry(Provenance):
    """What all results have."""

    id: int
    """Our number of it."""
    atlas_id: int
    """The measurement."""
    probe_id: int
    measured_at: datetime
    """The probe's clock."""
    target: str
    """As asked for: a known name, a host name or an address; `probe-resolvers` for a probe's own resolvers."""
    destination: str | None
    """The address actually reached."""
    address_family: Family | None
    protocol: str | None
    outcome: Outcome
    error: str | None
    """What failed, as the probe put it."""
    flags: list[ResultFlag]
    """`conflict`: another record with the same key says something else. `clock_not_trusted`: the probe's clock may be
    off. `not_in_series`: left out of series, for the one reason or the other. `possible_interception`: what
    answered at K-root's address does not name itself as its servers do. `needs_reparse`: parts are missing until
    `rasad reparse`. `raw_erased`: parts are gone with the record, as its agreement says."""
    stored_at: datetime | None
    """The platform's clock."""
    retrieved_at: datetime
    """Ours."""
    sources: list[Source]
    """Every delivery of the record."""


class PingEntry(Entry):
    """A ping. Round-trip times are undefined, so null, without a reply."""

    type: Literal["ping"]
    n_sent: int
    """Packets the probe tried to send."""
    n_received: int
    """Packets answered; duplicates left out."""
    n_duplicates: int
    n_send_errors: int
    """Packets that never left the probe: neither loss nor reply."""
    rtt_min_ms: float | None
    rtt_mean_ms: float | None
    rtt_median_ms: float | None
    rtt_max_ms: float | None


class Reply(Answer):
    """What came, or did not come, for one packet of a hop."""

    address: str | None
    """Who answered; null for a packet without an answer."""
    rtt_ms: float | None
    ttl: int | None
    """Of the reply."""
    error: str | None
    """Atlas `err` code (N, H, A, P, p, a number), or the text of a send error."""
    is_late: bool
    is_duplicate: bool


class Hop(Answer):
    """One TTL of a traceroute."""

    ttl: int | None
    """Hop number; null for an entry that reports a failure of the whole measurement."""
    replies: list[Reply]
    error: str | None


class TracerouteEntry(Entry):
    """A traceroute."""

    type: Literal["traceroute"]
    is_destination_reached: bool
    """Some reply, not late, came from the destination address."""
    hop_count: int | None
    """TTL of the first such hop; null when none, or when only the last try at hop 255 answered."""
    last_rtt_ms: float | None
    """Median of the last hop that answered."""
    hops: list[Hop]


class DnsAnswer(Answer):
    """How one resolver or server answered one query."""

    resolver: str | None
    outcome: AnswerOutcome
    response_time_ms: float | None
    rcode: str | None
    is_authoritative: bool | None
    nsid: str | None
    """Name that the server gives its instance (RFC 5001)."""
    text: str | None
    """First TXT answer."""
    soa_serial: int | None
    size_bytes: int | None
    protocol: str | None
    address_family: Family | None
    query_name: str | None
    query_type: str | None
    query_class: str | None
    is_sent: bool
    """Whether a query left the probe."""
    error: str | None


class DnsEntry(Entry):
    """A DNS measurement: one answer per resolver, in the record's order, errors included."""

    type: Literal["dns"]
    is_by_probe_resolver: bool
    """Whether the probe asked its own resolvers."""
    answers: list[DnsAnswer]


class UnreadEntry(Entry):
    """A result whose parts cannot be shown: its raw record was erased, or this version reads it no longer."""

    type: ResultType
    flags: list[ResultFlag]


AnyEntry = PingEntry | TracerouteEntry | DnsEntry | UnreadEntry


class ResultPage(Answer):
    """Results, newest first."""

    results: list[AnyEntry]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""
    notes: list[str]
    """Sentences for people."""
    withheld: list[Withheld]
    """What is held under the label and left out, and why; it does not depend on the other filters."""


class ResultBesideRaw(Answer):
    """What a result says, beside the record it was read from."""

    result: AnyEntry
    raw: dict[str, object] | None
    """The record as the platform delivered it, verbatim; null where it was erased, as its agreement says."""
