"""Identity: what makes two deliveries the same result.

A result is identified by label, measurement, probe, timestamp and a digest of what the probe and the
platform recorded. Keys that a way of delivery adds afterwards are left out of the digest, so that the
same result by stream, poll, dump or somebody's enriched copy is one result. So is one in which a re-serialiser
wrote `35` for `35.0`, the same JSON number.

Not the same here: the text of a DNS answer (`RDATA`) as a string, in older deliveries, and as a list of one string.
Such a pair is held as two results in conflict, of which one feeds the series.
"""

import re
from hashlib import blake2b
from typing import Any

import orjson

from measurements.errors import UnreadableResult
from measurements.results.outcome import Label
from measurements.results.quarantine import QuarantineReason

DELIVERY_KEYS = frozenset(
    {
        "stored_timestamp",  # when the platform stored it; absent from older deliveries of the same result
        "destination_ip_responded",  # worked out from the hops by a reader's parser
        "result-rt",  # copies of fields of `result`, added by the platform's old search index
        "result-rdata",
        "result-rname",
        "result-serial",
        "asn_v4",  # what is known of the probe, joined by a reader
        "asn_v6",
        "country_code",
        "src_lat",
        "src_lon",
        "dst_city",  # where the answering instance stands, joined by a reader
        "dst_lat",
        "dst_lon",
        "dist",  # distances worked out from those places
        "dist_theoretical",
        "dist_theoretical_improvement",
        *(f"dist_{airport}" for airport in ("AMS", "CDG", "EWR", "FRA", "HKG", "LHR", "WAW")),
        "probe",  # the probe's object, joined by the stream when asked to enrich
    }
)
"""Keys at the top of a record that belong to its delivery, not to the result."""

DIGEST_BYTES = 16
_may_hold_whole_float = re.compile(rb"\.0[,\]}]").search
"""Half a microsecond; the few records in which it finds something are then looked at number by number."""
LABORATORY_PROBES = range(9_000_001, 9_000_100)
"""Probe ids of our own laboratory; the platform has issued none near them."""
FIRST_REHEARSED_PROBE = 9_100_000
"""Probe ids from here on are the rehearsal's."""


def record_digest(record: dict[str, Any]) -> bytes:
    """Sixteen bytes that are equal for two deliveries of one result, whatever the order of keys.

    Raises `UnreadableResult` for a record nested deeper than any result is.
    """
    core = record
    if added := DELIVERY_KEYS.intersection(record):
        core = record.copy()
        for key in added:
            del core[key]
    try:
        canonical = orjson.dumps(core, option=orjson.OPT_SORT_KEYS)
        if _may_hold_whole_float(canonical):
            canonical = orjson.dumps(_with_whole_numbers(core), option=orjson.OPT_SORT_KEYS)
    except TypeError as error:  # the encoder stops at a depth that the decoder still reads
        raise UnreadableResult(QuarantineReason.IMPOSSIBLE_VALUE, f"no canonical form: {error}") from error
    return blake2b(canonical, digest_size=DIGEST_BYTES).digest()


def _with_whole_numbers(value: Any) -> Any:
    """A copy in which floats without a fraction are integers."""
    kind = type(value)
    if kind is dict:
        return {key: _with_whole_numbers(member) for key, member in value.items()}
    if kind is list:
        return [_with_whole_numbers(member) for member in value]
    return int(value) if kind is float and value.is_integer() else value


def body_digest(raw: bytes) -> bytes:
    """Sixteen bytes that identify a record by its bytes as delivered, whatever they say."""
    return blake2b(raw, digest_size=DIGEST_BYTES).digest()


def label_for(probe_id: int, asked: Label) -> Label:
    """The label of a result: our laboratory's probes, and the rehearsal's, are labelled so whatever was asked for."""
    if probe_id >= FIRST_REHEARSED_PROBE:
        return Label.REHEARSED
    return Label.LABORATORY if probe_id in LABORATORY_PROBES else asked
