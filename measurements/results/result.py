"""A result: what one probe reported for one round, understood and corrected.

Named tuples, because millions are made: they are immutable, typed and cheap.
RTTs are milliseconds exactly as the probe reported them, never rounded.
"""

from typing import NamedTuple

from measurements.results.outcome import AnswerOutcome, Outcome

CLOCK_TOLERANCE_S = 300
"""How far off the clock of a result may be that feeds the series: the finest bin is as wide."""
DRIFTS_SO_FAR_IN_S = 3_000_000
"""After five weeks a clock that nobody sets may be off by the tolerance: quartz keeps time to 100 in a million."""
ATLAS_BEGAN_AT = 1_262_304_000
"""2010-01-01: RIPE Atlas had no probes before; a clock that says so was never set, or the probe wrote 0."""


class Ping(NamedTuple):
    """The parts of a ping result. Loss comes from the counters, never from counting entries."""

    n_sent: int
    """Packets counted as sent (Atlas `sent`); where the platform counted send errors too, those included."""
    n_received: int
    """Packets answered, duplicates left out (Atlas `rcvd`)."""
    n_duplicates: int
    n_send_errors: int
    """Of `n_sent`, packets that never left the probe: neither loss nor reply. 0 where `sent` leaves them out."""
    rtts_ms: tuple[float, ...]
    """RTTs of the replies in the order reported, duplicates left out."""


class Reply(NamedTuple):
    """What came, or did not come, for one packet of a hop."""

    address: str | None
    """Who answered; None for a packet without an answer."""
    rtt_ms: float | None
    """None for no answer, for a late one over IPv4, and where the probe lost the time of sending."""
    ttl: int | None
    error: str | None
    """Atlas `err` code (N, H, A, P, p, a number) or the text of a send error."""
    is_late: bool
    is_duplicate: bool


class Hop(NamedTuple):
    """One TTL of a traceroute."""

    ttl: int | None
    """Hop number; None for an entry that reports a failure of the whole measurement."""
    replies: tuple[Reply, ...]
    error: str | None


class Traceroute(NamedTuple):
    """The parts of a traceroute result."""

    is_destination_reached: bool
    """Some reply, not late, came from the destination address."""
    hop_count: int | None
    """TTL of the first such hop; None when none, or when only the last try at hop 255 answered."""
    last_rtt_ms: float | None
    """Median RTT of the last hop that answered; late and duplicate packets left out."""
    hops: tuple[Hop, ...]


class Answer(NamedTuple):
    """How one resolver or server answered one query."""

    resolver: str | None
    outcome: AnswerOutcome
    response_time_ms: float | None
    rcode: str | None
    """By name (`NOERROR`), or its number as text; of a malformed message what its header tells."""
    is_authoritative: bool | None
    nsid: str | None
    text: str | None
    r"""First TXT answer, its strings joined by a space; a backslash and what is not printable ASCII as `\DDD`."""
    soa_serial: int | None
    size_bytes: int | None
    protocol: str | None
    address_family: int | None
    query_name: str | None
    query_type: str | None
    query_class: str | None
    is_sent: bool
    """Whether a query left the probe: an unsent one counts neither as failure nor as success."""
    error: str | None
    """What failed, as the probe put it (`timeout: 5000`); None for an answer."""


class Dns(NamedTuple):
    """The parts of a DNS result: one answer per resolver, in the record's order, errors included."""

    answers: tuple[Answer, ...]
    is_by_probe_resolver: bool
    """True for a `resultset`: the probe asked its own resolvers."""


class Result(NamedTuple):
    """One result. `measured_at` and `stored_at` are seconds since the epoch, UTC."""

    type: str
    atlas_id: int
    probe_id: int
    measured_at: int
    """The probe's clock (Atlas `timestamp`)."""
    stored_at: int | None
    """The platform's clock (Atlas `stored_timestamp`)."""
    address_family: int | None
    protocol: str | None
    target: str | None
    """As asked for: the destination's name, else its address."""
    destination: str | None
    """The address actually reached, where one is known."""
    outcome: Outcome
    error: str | None
    is_clock_trusted: bool
    """False when `lts` is −1 or above the limit, or measured after stored."""
    clock_age_s: int | None
    """Seconds since the probe's clock was set (Atlas `lts`); negative where the probe does not know, None where
    the record does not say."""
    firmware: int
    detail: Ping | Traceroute | Dns

    @property
    def feeds_series(self) -> bool:
        """Whether the instant it gives is good enough to put it in a bin; everything else is kept either way.

        Not where the clock was never set, or so long ago that it may have drifted past the tolerance, or where the
        result claims to be measured later than it was stored, or before RIPE Atlas was, neither of which can be.
        A result stored long after it was measured is an upload after a gap, and feeds the series. This is not
        `is_clock_trusted`, by which consent is judged: an hour without setting the clock moves nothing to another bin.
        """
        age_s, stored_at = self.clock_age_s, self.stored_at
        is_set = age_s is None or 0 <= age_s <= DRIFTS_SO_FAR_IN_S
        is_possible = stored_at is None or self.measured_at <= stored_at + CLOCK_TOLERANCE_S
        return is_set and is_possible and self.measured_at >= ATLAS_BEGAN_AT
