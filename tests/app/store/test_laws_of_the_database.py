"""Whoever reaches the database with the service's own role cannot have permitted what was not agreed on."""

import json
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text

from measurements.agreements.card import canonical_form, digest
from measurements.agreements.parties import Party
from measurements.units import DAY_S
from tests.app.store.raw_client import (
    CARD,
    FORM,
    STOP_AT,
    VOTED_AT,
    Execute,
    add,
    attempt,
    draft,
    intend,
    memorandum,
    permit,
    version,
    vote,
)
from tests.measurements.agreements.making import NOW, SUBMITTED_AT, make_card


def test_what_was_agreed_on_is_permitted_and_sent(agreed: Execute) -> None:
    permit(agreed)
    agreed(f"UPDATE dispatches SET sent_at = {NOW} WHERE id = 1")
    agreed("UPDATE dispatches SET atlas_id = 9200001, answered_at = 5 WHERE id = 1")
    agreed("UPDATE dispatches SET stop_asked_at = 6, stopped_at = 7 WHERE id = 1")


@pytest.mark.acceptance("agreement.2")
def test_a_refusal_cannot_be_made_a_permission(agreed: Execute) -> None:
    permit(agreed, is_permitted=False, reason="suspended")

    attempt("never change", lambda: agreed("UPDATE decisions SET is_permitted = TRUE, reason = 'agreed'"))
    attempt("in which the gate permitted", lambda: agreed(f"UPDATE dispatches SET sent_at = {NOW}"))
    attempt("ck_decisions_reason", lambda: permit(agreed, id=2, reason="suspended"))


@pytest.mark.acceptance("agreement.2")
def test_a_wrong_digest_permits_nothing(agreed: Execute) -> None:
    attempt("intent that it was made on", lambda: permit(agreed, digest="0" * 64))
    intend(agreed, 2, digest="0" * 64)
    attempt(
        "three parties|goes beyond|may see it|submitted version",
        lambda: permit(agreed, dispatch_id=2, intent_digest="intent 2", digest="0" * 64),
    )


@pytest.mark.acceptance("agreement.2")
def test_a_decision_cannot_be_copied_from_another_intent(agreed: Execute) -> None:
    intend(agreed, 2, n_probes=1)
    permit(agreed)

    attempt("intent that it was made on", lambda: permit(agreed, id=2, dispatch_id=2))
    attempt("never change", lambda: agreed("UPDATE decisions SET dispatch_id = 2"))
    attempt("in which the gate permitted", lambda: agreed(f"UPDATE dispatches SET sent_at = {NOW} WHERE id = 2"))


@pytest.mark.acceptance("agreement.2")
def test_two_votes_are_not_three(execute: Execute) -> None:
    memorandum(execute)
    add(execute, "agreements", id=1, opened_at=1, opened_by=1)
    version(execute, 1)
    first, second, third = Party
    vote(execute, first)
    vote(execute, second)
    intend(execute)

    attempt("all three parties", lambda: permit(execute))
    attempt("replaced|votes", lambda: vote(execute, second))
    attempt("designated at that time", lambda: vote(execute, third, designation_id=2))
    attempt("digest of what was submitted", lambda: vote(execute, third, digest="0" * 64))
    attempt("digest of what was submitted", lambda: vote(execute, third, cast_at=SUBMITTED_AT - 1))
    vote(execute, third, choice="decline")
    attempt("all three parties", lambda: permit(execute))
    attempt("never change", lambda: execute("UPDATE votes SET choice = 'approve'"))


@pytest.mark.acceptance("agreement.2")
def test_nobody_votes_after_a_designation_has_ended(execute: Execute) -> None:
    memorandum(execute)
    add(execute, "agreements", id=1, opened_at=1, opened_by=1)
    version(execute, 1)
    execute(f"UPDATE designations SET until_at = {VOTED_AT} WHERE id = 3")

    attempt("designated at that time", lambda: vote(execute, Party.TOJIKTELECOM))
    attempt("designation", lambda: execute("UPDATE designations SET until_at = NULL WHERE id = 3"))
    attempt("designation", lambda: execute(f"UPDATE designations SET until_at = {NOW} WHERE id = 3"))
    attempt("designation", lambda: execute("UPDATE designations SET person_id = 1 WHERE id = 1"))


@pytest.mark.acceptance("agreement.2")
def test_a_withdrawn_agreement_permits_nothing(agreed: Execute) -> None:
    permit(agreed)
    add(agreed, "withdrawals", agreement_id=1, designation_id=3, withdrawn_at=NOW + 1)

    attempt("withdrawn", lambda: permit(agreed, id=2, decided_at=NOW + 2))
    attempt("never removed", lambda: agreed("DELETE FROM withdrawals"))
    attempt("never change", lambda: agreed("UPDATE withdrawals SET agreement_id = 2"))


@pytest.mark.acceptance("agreement.2")
def test_a_suspended_agreement_permits_nothing(agreed: Execute) -> None:
    add(agreed, "suspensions", agreement_id=1, from_at=NOW - 5, cause="dispute", designation_id=2)

    attempt("suspended", lambda: permit(agreed))
    attempt("never removed", lambda: agreed("DELETE FROM suspensions"))
    attempt(
        "ended, and changes",
        lambda: agreed(f"UPDATE suspensions SET from_at = {NOW + 5}, until_at = {NOW + 9}"),
    )
    agreed(f"UPDATE suspensions SET until_at = {NOW}")
    permit(agreed)


@pytest.mark.acceptance("agreement.2")
@pytest.mark.parametrize(
    "beyond",
    [
        {"n_probes": 21},
        {"stop_at": CARD.until_at + 1},
        {"start_at": CARD.from_at - 1},
        {"start_at": STOP_AT},
        {"is_public": False},
    ],
)
def test_nothing_goes_beyond_the_card(agreed: Execute, beyond: dict[str, Any]) -> None:
    intend(agreed, 2, **beyond)

    attempt("goes beyond", lambda: permit(agreed, dispatch_id=2, intent_digest="intent 2"))


@pytest.mark.acceptance("agreement.2")
def test_an_intent_cannot_be_changed_when_it_was_permitted(agreed: Execute) -> None:
    permit(agreed)

    for change in (
        "n_probes = 500",
        f"stop_at = {STOP_AT + 1}",
        "intent = 'other'",
        "target = 'other'",
        "agreement_id = 2",
    ):
        attempt("intent never changes", lambda change=change: agreed(f"UPDATE dispatches SET {change}"))  # type: ignore[misc] # bound now
    attempt("never removed", lambda: agreed("DELETE FROM dispatches"))
    attempt("not sent yet", lambda: intend(agreed, 2, sent_at=NOW))


@pytest.mark.acceptance("agreement.2")
def test_a_permission_of_yesterday_sends_nothing_today(agreed: Execute) -> None:
    permit(agreed)
    permit(agreed, id=2, is_permitted=False, reason="suspended", decided_at=NOW + DAY_S)

    attempt("in which the gate permitted", lambda: agreed(f"UPDATE dispatches SET sent_at = {NOW}"))
    permit(agreed, id=3, decided_at=NOW + 2 * DAY_S)
    attempt("in which the gate permitted", lambda: agreed(f"UPDATE dispatches SET sent_at = {NOW + 3 * DAY_S}"))


@pytest.mark.acceptance("agreement.2")
def test_nothing_is_sent_twice(agreed: Execute) -> None:
    permit(agreed)
    agreed(f"UPDATE dispatches SET sent_at = {NOW}, atlas_id = 5")

    attempt("sent once", lambda: agreed("UPDATE dispatches SET sent_at = NULL"))
    attempt("sent once", lambda: agreed("UPDATE dispatches SET atlas_id = 6"))


@pytest.mark.acceptance("agreement.2")
def test_an_older_version_permits_nothing_when_a_newer_one_was_agreed_on(agreed: Execute) -> None:
    newer = make_card(purpose="other")
    version(agreed, 2, card=canonical_form(newer).decode(), digest=digest(newer))
    permit(agreed)
    for party in Party:
        vote(agreed, party, number=2, digest=digest(newer))

    attempt("newer version", lambda: permit(agreed, id=2))


@pytest.mark.acceptance("agreement.2")
def test_a_card_is_what_was_hashed(agreed: Execute) -> None:
    wider = json.dumps(json.loads(FORM) | {"max_probes": 900})

    attempt("under the card", lambda: version(agreed, 2, card=wider, digest="1" * 64))
    attempt("under the card|never replaced", lambda: version(agreed, 2, max_probes=900))
    other = make_card(purpose="other")
    mine = {"card": canonical_form(other).decode(), "digest": digest(other)}
    attempt("under the card", lambda: version(agreed, 2, **mine, max_probes=900))
    attempt("under the card", lambda: version(agreed, 2, **mine, until_at=CARD.until_at + DAY_S))
    attempt("under the card|what was submitted", lambda: agreed("UPDATE versions SET max_probes = 900"))
    attempt("what was submitted", lambda: agreed("UPDATE versions SET drafted_at = 900"))
    attempt("never removed", lambda: agreed("DELETE FROM versions"))


@pytest.mark.acceptance("agreement.2")
def test_nothing_is_submitted_that_not_all_were_consulted_about(execute: Execute) -> None:
    memorandum(execute)
    add(execute, "agreements", id=1, opened_at=1, opened_by=1)
    attempt("drafted and consulted", lambda: draft(execute, 1, submitted_at=SUBMITTED_AT))
    draft(execute, 1)

    attempt("every party is consulted", lambda: execute(f"UPDATE versions SET submitted_at = {SUBMITTED_AT}"))


@pytest.mark.acceptance("agreement.2")
def test_publicity_takes_three_approvals_of_its_own(execute: Execute) -> None:
    memorandum(execute)
    add(execute, "agreements", id=1, opened_at=1, opened_by=1)
    version(execute, 1)
    for party in Party:
        vote(execute, party, approves_publicity=party is not Party.TOJIKTELECOM)
    intend(execute)

    attempt("everybody may see it", lambda: permit(execute))


@pytest.mark.acceptance("agreement.2")
def test_nothing_is_permitted_past_the_memorandum(agreed: Execute) -> None:
    add(
        agreed, "notices", id=1, party="tojiktelecom", sent_at=1_790_000_000, recipients="[]", channel="letter",
        recorded_at=NOW,
    )  # fmt: skip

    attempt("memorandum is not in force", lambda: permit(agreed))
    attempt("never removed", lambda: agreed("DELETE FROM notices"))


LATER = {"ends_on": "2099-12-31", "end_at": 4_000_000_000, "follows_on": "2027-12-31"}


@pytest.mark.acceptance("agreement.2")
def test_terms_are_extended_by_nobody_alone(execute: Execute) -> None:
    nobody = {"ends_on": "2027-12-31", "end_at": 1_830_279_600, "notice_sure_at": 1, "notice_over_at": 1}
    attempt("extended by a year", lambda: add(execute, "terms", **nobody, follows_on="2026-12-31"))
    attempt("all three parties approved", lambda: add(execute, "terms", **nobody, amendment_id=1))
    attempt("never change", lambda: execute("UPDATE terms SET end_at = 2000000000"))
    attempt("never removed", lambda: execute("DELETE FROM terms"))
    memorandum(execute)
    attempt("extended by a year",
        lambda: add(execute, "terms", **nobody | LATER),
    )  # fmt: skip


COLUMNS = "agreement_id, number, party, digest, choice, approves_publicity, designation_id, cast_at"
ROUNDABOUT = {
    "sqlite": (
        f"INSERT OR REPLACE INTO votes ({COLUMNS}) SELECT {COLUMNS} FROM votes",
        "UPDATE OR REPLACE votes SET number = 1",
    ),
    "postgresql": ("TRUNCATE votes", "TRUNCATE dispatches CASCADE"),
}
"""What a database has besides to be rid of a row."""


@pytest.mark.acceptance("agreement.2")
def test_a_row_is_not_replaced_or_swept_away_either(agreed: Execute, engine_name: str) -> None:
    for statement in ROUNDABOUT[engine_name]:
        attempt("never replaced|never change|never removed", lambda statement=statement: agreed(statement))  # type: ignore[misc] # bound now


@pytest.fixture
def engine_name(engine: Engine) -> str:
    return engine.dialect.name


def test_every_fact_is_under_the_laws(engine: Engine) -> None:
    """Tables that someone adds later too: they say whether they may change."""
    names = {name for name in inspect(engine).get_table_names() if name in FACTS}
    query = (
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal"
    )
    with engine.connect() as connection:
        found = {tuple(row) for row in connection.execute(text(query))}

    assert names == FACTS
    for table in names:
        assert {(f"{table}_are_never_removed", table), (f"{table}_are_never_replaced", table)} <= found


FACTS = {
    "signatures", "terms", "notices", "rulings", "confirmations", "amendments", "amendment_votes", "agreements",
    "versions", "consultations", "votes", "suspensions", "withdrawals", "narrowings", "dispatches", "decisions",
}  # fmt: skip
