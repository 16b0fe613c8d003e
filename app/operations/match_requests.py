"""Match what people ask for with what the parties agreed on, and ask the gate what it would say. Nothing is noted."""

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address
from typing import NamedTuple

from sqlalchemy import Connection

from app.operations.decide_dispatches import case_of
from app.operations.intend_dispatches import unnoted
from app.store.agreements import find_agreements, find_designations
from app.store.catalogue import find_entries
from measurements.agreements.agreement import State, cards_in_force, effective, state_of
from measurements.agreements.gate import Case
from measurements.agreements.transitions import newest
from measurements.campaigns.limits import USUAL, PlatformLimits
from measurements.requests.matching import Covered, Match, match
from measurements.requests.offers import Offer
from measurements.requests.request import Request
from measurements.requests.wishes import Wish, wishes_of, within_reach
from measurements.results.outcome import Label

OVER = frozenset({State.WITHDRAWN, State.DECLINED, State.EXPIRED})
"""What nobody asks about any more."""


class Weighed(NamedTuple):
    """A wish, what covers it, and everything that the gate would decide by."""

    match: Match
    case: Case | None
    """None where nothing covers it."""


def find_offers(connection: Connection, now: int) -> list[Offer]:
    """The agreements that may cover something, those too that the parties have not voted on yet."""
    designations = find_designations(connection)
    offers = []
    for agreement in find_agreements(connection):
        state = state_of(agreement, designations, now)
        version = effective(agreement, designations, now) or newest(agreement)
        if state not in OVER:
            offers.append(Offer(agreement.agreement_id, state, version, cards_in_force(agreement, version, now)))
    return offers


def find_wishes(connection: Connection, request: Request) -> tuple[Wish, ...]:
    """What a request comes to, without families of which the catalogue knows that its targets have no address."""
    entries = find_entries(connection)
    families = {one.name: {ip_address(address).version for address in one.addresses} for one in entries}
    return within_reach(wishes_of(request), request, families)


def weigh(
    connection: Connection,
    label: Label,
    request: Request,
    wishes: Iterable[Wish],
    now: int,
    offers: Sequence[Offer] | None = None,
    limits: PlatformLimits = USUAL,
) -> list[Weighed]:
    """Match wishes, and put together what the gate would decide by: each with those before it under way.

    `offers` are what `find_offers` gives, where that was asked already.
    """
    offers, weighed = find_offers(connection, now) if offers is None else offers, list[Weighed]()
    for wish in wishes:
        found = match(wish, request, offers, now)
        case = None
        if found.covered is not None:
            one = found.covered
            dispatch = unnoted(label, one.agreement_id, one.version, one.intent, now)
            case = _with(case_of(connection, dispatch, now, limits), one, _covered(weighed))
        weighed.append(Weighed(found, case))
    return weighed


def _covered(weighed: Iterable[Weighed]) -> Iterator[Covered]:
    yield from (one.match.covered for one in weighed if one.match.covered is not None)


def _with(case: Case, covered: Covered, others: Iterable[Covered]) -> Case:
    """The case if all others were under way."""
    around = case.surroundings
    for other in others:
        if other.agreement_id == covered.agreement_id:
            around = around._replace(credits_committed=around.credits_committed + other.intent.credits)
        if other.intent.allowed.target == covered.intent.allowed.target:
            rate = around.packets_per_s_committed + other.intent.packets_per_s
            around = around._replace(packets_per_s_committed=rate)
    return case._replace(surroundings=around)
