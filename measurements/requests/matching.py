"""Which agreement covers a wish, by which entry of its card; and where none does, which is nearest and what is missing.

Pure: the agreements are handed in. What it finds is no permission, which the gate alone gives.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from measurements.agreements.agreement import Version
from measurements.agreements.card import Allowed, Selected
from measurements.agreements.intent import Intent
from measurements.requests.offers import Lack, Offer, lacks, most_of, n_alike
from measurements.requests.request import Request
from measurements.requests.wishes import Wish

WORKS = "system-ipv{}-works"
"""The platform's tag of probes to which anything comes back over an address family at all."""
USUAL_PROBES = 10
"""Of each place, where nothing is agreed and nobody says how many."""


class Covered(NamedTuple):
    """What would be dispatched for a wish."""

    agreement_id: int
    version: Version
    entry: int
    """Which measurement of its card; the first is 0."""
    intent: Intent


class Nearest(NamedTuple):
    """The agreement that comes nearest, and what is missing in it."""

    agreement_id: int
    lacks: tuple[Lack, ...]


class Match(NamedTuple):
    """Whether something covers a wish."""

    wish: Wish
    covered: Covered | None
    nearest: Nearest | None
    """None where it is covered, and where there is no agreement at all."""


def match(wish: Wish, request: Request, offers: Iterable[Offer], now: int) -> Match:
    """What covers a wish, or comes nearest to that."""
    wanted = [one for one in offers if request.agreement_id in (None, one.agreement_id)]
    covering, falling_short = list[tuple[bool, Covered]](), list[tuple[int, Nearest]]()
    for offer in wanted:
        for place, entry in enumerate(offer.version.card.measurements):
            missing = tuple(lacks(wish, request, offer, entry, now))
            if missing:
                falling_short.append((n_alike(entry, wish), Nearest(offer.agreement_id, missing)))
            else:
                is_usual = entry.definition() == wish.usual.definition()
                covering.append((is_usual, _covered(request, wish, offer, place, entry)))
    if covering:
        return Match(wish, min(covering, key=lambda one: (not one[0], one[1].agreement_id, one[1].entry))[1], None)
    nearest = min(falling_short, key=_distance, default=None)
    return Match(wish, None, nearest and nearest[1])


def unagreed(wish: Wish, request: Request, digest: str) -> Intent:
    """What would be asked for if somebody agreed to all of a wish; `digest` stands for what nobody voted on."""
    n_probes = request.n_probes or USUAL_PROBES * len(request.all_places)
    asked = [
        Selected(by=place.by, value=place.value, requested=n_probes, include_tags=(WORKS.format(wish.address_family),))
        for place in request.all_places
    ]
    return Intent(digest, wish.usual, shared(asked, n_probes), request.from_at, request.until_at, is_public=True)


def shared(selections: Sequence[Selected], n_probes: int) -> tuple[Selected, ...]:
    """So many probes together at most, of each selection as many as of every other, as far as it has them."""
    given = [0] * len(selections)
    open_ = list(range(len(selections)))
    while open_ and sum(given) < n_probes:
        for place in open_[: n_probes - sum(given)]:
            given[place] += 1
        open_ = [place for place in open_ if given[place] < most_of(selections[place])]
    return tuple(
        one.model_copy(update={"requested": number}) for one, number in zip(selections, given, strict=True) if number
    )


def _distance(one: tuple[int, Nearest]) -> tuple[int, int, int]:
    alike, nearest = one
    return -alike, len(nearest.lacks), nearest.agreement_id


def _covered(request: Request, wish: Wish, offer: Offer, place: int, entry: Allowed) -> Covered:
    agreed_s = offer.interval_s(entry)
    every_s = request.every_s if isinstance(request.every_s, int) else agreed_s
    works = WORKS.format(wish.address_family)
    found = [one for one in map(offer.selected, request.all_places) if one is not None]
    selections = [one.model_copy(update={"include_tags": _with(one.include_tags, works)}) for one in found]
    intent = Intent(
        digest=offer.version.digest,
        allowed=entry.model_copy(update={"interval_s": every_s}),
        selections=shared(selections, request.n_probes or offer.n_probes),
        start_at=request.from_at,
        stop_at=request.until_at,
        is_public=offer.version.card.is_public,
    )
    return Covered(offer.agreement_id, offer.version, place, intent)


def _with(tags: tuple[str, ...], one: str) -> tuple[str, ...]:
    return tags if one in tags else (*tags, one)
