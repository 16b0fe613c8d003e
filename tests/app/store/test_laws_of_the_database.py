"""Whoever reaches the database with the service's own role cannot have permitted what was not agreed on."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import make_url

from measurements.agreements.card import canonical_form, digest
from measurements.agreements.parties import Party
from measurements.units import DAY_S
from tests.measurements.agreements.making import NOW, SUBMITTED_AT, make_card

Execute = Callable[[str], Any]
Refused = (sqlite3.DatabaseError, psycopg.Error)
CARD = make_card()
FORM, DIGEST = canonical_form(CARD).decode(), digest(CARD)
STOP_AT = NOW + 30 * DAY_S
VOTED_AT = SUBMITTED_AT + DAY_S


@pytest.fixture
def execute(database_url: str) -> Iterator[Execute]:
    """A raw client: the driver alone, with nothing of ours but how to hash."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        connection: Any = sqlite3.connect(url.database or "", isolation_level=None)
        connection.create_function("sha256_hex", 1, lambda card: hashlib.sha256(card.encode()).hexdigest())
    else:
        connection = psycopg.connect(
            url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
        )
    yield connection.execute
    connection.close()


def quoted(value: object) -> str:
    """A value as both databases read it."""
    if value is None:
        return "NULL"
    return str(value).upper() if isinstance(value, int) else f"'{value}'"


def add(execute: Execute, table: str, **row: object) -> None:
    execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(map(quoted, row.values()))})")


def version(execute: Execute, number: int, **changes: object) -> None:
    """Drafted, consulted about, submitted."""
    row = {
        "agreement_id": 1, "number": number, "card": FORM, "digest": DIGEST, "from_at": CARD.from_at,
        "until_at": CARD.until_at, "max_probes": 20, "is_public": True, "drafted_at": 1, "drafted_by": 1,
    }  # fmt: skip
    add(execute, "versions", **(row | changes))
    for party in Party:
        add(
            execute, "consultations", agreement_id=1, number=number, party=party, held_at=SUBMITTED_AT - DAY_S,
            shown="the draft", comments="", recorded_at=1,
        )  # fmt: skip
    execute(f"UPDATE versions SET submitted_at = {SUBMITTED_AT} WHERE agreement_id = 1 AND number = {number}")


def vote(execute: Execute, party: Party, **changes: object) -> None:
    row = {
        "agreement_id": 1, "number": 1, "party": party, "digest": DIGEST, "choice": "approve",
        "approves_publicity": True, "designation_id": list(Party).index(party) + 1, "cast_at": VOTED_AT,
    }  # fmt: skip
    add(execute, "votes", **(row | changes))


def intend(execute: Execute, dispatch_id: int = 1, **changes: object) -> None:
    row = {
        "id": dispatch_id, "agreement_id": 1, "number": 1, "digest": DIGEST, "intent": "{}",
        "intent_digest": f"intent {dispatch_id}", "tag": f"rasad-{dispatch_id}", "n_probes": 20, "credits": 1,
        "start_at": NOW, "stop_at": STOP_AT, "is_public": True, "intended_at": NOW,
    }  # fmt: skip
    add(execute, "dispatches", **(row | changes))


def permit(execute: Execute, **changes: object) -> None:
    row = {
        "id": 1, "dispatch_id": 1, "intent_digest": "intent 1", "digest": DIGEST, "is_permitted": True,
        "reason": "agreed", "decided_at": NOW,
    }  # fmt: skip
    add(execute, "decisions", **(row | changes))


def memorandum(execute: Execute) -> None:
    """Signed by all, and extended to the end of 2027."""
    for number, party in enumerate(Party, 1):
        add(execute, "people", id=number, name=party)
        add(
            execute, "designations", id=number, party=party, person_id=number, duties="[]", act="letter",
            from_at=SUBMITTED_AT - 300 * DAY_S, until_at=None,
        )  # fmt: skip
        add(execute, "signatures", party=party, signed_on="2026-03-02", from_at=1_772_391_600, recorded_at=1)
    add(execute, "confirmations", ends_on="2026-12-31", designation_id=1, confirmed_at=SUBMITTED_AT)
    add(
        execute, "terms", ends_on="2027-12-31", end_at=1_830_279_600, notice_sure_at=1_822_330_800,
        notice_over_at=1_822_341_600, follows_on="2026-12-31",
    )  # fmt: skip


@pytest.fixture
def agreed(execute: Execute) -> Execute:
    """Everything in order: an intent that may be permitted."""
    memorandum(execute)
    add(execute, "agreements", id=1, opened_at=1, opened_by=1)
    version(execute, 1)
    for party in Party:
        vote(execute, party)
    intend(execute)
    return execute


def attempt(law: str, act: Callable[[], object]) -> None:
    """It is aborted, and by this law."""
    with pytest.raises(Refused, match=law):
        act()


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
    attempt("submitted version", lambda: permit(agreed, dispatch_id=2, intent_digest="intent 2", digest="0" * 64))


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
    attempt("ended, and changes", lambda: execute("UPDATE designations SET until_at = NULL WHERE id = 3"))
    attempt("ended, and changes", lambda: execute("UPDATE designations SET person_id = 1 WHERE id = 1"))


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
    attempt("under the card", lambda: version(agreed, 2, max_probes=900))
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
    row = {
        "agreement_id": 1, "number": 1, "card": FORM, "digest": DIGEST, "from_at": CARD.from_at,
        "until_at": CARD.until_at, "max_probes": 20, "is_public": True, "drafted_at": 1, "drafted_by": 1,
    }  # fmt: skip
    attempt("drafted and consulted", lambda: add(execute, "versions", **row, submitted_at=SUBMITTED_AT))
    add(execute, "versions", **row)

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


@pytest.mark.acceptance("agreement.2")
def test_a_row_is_not_replaced_either(agreed: Execute, engine_name: str) -> None:
    if engine_name != "sqlite":
        pytest.skip("PostgreSQL has no INSERT OR REPLACE")
    first = "agreement_id, number, party, digest, choice, approves_publicity, designation_id, cast_at"

    attempt("never replaced",
        lambda: agreed(f"INSERT OR REPLACE INTO votes ({first}) SELECT {first} FROM votes WHERE party = 'ripe_ncc'"),
    )  # fmt: skip
    attempt("never change|never replaced", lambda: agreed("UPDATE OR REPLACE votes SET number = 1"))


@pytest.mark.acceptance("agreement.2")
def test_a_table_is_not_emptied_either(agreed: Execute, engine_name: str) -> None:
    if engine_name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")

    attempt("never removed", lambda: agreed("TRUNCATE votes"))
    attempt("never removed", lambda: agreed("TRUNCATE dispatches CASCADE"))


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
    "designations",
}  # fmt: skip
