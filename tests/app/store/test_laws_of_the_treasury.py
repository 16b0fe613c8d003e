"""Raw SQL cannot spend what is not there, nor change what was entered."""

from functools import partial
from typing import Any

import pytest

from tests.app.store.raw_client import Execute, add, attempt
from tests.measurements.agreements.making import NOW


def enter(execute: Execute, number: int, kind: str, credits_: int, available: int, **changes: Any) -> None:
    row = {
        "id": number, "account_id": 1, "kind": kind, "credits": credits_, "available": available,
        "dispatch_id": None if kind == "allot" else 1, "entered_at": NOW,
    }  # fmt: skip
    add(execute, "credit_entries", **(row | changes))


@pytest.mark.acceptance("orchestration.6")
def test_no_account_is_below_nothing_and_every_entry_adds_up(agreed: Execute) -> None:
    account = {"label": "rehearsed", "agreement_id": 1, "payer": "ripe_ncc", "opened_at": NOW}
    add(agreed, "accounts", id=1, campaign="", **account)
    attempt("what was there before", lambda: enter(agreed, 1, "allot", 100, 200))
    enter(agreed, 1, "allot", 100, 100)
    attempt("available", lambda: enter(agreed, 2, "reserve", 101, -1))
    attempt("what was there before", lambda: enter(agreed, 2, "reserve", 101, 0))
    attempt("ck_credit_entries_credits", lambda: enter(agreed, 2, "reserve", -5, 105))
    attempt("ck_credit_entries_dispatch", lambda: enter(agreed, 2, "allot", 5, 105, dispatch_id=1))
    enter(agreed, 2, "reserve", 60, 40)
    attempt("than was reserved", lambda: enter(agreed, 3, "release", 61, 101))
    attempt("than was reserved", lambda: enter(agreed, 3, "settle", 61, 40))
    enter(agreed, 3, "settle", 50, 40)
    attempt("than was reserved", lambda: enter(agreed, 4, "release", 11, 51))
    attempt("never replaced", lambda: enter(agreed, 2, "release", 10, 50))
    attempt("one after the other", lambda: enter(agreed, 0, "release", 10, 50))
    enter(agreed, 4, "release", 10, 50)
    attempt("than was reserved", lambda: enter(agreed, 5, "settle", 1, 50))

    for table, column in (("accounts", "opened_at"), ("credit_entries", "entered_at")):
        attempt("never change", partial(agreed, f"UPDATE {table} SET {column} = 1"))
        attempt("never removed", partial(agreed, f"DELETE FROM {table}"))
    attempt("never replaced", lambda: add(agreed, "accounts", id=1, campaign="x", **account))
