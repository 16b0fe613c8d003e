"""Public results that others had measured: read as the three parties have said."""

import pytest

from measurements.agreements.gate import ReadingPolicy, decide_reading
from measurements.agreements.parties import Party
from measurements.agreements.reasons import Reason
from measurements.agreements.scope import Finding, Ground
from measurements.agreements.term import State
from tests.measurements.agreements.making import (
    NOW,
    make_memorandum,
)

OUT_OF_SCOPE, IN_SCOPE = Finding((), frozenset()), Finding((Ground.SOURCE_COUNTRY,), frozenset())
EVERYBODY = frozenset(Party)
ALLOWED = ReadingPolicy(is_allowed=True, approvals=EVERYBODY, agreed_at=NOW)


@pytest.mark.parametrize(
    ("finding", "policies", "reason"),
    [
        (OUT_OF_SCOPE, (), Reason.OUT_OF_SCOPE),
        (IN_SCOPE, (), Reason.READING_NOT_AGREED),
        (IN_SCOPE, (ALLOWED,), Reason.READING_AGREED),
        (IN_SCOPE, (ALLOWED._replace(approvals=EVERYBODY - {Party.RIPE_NCC}),), Reason.READING_NOT_AGREED),
        (IN_SCOPE, (ALLOWED._replace(agreed_at=NOW + 1),), Reason.READING_NOT_AGREED),
        (IN_SCOPE, (ALLOWED, ALLOWED._replace(is_allowed=False, agreed_at=NOW - 1)), Reason.READING_AGREED),
        (
            IN_SCOPE,
            (ALLOWED._replace(agreed_at=NOW - 1), ALLOWED._replace(is_allowed=False)),
            Reason.READING_NOT_AGREED,
        ),
    ],
)
def test_public_results_from_tajikistan_are_read_where_all_three_said_so_last(
    finding: Finding, policies: tuple[ReadingPolicy, ...], reason: Reason
) -> None:
    decision = decide_reading(finding, policies, make_memorandum(), NOW)

    assert decision.reason is reason
    assert decision.is_permitted == (reason is not Reason.READING_NOT_AGREED)


def test_a_word_on_the_memorandum_counts_while_that_is_in_force() -> None:
    decision = decide_reading(IN_SCOPE, (ALLOWED,), make_memorandum(state=State.NOT_IN_FORCE), NOW)

    assert (decision.is_permitted, decision.reason) == (False, Reason.MEMORANDUM_NOT_IN_FORCE)
