"""Narrowing: whether a card has less measured than another, so that a party may set it without another vote.

And what is left of an entry and of selections where several cards hold at once.
"""

from collections.abc import Iterable, Iterator

from measurements.agreements.card import Allowed, Card, Retention, Selected

LIMITS = ("max_probes", "max_credits", "max_packets_per_s")
"""Less of these is narrower."""
UNCHANGED = (
    "title", "purpose", "clause", "national_priority", "activity_id", "is_public", "data_class",
    "conflicts_of_interest", "contacts",
)  # fmt: skip
"""What cannot be more or less, only other: that takes a vote."""


def widenings(card: Card, than: Card) -> tuple[str, ...]:
    """The fields in which a card allows more than another, or something else; none where it does not."""
    return tuple(_widenings(card, than))


def is_narrower(card: Card, than: Card) -> bool:
    """Whether it allows less, and nothing else."""
    return card != than and not widenings(card, than)


def _widenings(card: Card, than: Card) -> Iterator[str]:
    yield from (name for name in UNCHANGED if getattr(card, name) != getattr(than, name))
    yield from (name for name in LIMITS if getattr(card, name) > getattr(than, name))
    if not all(any(covers(wider, one) for wider in than.measurements) for one in card.measurements):
        yield "measurements"
    if not all(any(selects(wider, one) for wider in than.selections) for one in card.selections):
        yield "selections"
    if card.from_at < than.from_at:
        yield "starts_at"
    if card.until_at > than.until_at:
        yield "ends_at"
    if not _keeps_no_longer(card.retention, than.retention):
        yield "retention"
    if not set(card.probe_level_readers) <= set(than.probe_level_readers):
        yield "probe_level_readers"
    if not _publishes_no_sooner(card, than):
        yield "publication"
    if card.may_be_narrowed and not than.may_be_narrowed:
        yield "may_be_narrowed"


def covers(wider: Allowed, one: Allowed) -> bool:
    """Whether an entry allows another: the same measurement, as seldom or less often."""
    if (wider.interval_s is None) != (one.interval_s is None):
        return False
    is_as_seldom = wider.interval_s is None or (one.interval_s or 0) >= wider.interval_s
    return is_as_seldom and one.model_copy(update={"interval_s": wider.interval_s}) == wider


def selects(wider: Selected, one: Selected) -> bool:
    """Whether a selection takes in another: the same probes or some of them, and as many or fewer."""
    return (
        (wider.by, wider.value) == (one.by, one.value)
        and (wider.requested == "all" or (one.requested != "all" and one.requested <= wider.requested))
        and set(wider.include_tags) <= set(one.include_tags)
        and set(wider.exclude_tags) <= set(one.exclude_tags)
    )


def narrowest_entry(entry: Allowed, cards: Iterable[Card]) -> Allowed:
    """The same measurement, as often as every card allows it; one that none of a card covers stays as it is."""
    if entry.interval_s is None:
        return entry
    covered = ([one.interval_s or 0 for one in card.measurements if covers(entry, one)] for card in cards)
    return entry.model_copy(update={"interval_s": max([entry.interval_s, *(min(each, default=0) for each in covered)])})


def narrowest_selections(card: Card, cards: Iterable[Card]) -> tuple[Selected, ...]:
    """A card's selections as far as every other card selects the same; the card's own where nothing is left."""
    kept = list(card.selections)
    for other in cards:
        pairs = ((mine, theirs) for mine in kept for theirs in other.selections)
        kept = list(dict.fromkeys(_both(*pair) for pair in pairs if _are_of_one_kind(*pair)))
    return tuple(kept) or card.selections


def _are_of_one_kind(one: Selected, other: Selected) -> bool:
    return (one.by, one.value) == (other.by, other.value)


def _both(one: Selected, other: Selected) -> Selected:
    """What both take in, by the tags of both, and as many as the one that asks for fewer."""
    requested = [each.requested for each in (one, other) if each.requested != "all"]
    return one.model_copy(
        update={
            "requested": min(requested, default="all"),
            "include_tags": tuple(dict.fromkeys((*one.include_tags, *other.include_tags))),
            "exclude_tags": tuple(dict.fromkeys((*one.exclude_tags, *other.exclude_tags))),
        }
    )


def _keeps_no_longer(retention: Retention, than: Retention) -> bool:
    return retention.raw_days <= than.raw_days and retention.probe_level_days <= than.probe_level_days


def _publishes_no_sooner(card: Card, than: Card) -> bool:
    mine, theirs = card.publication, than.publication
    return (
        mine.embargo_days >= theirs.embargo_days
        and mine.min_probes >= theirs.min_probes
        and mine.min_networks >= theirs.min_networks
    )
