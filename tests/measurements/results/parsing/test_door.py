"""The way in: whatever comes, either a result or a reason goes out, and the record stays as it was."""

import json
from typing import Any

import pytest

from measurements.errors import UnreadableResult
from measurements.results.parsing import UNSUPPORTED_TYPES, parse
from measurements.results.quarantine import QuarantineReason
from measurements.results.result import Result
from tests.measurements.results.recordings import mutations, specimen, specimens

N_MUTATIONS = 2000


def reason_of(record: Any) -> str | None:
    """Why a record is put aside; None for one that is read."""
    try:
        assert isinstance(parse(record), Result)
    except UnreadableResult as unreadable:
        return unreadable.reason if unreadable.detail else "no detail"
    return None


@pytest.mark.acceptance("spine.6")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_mutated_records_give_a_result_or_a_reason(seed: int) -> None:
    """Values replaced, removed, cut, nested, of other kinds: nothing but `UnreadableResult` is raised."""
    reasons = [reason_of(record) for record in mutations(specimens(), N_MUTATIONS, seed)]

    assert {reason for reason in reasons if reason} <= set(QuarantineReason)
    assert reasons.count(None) > N_MUTATIONS / 5
    assert sum(reason is not None for reason in reasons) > N_MUTATIONS / 5


def test_no_mutation_is_changed_by_reading_it() -> None:
    """The caller keeps the record verbatim."""
    for record in mutations([specimen("dns4-soa-qbuf"), specimen("tr4-icmp-late")], 200, seed=4):
        before = json.dumps(record)
        reason_of(record)
        assert json.dumps(record) == before


def test_specimens_are_all_read() -> None:
    """None of the laboratory's edge cases is put aside."""
    assert [reason_of(record) for record in specimens()] == [None] * len(specimens())


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (..., QuarantineReason.NOT_A_RESULT),
        (None, QuarantineReason.WRONG_TYPE),
        (["ping"], QuarantineReason.WRONG_TYPE),
        ("pong", QuarantineReason.UNKNOWN_TYPE),
        ("", QuarantineReason.UNKNOWN_TYPE),
    ],
)
def test_the_type_must_be_known(kind: Any, reason: QuarantineReason) -> None:
    """It decides how the record is read."""
    assert reason_of(specimen("ping-ok-v4", type=kind)) == reason


def test_the_type_may_be_written_in_capitals() -> None:
    """As Sagan allows."""
    assert parse(specimen("ping-ok-v4", type="Ping")).type == "ping"


def test_types_that_are_not_read_are_named() -> None:
    """They are results all the same: kept, and counted as unsupported."""
    assert {"sslcert", "ntp", "http", "wifi"} == UNSUPPORTED_TYPES


def test_a_failure_of_sagan_is_a_reason() -> None:
    """Whatever its coercions raise: here a question about a text of 5,000 digits."""
    assert reason_of(specimen("ping-ok-v4", ttl="9" * 5000)) in (None, QuarantineReason.PARSER_FAILED)
    assert reason_of(specimen("ping-ok-v4", proto={}, size=2**70)) is None


def test_deep_nesting_is_harmless() -> None:
    """As deep as the JSON reader goes."""
    nested: Any = []
    for _ in range(900):
        nested = [nested]

    assert reason_of(specimen("ping-ok-v4", result=nested)) == QuarantineReason.WRONG_TYPE
    assert reason_of(specimen("ping-ok-v4", surplus=nested)) is None
