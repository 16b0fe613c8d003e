"""Agreements as facts: versions, consultations, votes, suspensions, withdrawals, narrowings."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import Connection, Table, insert, select

from app.store import tables
from app.store.bulk import next_id
from app.store.designations import list_designations
from measurements.agreements.agreement import (
    Agreement,
    Cause,
    Choice,
    Consultation,
    Designations,
    Narrowing,
    Suspension,
    Version,
    Vote,
    Withdrawal,
)
from measurements.agreements.card import Card, canonical_form, digest, read_card
from measurements.agreements.parties import Party


def find_designations(connection: Connection) -> Designations:
    """Everybody who was ever designated, by the number of the designation."""
    return {one.designation_id: one for one in list_designations(connection)}


def find_agreements(connection: Connection, agreement_ids: Iterable[int] | None = None) -> list[Agreement]:
    """Agreements by their numbers, or all of them, in order."""
    ids = connection.execute(select(tables.agreements.c.id).order_by(tables.agreements.c.id)).scalars().all()
    wanted = set(ids) if agreement_ids is None else set(ids) & set(agreement_ids)
    versions = _versions(connection)
    suspended = _by_agreement(connection, tables.suspensions, tables.suspensions.c.from_at)
    withdrawn = _by_agreement(connection, tables.withdrawals, tables.withdrawals.c.withdrawn_at)
    narrowed = _by_agreement(connection, tables.narrowings, tables.narrowings.c.narrowed_at)
    return [
        Agreement(
            one,
            tuple(versions[one]),
            tuple(Suspension(Cause(row.cause), Party(row.party), row.from_at, row.until_at) for row in suspended[one]),
            tuple(Withdrawal(Party(row.party), row.withdrawn_at) for row in withdrawn[one]),
            tuple(Narrowing(_card(row.card), Party(row.party), row.narrowed_at) for row in narrowed[one]),
        )
        for one in ids
        if one in wanted
    ]


def find_agreement(connection: Connection, agreement_id: int) -> Agreement | None:
    """One agreement; None where there is none with that number."""
    return next(iter(find_agreements(connection, [agreement_id])), None)


def find_withdrawn(connection: Connection) -> list[int]:
    """The numbers of the agreements from which a party has withdrawn, in order."""
    column = tables.withdrawals.c.agreement_id
    return list(connection.execute(select(column).distinct().order_by(column)).scalars())


def open_agreement(connection: Connection, opened_at: int, opened_by: int) -> int:
    """Begin an agreement; gives its number."""
    number = next_id(connection, tables.agreements)
    connection.execute(insert(tables.agreements).values(id=number, opened_at=opened_at, opened_by=opened_by))
    return number


def draft_version(
    connection: Connection, agreement_id: int, number: int, card: Card, drafted_at: int, drafted_by: int
) -> None:
    """Add a version, or put another card in its place while it is not submitted."""
    held = tables.versions.c
    row = {
        "card": canonical_form(card).decode(),
        "digest": digest(card),
        "from_at": card.from_at,
        "until_at": card.until_at,
        "max_probes": card.max_probes,
        "is_public": card.is_public,
        "drafted_at": drafted_at,
        "drafted_by": drafted_by,
    }
    changed = connection.execute(
        tables.versions.update().where(held.agreement_id == agreement_id, held.number == number).values(row)
    )
    if not changed.rowcount:
        connection.execute(insert(tables.versions).values(agreement_id=agreement_id, number=number, **row))


def add_consultation(
    connection: Connection, agreement_id: int, number: int, consultation: Consultation, recorded_at: int
) -> None:
    """Note who was consulted about a version."""
    rows = [
        {
            "agreement_id": agreement_id,
            "number": number,
            "party": party,
            "held_at": consultation.held_at,
            "shown": consultation.shown,
            "comments": consultation.comments,
            "recorded_at": recorded_at,
        }
        for party in sorted(consultation.parties)
    ]
    connection.execute(insert(tables.consultations), rows)


def submit_version(connection: Connection, agreement_id: int, number: int, submitted_at: int) -> None:
    """Put a version before the parties; from then on it never changes."""
    held = tables.versions.c
    connection.execute(
        tables.versions.update()
        .where(held.agreement_id == agreement_id, held.number == number)
        .values(submitted_at=submitted_at)
    )


def add_vote(connection: Connection, agreement_id: int, number: int, vote: Vote) -> None:
    """Note a party's word."""
    connection.execute(insert(tables.votes).values(agreement_id=agreement_id, number=number, **vote._asdict()))


def suspend(connection: Connection, agreement_id: int, cause: Cause, designation_id: int, from_at: int) -> None:
    """Have nothing measured until it is resumed."""
    row = {"agreement_id": agreement_id, "cause": cause, "designation_id": designation_id, "from_at": from_at}
    connection.execute(insert(tables.suspensions).values(row))


def resume(connection: Connection, agreement_id: int, until_at: int) -> int:
    """End every suspension; gives how many there were."""
    held = tables.suspensions.c
    ended = connection.execute(
        tables.suspensions.update()
        .where(held.agreement_id == agreement_id, held.until_at.is_(None))
        .values(until_at=until_at)
    )
    return ended.rowcount


def withdraw(connection: Connection, agreement_id: int, designation_id: int, withdrawn_at: int) -> None:
    """Note that a party takes part no longer."""
    row = {"agreement_id": agreement_id, "designation_id": designation_id, "withdrawn_at": withdrawn_at}
    connection.execute(insert(tables.withdrawals).values(row))


def narrow(connection: Connection, agreement_id: int, card: Card, designation_id: int, narrowed_at: int) -> None:
    """Note that less is to be measured."""
    row = {
        "agreement_id": agreement_id,
        "card": canonical_form(card).decode(),
        "designation_id": designation_id,
        "narrowed_at": narrowed_at,
    }
    connection.execute(insert(tables.narrowings).values(row))


def _versions(connection: Connection) -> dict[int, list[Version]]:
    talks, votes = _consultations(connection), _votes(connection)
    column = tables.versions.c
    found: dict[int, list[Version]] = defaultdict(list)
    for row in connection.execute(select(tables.versions).order_by(column.agreement_id, column.number)):
        key = row.agreement_id, row.number
        found[row.agreement_id].append(
            Version(row.number, _card(row.card), tuple(talks[key]), row.submitted_at, tuple(votes[key]))
        )
    return found


def _consultations(connection: Connection) -> dict[tuple[int, int], list[Consultation]]:
    """A consultation is kept as a row for each party that took part."""
    found: dict[tuple[int, int], dict[tuple[int, str, str], set[Party]]] = defaultdict(lambda: defaultdict(set))
    for row in connection.execute(select(tables.consultations).order_by(tables.consultations.c.held_at)):
        found[row.agreement_id, row.number][row.held_at, row.shown, row.comments].add(Party(row.party))
    talks: dict[tuple[int, int], list[Consultation]] = defaultdict(list)
    for key, held in found.items():
        talks[key] = [Consultation(at, frozenset(who), shown, said) for (at, shown, said), who in held.items()]
    return talks


def _votes(connection: Connection) -> dict[tuple[int, int], list[Vote]]:
    found: dict[tuple[int, int], list[Vote]] = defaultdict(list)
    for row in connection.execute(select(tables.votes).order_by(tables.votes.c.cast_at)):
        found[row.agreement_id, row.number].append(
            Vote(
                Party(row.party), row.digest, Choice(row.choice), row.approves_publicity, row.designation_id,
                row.cast_at,
            )
        )  # fmt: skip
    return found


def _by_agreement(connection: Connection, table: Table, order: Any) -> dict[int, list[Any]]:
    """The rows of each agreement, with the party whose representative they are of."""
    designated = tables.designations
    query = select(table, designated.c.party).join(designated, designated.c.id == table.c.designation_id)
    found: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(query.order_by(order)):
        found[row.agreement_id].append(row)
    return found


def _card(form: str) -> Card:
    return read_card(orjson.loads(form)["card"])
