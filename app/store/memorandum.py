"""How the memorandum stands, as people told it: signatures, notices and rulings, confirmations, amendments."""

from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from app.store import tables
from app.store.bulk import next_id
from measurements.agreements.gate import ReadingPolicy
from measurements.agreements.parties import Party
from measurements.agreements.term import EARLIEST_ZONE as DUSHANBE
from measurements.agreements.term import LATEST_ZONE as AMSTERDAM
from measurements.agreements.term import Amendment, Confirmation, Memorandum, Notice, Term, Timing, day_end


def find_memorandum(connection: Connection) -> Memorandum:
    """Everything that is known of its standing."""
    signed = connection.execute(select(tables.signatures.c.party, tables.signatures.c.signed_on)).all()
    return Memorandum(
        signed_on=tuple((Party(row.party), date.fromisoformat(row.signed_on)) for row in signed),
        notices=tuple(_notices(connection)),
        confirmations=tuple(_confirmations(connection)),
        amendments=tuple(
            Amendment(date.fromisoformat(row.ends_on), approvals, agreed_at)
            for row, approvals, agreed_at in _amendments(connection)
            if row.ends_on is not None
        ),
    )


def find_reading_policies(connection: Connection) -> tuple[ReadingPolicy, ...]:
    """What the parties said of reading public results from Tajikistan."""
    return tuple(
        ReadingPolicy(row.is_reading_allowed, approvals, agreed_at)
        for row, approvals, agreed_at in _amendments(connection)
        if row.is_reading_allowed is not None
    )


def add_signature(connection: Connection, party: Party, signed_on: date, from_at: int, recorded_at: int) -> None:
    """Note when a party signed."""
    row = {"party": party, "signed_on": signed_on.isoformat(), "from_at": from_at, "recorded_at": recorded_at}
    connection.execute(insert(tables.signatures).values(row))


def add_notice(
    connection: Connection, party: Party, sent_at: int, recipients: frozenset[Party], channel: str, recorded_at: int
) -> int:
    """Note that a party gave notice; gives its number."""
    number = _next_id(connection, "notices")
    connection.execute(
        insert(tables.notices).values(
            id=number,
            party=party,
            sent_at=sent_at,
            recipients=orjson.dumps(sorted(recipients)).decode(),
            channel=channel,
            recorded_at=recorded_at,
        )
    )
    return number


def add_ruling(
    connection: Connection, notice_id: int, *, is_in_time: bool, ruled_at: int, ruled_by: int, reason: str
) -> None:
    """Note what a person ruled about a notice of which two calendars say different days."""
    connection.execute(
        insert(tables.rulings).values(
            notice_id=notice_id, is_in_time=is_in_time, ruled_at=ruled_at, ruled_by=ruled_by, reason=reason
        )
    )


def add_confirmation(connection: Connection, ends_on: date, designation_id: int, confirmed_at: int) -> None:
    """Note a representative's word that nobody gave notice for a term."""
    row = {"ends_on": ends_on.isoformat(), "designation_id": designation_id, "confirmed_at": confirmed_at}
    connection.execute(insert(tables.confirmations).values(row))


def add_amendment(
    connection: Connection, *, ends_on: date | None, is_reading_allowed: bool | None, text: str, proposed_at: int
) -> int:
    """Note an amendment that is proposed; gives its number."""
    number = _next_id(connection, "amendments")
    connection.execute(
        insert(tables.amendments).values(
            id=number,
            ends_on=None if ends_on is None else ends_on.isoformat(),
            is_reading_allowed=is_reading_allowed,
            text=text,
            proposed_at=proposed_at,
        )
    )
    return number


def find_approvals(connection: Connection, amendment_id: int) -> frozenset[Party] | None:
    """Who approved of an amendment; None where there is none with that number."""
    return {row.id: approvals for row, approvals, _ in _amendments(connection)}.get(amendment_id)


def add_amendment_vote(
    connection: Connection, amendment_id: int, party: Party, designation_id: int, cast_at: int
) -> frozenset[Party]:
    """Note that a party approves of an amendment; gives everybody who does by now."""
    connection.execute(
        insert(tables.amendment_votes).values(
            amendment_id=amendment_id, party=party, designation_id=designation_id, cast_at=cast_at
        )
    )
    column = tables.amendment_votes.c
    voted = connection.execute(select(column.party).where(column.amendment_id == amendment_id)).scalars()
    return frozenset(map(Party, voted))


def keep_terms(connection: Connection, found: list[Term]) -> None:
    """Write down the terms that it was extended to: the laws of the database go by them."""
    held = set(connection.execute(select(tables.terms.c.ends_on)).scalars())
    amendments = {row.ends_on: row.id for row, approvals, _ in _amendments(connection) if len(approvals) == len(Party)}
    before: Term | None = None
    for term in found:
        if term.ends_on.isoformat() not in held:
            is_extension = before is not None and before.next == term
            connection.execute(
                insert(tables.terms).values(
                    ends_on=term.ends_on.isoformat(),
                    end_at=term.end_at,
                    notice_sure_at=day_end(term.last_notice_on, DUSHANBE),
                    notice_over_at=day_end(term.last_notice_on, AMSTERDAM),
                    follows_on=None if before is None else before.ends_on.isoformat(),
                    amendment_id=None if is_extension else amendments[term.ends_on.isoformat()],
                    amended_at=term.amended_at,
                )
            )
        before = term


def _notices(connection: Connection) -> list[Notice]:
    notice, ruling = tables.notices, tables.rulings
    query = select(notice, ruling.c.is_in_time).outerjoin(ruling, ruling.c.notice_id == notice.c.id)
    timings = {None: None, True: Timing.IN_TIME, False: Timing.LATE}
    return [
        Notice(
            row.id, Party(row.party), row.sent_at, frozenset(map(Party, orjson.loads(row.recipients))),
            timings[row.is_in_time],
        )
        for row in connection.execute(query.order_by(notice.c.id))
    ]  # fmt: skip


def _confirmations(connection: Connection) -> list[Confirmation]:
    confirmed, designated = tables.confirmations, tables.designations
    query = select(confirmed.c.ends_on, designated.c.party, confirmed.c.confirmed_at).join(
        designated, designated.c.id == confirmed.c.designation_id
    )
    return [
        Confirmation(date.fromisoformat(row.ends_on), Party(row.party), row.confirmed_at)
        for row in connection.execute(query.order_by(confirmed.c.confirmed_at))
    ]


def _amendments(connection: Connection) -> list[tuple[Any, frozenset[Party], int]]:
    """Every amendment, who approved of it, and when the last one did."""
    votes: dict[int, dict[Party, int]] = {}
    for row in connection.execute(select(tables.amendment_votes)):
        votes.setdefault(row.amendment_id, {})[Party(row.party)] = row.cast_at
    rows = connection.execute(select(tables.amendments).order_by(tables.amendments.c.id)).all()
    return [(row, frozenset(votes.get(row.id, ())), max(votes.get(row.id, {0: 0}).values())) for row in rows]


def _next_id(connection: Connection, table: str) -> int:
    return next_id(connection, tables.metadata.tables[table])
