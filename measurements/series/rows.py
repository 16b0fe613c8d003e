"""Rows of a series: one statistic of one bin, with everything its number rests on."""

from enum import StrEnum
from typing import NamedTuple


class Flag(StrEnum):
    """What to know about a row before using its value; the reason where there is none."""

    NO_RESULT = "no_result"
    """Rounds were due, and no probe delivered a result."""
    NOTHING_SENT = "nothing_sent"
    """Probes delivered results, and no packet or query had left them."""
    NO_REPLY = "no_reply"
    """Something was sent, and nothing came back."""
    NOT_TOLD = "not_told"
    """Replies came, and none of them tells this metric, as an answer without the name of its instance."""
    TOO_FEW_PROBES = "too_few_probes"
    TOO_FEW_NETWORKS = "too_few_networks"
    TOO_FEW_SAMPLES = "too_few_samples"
    TOO_FEW_FOR_INTERVAL = "too_few_for_interval"
    """There is a value, and too little to say how sure it is."""
    VANTAGE_UNKNOWN = "vantage_unknown"
    """The platform never told where these probes are; they speak for no network or country."""
    N_EXPECTED_UNKNOWN = "n_expected_unknown"
    """No measurement object says what was due, so that only probes with a result can be counted."""
    PARTICIPANTS_ASSUMED = "participants_assumed"
    """The participants are not listed; probes with a result in the period asked for are taken for them."""
    WEIGHTING_MATTERS = "weighting_matters"
    """Equal weight per probe and per network give values more than 10 % apart."""
    POSSIBLE_INTERCEPTION = "possible_interception"
    """The answering instance has no name that the operator uses: someone else may have answered."""
    PROBE_VALUES_ERASED = "probe_values_erased"
    """The values of single probes of this time, or of a part of it, were erased as agreed: no gap of the measurement.
    Where there is a value it was kept before, or rests on what is left."""


class SeriesRow(NamedTuple):
    """One statistic; the fields are the names on the wire."""

    bin_at: int
    """Start of the bin, seconds since the epoch, UTC."""
    bin_end_at: int
    """End, exclusive."""
    target: str
    atlas_ids: tuple[int, ...]
    """Measurements that contributed, or were expected to."""
    address_family: int | None
    protocol: str | None
    scope: str
    probe_id: int | None
    asn: int | None
    country_code: str | None
    metric: str
    statistic: str
    value: float | None
    """None where there is no answer; `flags` say why. Never interpolated."""
    unit: str
    ci_low: float | None
    ci_high: float | None
    ci_method: str | None
    """A key of `estimate.CI_METHODS`; None without an interval."""
    n_samples: int
    """RTTs, packets, queries, probes or answers that the value rests on."""
    n_probes: int
    """Probes that the value rests on."""
    n_asns: int
    """Their networks, as far as known."""
    n_expected: int | None
    """Results that were due; None where no measurement object says."""
    n_received: int
    """Results that came, whatever they say."""
    completeness: float | None
    """`n_received / n_expected`, at most 1."""
    weight_scheme: str | None
    """`probe`, `asn` or `pooled`; None for a single probe."""
    instance: str | None
    """Of `instance_share` only: the site, or the name as it came where it is unknown."""
    label: str
    data_class: str
    agreement_id: int | None
    baseline_id: str | None
    flags: tuple[str, ...]


def hold_to_minimums(row: SeriesRow, min_probes: int, min_networks: int) -> SeriesRow:
    """The row, without its value where that rests on fewer probes or networks than were agreed on.

    Figures of one network need so many probes; of networks they have one.
    """
    if row.value is None:
        return row
    too_few = []
    if row.n_probes < min_probes:
        too_few.append(Flag.TOO_FEW_PROBES)
    if row.asn is None and row.n_asns < min_networks:
        too_few.append(Flag.TOO_FEW_NETWORKS)
    if not too_few:
        return row
    told = {Flag.WEIGHTING_MATTERS, Flag.TOO_FEW_FOR_INTERVAL}
    flags = (*too_few, *(flag for flag in row.flags if flag not in told))
    return row._replace(value=None, ci_low=None, ci_high=None, ci_method=None, flags=flags)


COLUMNS = SeriesRow._fields
"""Column names in the order of tables and files."""
