"""What the catalogue said of a target, and when: kept by the database whoever changes it, and never said otherwise."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine

from app.store.catalogue import find_entry, find_history, put_entry
from app.store.engine import reading, writing
from measurements.agreements.catalogue import CatalogueEntry, Consent, Said, as_said
from measurements.units import DAY_S
from tests.app.store.raw_client import Execute, add, attempt, memorandum
from tests.measurements.agreements.making import NOW, SUBMITTED_AT, make_entry

ENTRY = make_entry(seen_addresses=frozenset({"193.0.14.129"}))
TARGET = {
    "name": "x", "publicness": "by_consent", "owner": "y", "contact": "z", "allowed_types": "[]",
    "max_packets_per_s": "1", "is_tajik": False, "pinned_addresses": "[]", "review_at": 1, "changed_at": NOW,
}  # fmt: skip


def say(engine: Engine, at: int, entry: CatalogueEntry) -> None:
    with writing(engine) as connection:
        put_entry(connection, entry, at)


@pytest.mark.acceptance("agreement.4")
def test_every_state_is_kept_with_its_instant(engine: Engine) -> None:
    """But that a name was looked at again says nothing."""
    again = ENTRY._replace(opted_out_at=NOW + 5, opted_in_at=NOW + 9, consent=Consent("letter", NOW + 9, None))
    said = [Said(NOW, ENTRY), Said(NOW + 5, ENTRY._replace(opted_out_at=NOW + 5)), Said(NOW + 9, again)]
    for at, entry in said:
        say(engine, at, entry)
        say(engine, at + 1, entry._replace(looked_at=at + 1))

    with reading(engine) as connection:
        history, held = find_history(connection), find_entry(connection, "k-root")

    assert list(history) == said
    assert held == again._replace(looked_at=NOW + 10)
    assert [as_said(history, NOW + at) for at in (-1, 0, 6)] == [[], [ENTRY], [said[1].entry]]


def test_a_clock_that_was_put_back_reorders_nothing(engine: Engine) -> None:
    say(engine, NOW, ENTRY)
    say(engine, NOW - DAY_S, ENTRY._replace(opted_out_at=NOW - DAY_S))
    say(engine, NOW - DAY_S, make_entry(name="other"))

    with reading(engine) as connection:
        assert [one.from_at for one in find_history(connection)] == [NOW, NOW, NOW - DAY_S]


@pytest.mark.acceptance("agreement.2")
def test_no_raw_client_says_otherwise_of_what_was_said(execute: Execute) -> None:
    add(execute, "catalogue", **TARGET)
    execute(f"UPDATE catalogue SET publicness = 'for_anyone', changed_at = {NOW + 1}")
    rows = execute("SELECT from_at, publicness FROM catalogue_states ORDER BY id").fetchall()
    assert [tuple(row) for row in rows] == [(NOW, "by_consent"), (NOW + 1, "for_anyone")]

    state = {name: value for name, value in TARGET.items() if name != "changed_at"}
    attempt("never change", partial(execute, "UPDATE catalogue_states SET from_at = 0"))
    attempt("never removed", partial(execute, "DELETE FROM catalogue_states"))
    attempt("never replaced", lambda: add(execute, "catalogue_states", id=1, from_at=NOW + 2, **state))
    attempt("not said afterwards", lambda: add(execute, "catalogue_states", id=3, from_at=NOW, **state))
    attempt("never removed", partial(execute, "DELETE FROM catalogue"))


@pytest.mark.acceptance("agreement.2")
def test_what_protects_an_owner_less_is_confirmed_once_and_by_another_party(execute: Execute) -> None:
    memorandum(execute)
    proposed: dict[str, Any] = {
        "target": "x", "said": "{}", "before": "{}", "basis": "d", "proposed_at": NOW, "proposed_by": 1,
        "party": "ripe_ncc",
    }  # fmt: skip
    attempt("before it is confirmed", lambda: add(execute, "loosenings", id=1, **proposed, confirmed_at=NOW))
    add(execute, "loosenings", id=1, **proposed)

    def confirm(designation_id: int, at: int = NOW, more: str = "") -> None:
        execute(f"UPDATE loosenings SET confirmed_at = {at}, designation_id = {designation_id}{more}")

    attempt("another party", partial(confirm, 1))
    attempt("another party", partial(confirm, 2, SUBMITTED_AT - 900 * DAY_S))
    attempt("changes in nothing else", partial(confirm, 2, NOW, ", said = '[]'"))
    confirm(2)
    attempt("changes in nothing else", partial(confirm, 3))
    attempt("never removed", partial(execute, "DELETE FROM loosenings"))
    attempt("never replaced", lambda: add(execute, "loosenings", id=1, **proposed))
