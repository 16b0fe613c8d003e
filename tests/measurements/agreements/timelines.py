"""Events that a dispatch lives through, in any order: what is known at each instant, told anew by replaying them."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from measurements.agreements.agreement import Agreement, Cause, Narrowing, Suspension, Version, Withdrawal
from measurements.agreements.catalogue import CatalogueEntry, Consent, Publicness, Said, beside
from measurements.agreements.consent_periods import Facts
from measurements.agreements.gate import Case, Surroundings
from measurements.agreements.gate import Consent as Agreed
from measurements.agreements.parties import Party
from measurements.agreements.term import Amendment, Memorandum, standing
from measurements.units import DAY_S, iso
from tests.measurements.agreements.making import (
    CARD,
    DESIGNATIONS,
    NOW,
    make_card,
    make_entry,
    make_intent,
    make_surroundings,
    make_told,
    make_version,
    vote,
)

PING, TRACEROUTE = CARD["measurements"]
NETWORK = make_entry(name="as24722", is_tajik=True, owner_party=None, pinned_addresses=frozenset())
MIRROR = make_entry(name="mirror.example", owner_party=None)


class World:
    """What is known by an instant."""

    def __init__(self) -> None:
        self.versions: list[Version] = [make_version()]
        self.suspensions: list[Suspension] = []
        self.withdrawals: list[Withdrawal] = []
        self.narrowings: list[Narrowing] = []
        self.amendments: list[Amendment] = []
        self.said: list[Said] = []
        for entry in (make_entry(owner_party=None), NETWORK):
            self.say(0, entry)

    @property
    def agreement(self) -> Agreement:
        suspensions, withdrawals = tuple(self.suspensions), tuple(self.withdrawals)
        return Agreement(1, tuple(self.versions), suspensions, withdrawals, tuple(self.narrowings))

    @property
    def memorandum(self) -> Memorandum:
        return make_told(amendments=tuple(self.amendments))

    @property
    def entries(self) -> dict[str, CatalogueEntry]:
        return {one.entry.name: one.entry for one in self.said}

    def say(self, at: int, entry: CatalogueEntry) -> None:
        self.said.append(Said(at, entry))

    def change(self, at: int, name: str, **changes: Any) -> None:
        self.say(at, self.entries.get(name, MIRROR)._replace(**changes))


def _narrow(**less: Any) -> Callable[[World, int], None]:
    return lambda world, at: world.narrowings.append(Narrowing(make_card(**less), Party.RIPE_NCC, at))


def _say(name: str, **changes: Any) -> Callable[[World, int], None]:
    """`AT` among the changes is the instant at which it is said."""

    def say(world: World, at: int) -> None:
        world.change(at, name, **{key: at if value == "AT" else value for key, value in changes.items()})

    return say


def _consent(from_s: int, until_s: int | None, **more: Any) -> Callable[[World, int], None]:
    """The owner's consent, from and until so many seconds after it is told of; another letter each time."""

    def say(world: World, at: int) -> None:
        until_at = None if until_s is None else at + until_s
        _say("k-root", consent=Consent(f"letter {len(world.said)}", at + from_s, until_at), **more)(world, at)

    return say


def _supersede(world: World, at: int) -> None:
    card = make_card(title=f"Version {len(world.versions) + 1}")
    votes = tuple(vote(party, card, cast_at=at) for party in Party)
    world.versions.append(make_version(card, number=len(world.versions) + 1)._replace(votes=votes))


def _resume(world: World, at: int) -> None:
    world.suspensions = [one._replace(until_at=at) if one.until_at is None else one for one in world.suspensions]


def _amend(ends_on: date) -> Callable[[World, int], None]:
    return lambda world, at: world.amendments.append(Amendment(ends_on, frozenset(Party), at))


EVENTS: dict[str, Callable[[World, int], None]] = {
    "suspended": lambda world, at: world.suspensions.append(Suspension(Cause.DISPUTE, Party.RIPE_NCC, at, None)),
    "resumed": _resume,
    "withdrawn": lambda world, at: world.withdrawals.append(Withdrawal(Party.RIPE_NCC, at)),
    "superseded": _supersede,
    "narrowed to traceroute": _narrow(measurements=[TRACEROUTE]),
    "narrowed to seldom": _narrow(measurements=[PING | {"interval_s": 480}]),
    "narrowed to ping": _narrow(measurements=[PING]),
    "narrowed to few probes": _narrow(max_probes=10),
    "narrowed to other probes": _narrow(selections=[{"by": "asn", "value": "24722", "requested": 20}]),
    "narrowed to private": _narrow(is_public=False),
    "narrowed to sooner": _narrow(ends_at=iso(NOW + 20)),
    "narrowed to later": _narrow(starts_at=iso(NOW + 30)),
    "memorandum cut short": _amend(date(2027, 1, 31)),
    "memorandum prolonged": _amend(date(2027, 12, 31)),
    "opted out": _say("k-root", opted_out_at="AT", opted_in_at=None),
    "opted in": _consent(0, 40 * DAY_S, opted_in_at="AT"),
    "opted in for a while": _consent(2, 9, opted_in_at="AT"),
    "only by consent": _say("k-root", publicness=Publicness.BY_CONSENT),
    "by consent, for long": _consent(0, None, publicness=Publicness.BY_CONSENT),
    "by consent, for a while": _consent(3, 12, publicness=Publicness.BY_CONSENT),
    "by consent, not to the end": _consent(0, DAY_S, publicness=Publicness.BY_CONSENT),
    "only with notice": _say("k-root", publicness=Publicness.PUBLIC_SERVICE),
    "told": _say("k-root", notified_at="AT"),
    "for anyone": _say("k-root", publicness=Publicness.FOR_ANYONE),
    "drifted": _say("k-root", drifted_at="AT"),
    "confirmed": _say("k-root", drifted_at=None),
    "to be reviewed": _say("k-root", review_at=NOW + 10),
    "reviewed": _say("k-root", review_at=NOW + 99 * DAY_S),
    "no pings": _say("k-root", allowed_types=frozenset({"dns"})),
    "pings": _say("k-root", allowed_types=frozenset({"ping"})),
    "a low ceiling": _say("k-root", max_packets_per_s=Decimal("0.1")),
    "a network opted out": _say("as24722", opted_out_at="AT"),
    "the network is another country's": _say("as24722", is_tajik=False),
    "another name opted out": _say("mirror.example", opted_out_at="AT"),
    "another name moved": _say("mirror.example", pinned_addresses=frozenset({"192.0.2.9"})),
}
"""By their names. What was said before and is not taken back goes on."""


class Timeline:
    """Events in order, each with how many seconds after `NOW` it happens."""

    def __init__(self, events: Sequence[tuple[int, str]]) -> None:
        self._events = events
        self.intent = make_intent()

    def facts(self) -> Facts:
        """All that is known in the end."""
        world = self._world(None)
        return Facts(Agreed(world.agreement, DESIGNATIONS), world.memorandum, tuple(world.said), 0)

    def case(self, now: int) -> Case:
        """What the gate is asked at an instant, as much as is known by then; nothing else runs."""
        world = self._world(now)
        target, entries = world.entries["k-root"], list(world.entries.values())
        networks = tuple(one for one in entries if one.asn is not None)
        surroundings: Surroundings = make_surroundings(target=target, networks=networks, beside=beside(target, entries))
        agreed = Agreed(world.agreement, DESIGNATIONS)
        return Case(self.intent, agreed, standing(world.memorandum, now), surroundings, now)

    def _world(self, now: int | None) -> World:
        world = World()
        for after_s, name in self._events:
            if now is None or NOW + after_s <= now:
                EVENTS[name](world, NOW + after_s)
        return world
