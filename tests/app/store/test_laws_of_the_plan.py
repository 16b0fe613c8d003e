"""What was told about plans, reviews and terms stays, and without accepted terms nothing is sent."""

from functools import partial

import pytest

from measurements.agreements.parties import Party
from tests.app.store.raw_client import Execute, add, attempt, intend, memorandum, permit
from tests.measurements.agreements.making import NOW


def accept(execute: Execute, number: int = 1, **changes: object) -> None:
    row = {
        "id": number, "service": "ripe_atlas", "version": "3.3", "address": "https://example.net/", "person_id": 1,
        "accepted_at": NOW,
    }  # fmt: skip
    add(execute, "acceptances", **(row | changes))


@pytest.mark.acceptance("agreement.2")
def test_nothing_is_permitted_at_ripe_atlas_before_its_terms_were_accepted(agreed: Execute) -> None:
    intend(agreed, 2, label="measured")
    accept(agreed, 1, service="ripestat")
    accept(agreed, 2, accepted_at=NOW + 1)

    attempt("terms of RIPE Atlas", lambda: permit(agreed, dispatch_id=2, intent_digest="intent 2"))
    accept(agreed, 3)
    permit(agreed, dispatch_id=2, intent_digest="intent 2")


@pytest.mark.acceptance("agreement.2")
def test_what_was_told_once_stays(execute: Execute) -> None:
    memorandum(execute)
    accept(execute)
    add(execute, "reviews", id=1, held_on="2027-01-01", content="{}", recorded_at=NOW)
    add(execute, "cadences", id=1, cadence="monthly", set_at=NOW)
    add(execute, "plans", id=1, title="Plan", version=1, digest="d", opened_at=NOW, changed_at=NOW)
    endorsed = {"plan_id": 1, "party": Party.RIPE_NCC, "digest": "d", "version": 1, "endorsed_at": NOW}
    attempt("designated", lambda: add(execute, "endorsements", **endorsed, designation_id=2))
    add(execute, "endorsements", **endorsed, designation_id=1)

    for table, column in (
        ("acceptances", "accepted_at"), ("reviews", "recorded_at"), ("cadences", "set_at"),
        ("endorsements", "endorsed_at"),
    ):  # fmt: skip
        attempt("never change", partial(execute, f"UPDATE {table} SET {column} = 1"))
        attempt("never removed", partial(execute, f"DELETE FROM {table}"))
    attempt("never replaced", lambda: accept(execute))
