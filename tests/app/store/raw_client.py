"""A raw client of the database, with the service's own role, and an agreement written by it in plain SQL."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
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


def draft(execute: Execute, number: int, **changes: object) -> None:
    row = {
        "agreement_id": 1, "number": number, "card": FORM, "digest": DIGEST, "from_at": CARD.from_at,
        "until_at": CARD.until_at, "max_probes": 20, "is_public": True, "drafted_at": 1, "drafted_by": 1,
    }  # fmt: skip
    add(execute, "versions", **(row | changes))


def version(execute: Execute, number: int, **changes: object) -> None:
    """Drafted, consulted about, submitted."""
    draft(execute, number, **changes)
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
        "id": dispatch_id, "label": "rehearsed", "agreement_id": 1, "number": 1, "digest": DIGEST, "intent": "{}",
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
        person = {"id": number, "name": party, "contact": "-", "party": party, "role": "representative"}
        add(execute, "people", **person, added_at=1)
        add(
            execute, "designations", id=number, party=party, person_id=number, duties="coordination", act="letter",
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
