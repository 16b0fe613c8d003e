"""Note the reviews that the parties held, and how often they mean to meet (Art. IV, fourth bullet)."""

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.operations.acting import Acting, require_role
from app.operations.lines import require_lines
from app.operations.plan_entries import Page
from app.operations.served_activities import UNBOUND
from app.store import reviews as store
from app.store.memorandum import find_memorandum
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.people import Act
from measurements.agreements.reviews import Cadence, Review, next_on
from measurements.errors import InvalidContent
from measurements.units import DUSHANBE

CADENCE = "review_cadence"
"""The policy's name in the audit."""
SHA256 = re.compile(r"[0-9a-f]{64}")


def record_review(acting: Acting, review: Review) -> Review:
    """Note a review that was held. Raises `InvalidContent` for what makes no sense."""
    require_role(acting.caller, Act.KEEP_PLAN)
    problems = _problems(review, _day(acting.now_at))
    if problems:
        raise InvalidContent(problems)
    made = review._replace(review_id=store.add_review(acting.connection, review, acting.now_at))
    acting.note(Done.REVIEW_RECORDED, SubjectKind.REVIEW, made.review_id, details=told_review(made))
    return made


def set_cadence(acting: Acting, cadence: Cadence) -> None:
    """Say how often the parties mean to meet."""
    require_role(acting.caller, Act.KEEP_PLAN)
    if cadence is not store.find_cadence(acting.connection):
        store.add_cadence(acting.connection, cadence, acting.now_at)
        acting.note(Done.POLICY_SET, SubjectKind.POLICY, CADENCE, details={"cadence": cadence})


def review_page(acting: Acting, *, after: int | None = None, limit: int = 100) -> Page:
    """Some reviews, as they were told."""
    require_role(acting.caller, Act.READ_PLAN)
    found = store.list_reviews(acting.connection, after=after, limit=limit + 1)
    shown = found[:limit]
    return Page([told_review(one) for one in shown], shown[-1].review_id if len(found) > limit else None)


def next_review(connection: Connection) -> dict[str, Any]:
    """How often the parties mean to meet, and by which day next, in Dushanbe; null while no memorandum is in force."""
    cadence = store.find_cadence(connection)
    due_on = find_next_review_on(connection)
    return {"cadence": cadence, "next_on": due_on and due_on.isoformat()}


def find_next_review_on(connection: Connection) -> date | None:
    """The day by which the next review is due, in Dushanbe; None before the memorandum is in force."""
    in_force_at = find_memorandum(connection).in_force_at
    began_on = None if in_force_at is None else _day(in_force_at)
    return next_on(store.find_review_days(connection), store.find_cadence(connection), began_on)


def told_review(review: Review) -> dict[str, Any]:
    """A review in plain values under the names of the wire."""
    return {
        "review_id": review.review_id,
        "held_on": review.held_on.isoformat(),
        "parties": sorted(review.parties),
        "people": list(review.people),
        "material": [one._asdict() for one in review.material],
        "decisions": list(review.decisions),
        "follow_ups": [
            {"what": one.what, "party": one.party, "due_on": one.due_on and one.due_on.isoformat()}
            for one in review.follow_ups
        ],
        **UNBOUND,
    }


def _problems(review: Review, today: date) -> list[tuple[str, str]]:
    lines: dict[str, str] = {f"people/{n}": one for n, one in enumerate(review.people)}
    lines |= {f"material/{n}/name": one.name for n, one in enumerate(review.material)}
    lines |= {f"decisions/{n}": one for n, one in enumerate(review.decisions)}
    lines |= {f"follow_ups/{n}/what": one.what for n, one in enumerate(review.follow_ups)}
    require_lines(**lines)
    problems = []
    if review.held_on > today:
        problems.append(("/held_on", "lies ahead; a review is noted when it was held"))
    if not review.parties:
        problems.append(("/parties", "name at least one that took part"))
    for number, one in enumerate(review.material):
        if not SHA256.fullmatch(one.sha256):
            problems.append((f"/material/{number}/sha256", "is 64 hexadecimal digits, in small letters"))
    return problems


def _day(at: int) -> date:
    return datetime.fromtimestamp(at, ZoneInfo(DUSHANBE)).date()
