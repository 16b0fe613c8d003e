"""The ways around the laws: sending again what may have been made, replacing a row, a card that says nothing."""

import hashlib
import json

import pytest
from sqlalchemy import Engine, inspect

from measurements.agreements.card import canonical_form, digest
from tests.app.store.raw_client import DIGEST, FORM, Execute, attempt, draft, intend, permit
from tests.measurements.agreements.making import NOW, make_card

REFUSED = f"answered_at = {NOW + 1}, trouble = 'busy', retry_at = {NOW + 60}"
GONE = f"lost_at = {NOW + 1_200}, retry_at = {NOW + 1_200}"


@pytest.mark.acceptance("agreement.2")
@pytest.mark.acceptance("orchestration.2")
def test_what_is_not_known_to_have_been_made_is_not_sent_again(agreed: Execute) -> None:
    """Only what RIPE Atlas refused, or did not know when it was asked twice, ten minutes apart."""
    permit(agreed)
    agreed(f"UPDATE dispatches SET sent_at = {NOW}")
    take_back = "UPDATE dispatches SET sent_at = NULL"

    attempt("sent once", lambda: agreed(take_back))
    attempt("sent once", lambda: agreed(f"UPDATE dispatches SET sent_at = {NOW + 1}"))
    attempt("sent once", lambda: agreed(f"{take_back}, answered_at = {NOW - 1}, trouble = 'busy', retry_at = {NOW}"))
    attempt("sent once", lambda: agreed(f"{take_back}, answered_at = {NOW + 1}"))
    attempt("sent once", lambda: agreed(f"{take_back}, missed_at = {NOW}, {GONE}"))
    agreed(f"UPDATE dispatches SET missed_at = {NOW + 601}")
    attempt("sent once", lambda: agreed(f"{take_back}, {GONE}"))
    agreed(f"UPDATE dispatches SET missed_at = {NOW + 600}, found = '[]'")
    attempt("sent once", lambda: agreed(f"{take_back}, {GONE}"))
    agreed("UPDATE dispatches SET found = NULL")
    agreed(f"{take_back}, {GONE}")
    attempt("in which the gate permitted", lambda: agreed(f"UPDATE dispatches SET sent_at = {NOW + 1_300}"))
    permit(agreed, id=2, decided_at=NOW + 1_300)
    agreed(f"UPDATE dispatches SET sent_at = {NOW + 1_300}")
    agreed(f"{take_back}, answered_at = {NOW + 1_301}, trouble = 'busy', retry_at = {NOW + 1_400}")


@pytest.mark.acceptance("agreement.2")
def test_what_has_a_number_is_never_sent_again(agreed: Execute) -> None:
    permit(agreed)
    agreed(f"UPDATE dispatches SET sent_at = {NOW}, atlas_id = 5, missed_at = {NOW}")

    attempt("sent once", lambda: agreed(f"UPDATE dispatches SET sent_at = NULL, {REFUSED}"))
    attempt("sent once", lambda: agreed(f"UPDATE dispatches SET sent_at = NULL, atlas_id = NULL, {GONE}"))


@pytest.mark.acceptance("agreement.2")
@pytest.mark.parametrize("gone", ["starts_at", "ends_at", "max_probes", "is_public", "card", ""])
def test_a_card_that_says_nothing_is_none(agreed: Execute, gone: str) -> None:
    """One without a member, whose member is null, without anything in it, and null itself."""
    said = json.loads(FORM)
    nothing = [{name: value for name, value in said.items() if name != gone}, said | {gone: None}]
    if gone in said["card"]:
        nothing = [
            said | {"card": {name: value for name, value in said["card"].items() if name != gone}},
            said | {"card": said["card"] | {gone: None}},
        ]
    for number, document in enumerate(nothing if gone else [None, {}, [], 5, "card"], 2):
        card = json.dumps(document)
        hashed = hashlib.sha256(card.encode()).hexdigest()
        attempt("under the card", lambda card=card, hashed=hashed: draft(agreed, number, card=card, digest=hashed))  # type: ignore[misc] # noqa: B023 - called now


OTHERWISE = "INSERT OR REPLACE INTO {table} ({columns}) SELECT {told} FROM {table} WHERE {key} = 1"


@pytest.mark.acceptance("agreement.2")
@pytest.mark.parametrize(
    ("table", "key", "changed"),
    [
        ("dispatches", "id", {"id": "9", "sent_at": "NULL", "atlas_id": "NULL"}),
        ("dispatches", "id", {"id": "9", "sent_at": "NULL", "tag": "'other'"}),
        ("versions", "number", {"number": "9", "submitted_at": "NULL"}),
        ("decisions", "id", {}),
    ],
)
def test_no_row_is_replaced_by_what_else_it_is_known_by(
    agreed: Execute, engine: Engine, table: str, key: str, changed: dict[str, str]
) -> None:
    """Its tag, its number on RIPE Atlas, the digest of its card: SQLite asks no law of removal there."""
    permit(agreed)
    agreed(f"UPDATE dispatches SET sent_at = {NOW}, atlas_id = 5")
    names = [column["name"] for column in inspect(engine).get_columns(table)]
    statement = OTHERWISE.format(
        table=table, columns=", ".join(names), told=", ".join(changed.get(name, name) for name in names), key=key
    )
    if engine.dialect.name == "postgresql":
        statement = statement.replace(" OR REPLACE", "")

    attempt("never replaced|not sent yet", lambda: agreed(statement))


@pytest.mark.acceptance("agreement.2")
def test_no_row_is_swept_away_by_a_change_of_another(agreed: Execute, engine: Engine) -> None:
    """Neither a dispatch by the number of another, nor a version that was voted on by a draft with its digest."""
    intend(agreed, 2)
    other = make_card(purpose="other")
    draft(agreed, 2, card=canonical_form(other).decode(), digest=digest(other))
    for dispatch_id in (1, 2):
        permit(agreed, id=dispatch_id, dispatch_id=dispatch_id, intent_digest=f"intent {dispatch_id}")
        agreed(f"UPDATE dispatches SET sent_at = {NOW} WHERE id = {dispatch_id}")
    agreed("UPDATE dispatches SET atlas_id = 5 WHERE id = 1")
    update = "UPDATE OR REPLACE" if engine.dialect.name == "sqlite" else "UPDATE"

    attempt("never replaced", lambda: agreed(f"{update} dispatches SET atlas_id = 5 WHERE id = 2"))
    attempt(
        "never replaced", lambda: agreed(f"{update} versions SET card = '{FORM}', digest = '{DIGEST}' WHERE number = 2")
    )
