"""Offers: agreements that may cover something, and how an entry of a card falls short of a wish, in plain words."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from measurements.agreements.agreement import State, Version
from measurements.agreements.card import Allowed, Card, Selected
from measurements.agreements.narrowing import selects
from measurements.requests.places import Place
from measurements.requests.request import Request
from measurements.requests.wishes import Parameters, Wish, plain_name
from measurements.selections import MOST_PROBES
from measurements.units import iso


class Offer(NamedTuple):
    """An agreement that may cover something."""

    agreement_id: int
    state: State
    version: Version
    cards: tuple[Card, ...]
    """Those that hold: the agreed one, and every narrower one that was set since."""

    @property
    def n_probes(self) -> int:
        """From how many at most."""
        return min(card.max_probes for card in self.cards)

    def interval_s(self, entry: Allowed) -> int | None:
        """Seconds between rounds at least; None for a one-off. Raises `LookupError` where a card leaves it out."""
        alike = [_alike(card, entry) for card in self.cards]
        return max((one.interval_s or 0 for one in alike), default=0) or None

    def selected(self, place: Place) -> Selected | None:
        """The widest selection of probes in a place that all cards allow; None where there is none."""
        named = [one for card in self.cards for one in card.selections if (one.by, one.value) == place]
        allowed = [
            one for one in named if all(any(selects(wider, one) for wider in card.selections) for card in self.cards)
        ]
        return max(allowed, key=most_of, default=None)


class Lack(NamedTuple):
    """Something that an agreement does not allow."""

    pointer: str
    """Where the request could say otherwise; empty where nothing that it says would help."""
    says: str
    """What is agreed, in plain words."""


def most_of(selected: Selected) -> int:
    """How many probes a selection is at most."""
    return MOST_PROBES if selected.requested == "all" else selected.requested


def agrees(entry: Allowed, named: Parameters) -> bool:
    """Whether an entry measures with these parameters, said or by default. A name is the same however it is spelt."""
    definition = entry.definition()
    return all(
        plain_name(getattr(definition, name, None)) == plain_name(value)
        if name == "query_argument"
        else getattr(definition, name, None) == value
        for name, value in named.items()
    )


FIELDS = ("target", "type", "address_family", "parameters")
"""By which an entry is or is not what is wished for, one after the other."""


def n_alike(entry: Allowed, wish: Wish) -> int:
    """How many of these are as wished before the first one that is not."""
    for number, field in enumerate(FIELDS):
        is_alike = agrees(entry, wish.named) if field == "parameters" else getattr(entry, field) == getattr(wish, field)
        if not is_alike:
            return number
    return len(FIELDS)


def lacks(wish: Wish, request: Request, offer: Offer, entry: Allowed, now: int) -> Iterator[Lack]:
    """In what an entry falls short."""
    if offer.state is not State.AGREED:
        yield Lack("", f"it is not in force: it is {offer.state.replace('_', ' ')}")
    alike = n_alike(entry, wish)
    if alike < len(FIELDS):
        yield _of_field(FIELDS[alike], wish, offer.version.card)
    else:
        yield from _of_interval(request, offer, entry)
    yield from _of_probes(request, offer)
    yield from _of_time(request, offer, now)


def _of_field(field: str, wish: Wish, card: Card) -> Lack:
    entries = card.measurements
    for name in FIELDS[: FIELDS.index(field)]:
        entries = tuple(one for one in entries if getattr(one, name) == getattr(wish, name))
    whom = wish.target or "the probes' resolvers"
    if field == "target":
        named = (one.target or "the probes' resolvers" for one in entries)
        return Lack("/targets", f"the card names {_listed(named)}, and not {whom}")
    if field == "type":
        return Lack("/measurements", f"toward {whom} the card names {_listed(one.type for one in entries)}")
    if field == "address_family":
        named = (f"IPv{one.address_family}" for one in entries)
        return Lack("/address_families", f"for {wish.type} to {whom} the card names {_listed(named)} alone")
    told = (_listed(f"{name} {value}" for name, value in one.parameters.items()) or "the usual" for one in entries)
    return Lack("/measurements", f"for {wish.type} to {whom} the card names other parameters: {'; or '.join(told)}")


def _of_interval(request: Request, offer: Offer, entry: Allowed) -> Iterator[Lack]:
    try:
        agreed = offer.interval_s(entry)
    except LookupError:
        yield Lack("/measurements", "a party had the card narrowed, and this is not measured any more")
        return
    if request.every_s is None:
        return
    if agreed is None and not request.is_once:
        yield Lack("/every_s", "the card has it measured once, and not again and again")
    elif agreed is not None and request.is_once:
        yield Lack("/every_s", f"the card has it measured every {agreed} s, and not once")
    elif agreed is not None and isinstance(request.every_s, int) and request.every_s < agreed:
        yield Lack("/every_s", f"the card has it measured every {agreed} s, and not more often")


def _of_probes(request: Request, offer: Offer) -> Iterator[Lack]:
    named = [Place(one.by, one.value).words for one in offer.version.card.selections]
    for place in request.all_places:
        if offer.selected(place) is None:
            yield Lack("/places", f"the card names probes of {_listed(named)}, and not of {place.words}")
    if request.n_probes is not None and request.n_probes > offer.n_probes:
        yield Lack("/n_probes", f"the card has it measured from {offer.n_probes} probes at most")


def _of_time(request: Request, offer: Offer, now: int) -> Iterator[Lack]:
    from_at = max(card.from_at for card in offer.cards)
    until_at = min(card.until_at for card in offer.cards)
    if min(now, request.from_at) < from_at:
        yield Lack("/start_at", f"the agreement begins at {iso(from_at)}")
    if request.until_at > until_at:
        yield Lack("/stop_at", f"the agreement ends at {iso(until_at)}")


def _alike(card: Card, entry: Allowed) -> Allowed:
    for one in card.measurements:
        if one.model_copy(update={"interval_s": entry.interval_s}) == entry:
            return one
    raise LookupError("a narrower card leaves it out")


def _listed(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))
