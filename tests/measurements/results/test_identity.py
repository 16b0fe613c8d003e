"""Identity: one result is one, however it was delivered; and our laboratory is always known."""

from typing import Any

import pytest

from app.rehearsal.contract import FIRST_PROBE_ID
from measurements.errors import UnreadableResult
from measurements.results.identity import (
    DIGEST_BYTES,
    FIRST_REHEARSED_PROBE,
    LABORATORY_PROBES,
    body_digest,
    label_for,
    record_digest,
)
from measurements.results.outcome import Label
from measurements.results.quarantine import QuarantineReason
from tests.measurements.results.recordings import specimen


def test_the_order_of_keys_does_not_matter() -> None:
    """Each way of delivery has its own."""
    record = specimen("ping-ok-v4")

    assert record_digest(dict(reversed(record.items()))) == record_digest(record)


@pytest.mark.parametrize(
    "added",
    [
        {"stored_timestamp": 1},
        {"stored_timestamp": ...},
        {"destination_ip_responded": True},
        {"result-rt": 36.2},
        {"asn_v4": 64500, "country_code": "TJ", "dist": 1.5},
        {"probe": {"id": 1}},
    ],
)
def test_what_delivery_adds_does_not_matter(added: dict[str, Any]) -> None:
    """The same result by stream, poll, dump or somebody's enriched copy."""
    assert record_digest(specimen("ping-ok-v4", **added)) == record_digest(specimen("ping-ok-v4"))


@pytest.mark.parametrize("changes", [{"avg": 1.0}, {"from": "192.0.2.1"}, {"result": []}, {"mver": ...}, {"new": 1}])
def test_everything_else_does(changes: dict[str, Any]) -> None:
    """Two different records under one key are two."""
    assert record_digest(specimen("ping-ok-v4", **changes)) != record_digest(specimen("ping-ok-v4"))


def test_a_whole_number_is_one_however_it_is_written() -> None:
    """A re-serialiser writes 35 for 35.0; JSON knows no difference."""
    as_recorded = {"avg": 35.0, "result": [{"rtt": 36.0}, {"x": [{"rtt": -2.0}]}, [7.0]]}
    written_anew = {"avg": 35, "result": [{"rtt": 36}, {"x": [{"rtt": -2}]}, [7]]}

    assert record_digest(specimen("ping-ok-v4", **as_recorded)) == record_digest(specimen("ping-ok-v4", **written_anew))


@pytest.mark.parametrize(
    ("one", "other"), [(35.0, 35.5), (35.0, "35.0"), ("a.0,", "a,"), ([35.0, "a.0,"], [35.0, "a,"]), (1, True)]
)
def test_what_only_looks_like_a_whole_number_is_not_one(one: Any, other: Any) -> None:
    """Fractions, and text that ends like a number, keep what they are."""
    assert record_digest(specimen("ping-ok-v4", surplus=one)) != record_digest(specimen("ping-ok-v4", surplus=other))


def test_a_record_is_not_changed_by_its_digest() -> None:
    """The keys that are left out stay in the record, and its numbers are as they were written."""
    record = specimen("ping-ok-v4", avg=35.0)
    record_digest(record)

    assert record == specimen("ping-ok-v4") | {"avg": 35.0}
    assert type(record["avg"]) is float


def test_a_record_without_a_canonical_form_is_put_aside() -> None:
    """The reader of JSON goes deeper than its writer; no result does."""
    nested: Any = []
    for _ in range(600):
        nested = [nested]

    with pytest.raises(UnreadableResult) as caught:
        record_digest(specimen("ping-ok-v4", surplus=nested))

    assert caught.value.reason == QuarantineReason.IMPOSSIBLE_VALUE


def test_digests_are_short_and_differ() -> None:
    """Sixteen bytes, of a record as of bytes nobody can read."""
    assert {len(record_digest({})), len(body_digest(b""))} == {DIGEST_BYTES}
    assert body_digest(b"{") != body_digest(b"}")


@pytest.mark.parametrize("probe_id", [9_000_001, 9_000_099])
def test_our_laboratory_is_labelled_whatever_was_asked_for(probe_id: int) -> None:
    """Its results must never be taken for measurements."""
    assert probe_id in LABORATORY_PROBES
    assert {label_for(probe_id, asked) for asked in Label} == {Label.LABORATORY}


@pytest.mark.parametrize("probe_id", [9_100_000, 9_100_001, 2**53])
def test_the_rehearsal_is_labelled_whatever_was_asked_for(probe_id: int) -> None:
    """Its results must never be taken for measurements either; its own numbering begins there."""
    assert FIRST_REHEARSED_PROBE == FIRST_PROBE_ID
    assert {label_for(probe_id, asked) for asked in Label} == {Label.REHEARSED}


@pytest.mark.parametrize("probe_id", [0, 9_000_000, 9_000_100, 9_099_999])
def test_any_other_probe_has_the_label_asked_for(probe_id: int) -> None:
    """The source says what it is."""
    assert [label_for(probe_id, asked) for asked in Label] == list(Label)
