"""Reviews that were held, how often the parties mean to meet, and which terms of the platforms were accepted."""

from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from app.store import tables
from app.store.bulk import next_id
from measurements.agreements.parties import Party
from measurements.agreements.platform_terms import Acceptance, Service
from measurements.agreements.reviews import Cadence, FollowUp, Material, Review


def list_reviews(connection: Connection, *, after: int | None = None, limit: int) -> list[Review]:
    """Some reviews in order of their numbers."""
    column = tables.reviews.c
    query = select(tables.reviews).where(column.id > (after or 0)).order_by(column.id).limit(limit)
    return [_review(row) for row in connection.execute(query)]


def find_review_days(connection: Connection) -> list[date]:
    """The days on which reviews were held."""
    return [date.fromisoformat(on) for on in connection.execute(select(tables.reviews.c.held_on)).scalars()]


def add_review(connection: Connection, review: Review, recorded_at: int) -> int:
    """Note a review; gives its number."""
    number = next_id(connection, tables.reviews)
    content = {
        "parties": sorted(review.parties),
        "people": review.people,
        "material": [one._asdict() for one in review.material],
        "decisions": review.decisions,
        "follow_ups": [one._asdict() for one in review.follow_ups],
    }
    row = {"held_on": review.held_on.isoformat(), "content": orjson.dumps(content).decode()}
    connection.execute(insert(tables.reviews).values(id=number, recorded_at=recorded_at, **row))
    return number


def find_cadence(connection: Connection) -> Cadence:
    """How often the parties mean to meet, as they last said; quarterly where they never did."""
    query = select(tables.cadences.c.cadence).order_by(tables.cadences.c.id.desc()).limit(1)
    return Cadence(connection.execute(query).scalar() or Cadence.QUARTERLY)


def add_cadence(connection: Connection, cadence: Cadence, set_at: int) -> None:
    """Note how often they mean to meet from now on."""
    number = next_id(connection, tables.cadences)
    connection.execute(insert(tables.cadences).values(id=number, cadence=cadence, set_at=set_at))


def find_acceptances(
    connection: Connection, *, service: Service | None = None, after: int | None = None, limit: int | None = None
) -> list[Acceptance]:
    """Which terms were accepted, in order of their numbers; of one service alone, if asked for."""
    column = tables.acceptances.c
    query = select(tables.acceptances).where(column.id > (after or 0)).order_by(column.id)
    if service is not None:
        query = query.where(column.service == service)
    if limit is not None:
        query = query.limit(limit)
    return [_acceptance(row) for row in connection.execute(query)]


def add_acceptance(connection: Connection, acceptance: Acceptance) -> int:
    """Note that terms were accepted; gives the number."""
    number = next_id(connection, tables.acceptances)
    row = acceptance._asdict()
    row.pop("acceptance_id")
    connection.execute(insert(tables.acceptances).values(id=number, **row))
    return number


def _review(row: Any) -> Review:
    content = orjson.loads(row.content)
    return Review(
        review_id=row.id,
        held_on=date.fromisoformat(row.held_on),
        parties=frozenset(map(Party, content["parties"])),
        people=tuple(content["people"]),
        material=tuple(Material(**one) for one in content["material"]),
        decisions=tuple(content["decisions"]),
        follow_ups=tuple(_follow_up(one) for one in content["follow_ups"]),
    )


def _follow_up(told: dict[str, Any]) -> FollowUp:
    party, due_on = told["party"], told["due_on"]
    return FollowUp(told["what"], party and Party(party), due_on and date.fromisoformat(due_on))


def _acceptance(row: Any) -> Acceptance:
    return Acceptance(
        acceptance_id=row.id,
        service=Service(row.service),
        version=row.version,
        address=row.address,
        sha256=row.sha256,
        person_id=row.person_id,
        party=None if row.party is None else Party(row.party),
        accepted_at=row.accepted_at,
    )
