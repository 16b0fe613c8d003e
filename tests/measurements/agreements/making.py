"""Cards, votes and agreements of tests: one that is permitted, to be changed in one place."""

from datetime import date
from decimal import Decimal
from typing import Any

from measurements.agreements.agreement import Agreement, Choice, Consultation, Version, Vote
from measurements.agreements.card import Allowed, Card, Selected, digest, read_card
from measurements.agreements.catalogue import CatalogueEntry, Publicness
from measurements.agreements.gate import Consent, Surroundings
from measurements.agreements.intent import Intent
from measurements.agreements.parties import Designation, Duty, Party
from measurements.agreements.term import Confirmation, Memorandum, Standing, standing
from measurements.units import DAY_S

NOW = 1_800_000_000
"""2027-01-15 08:00 UTC."""
SUBMITTED_AT = NOW - 20 * DAY_S
DESIGNATIONS = {
    number: Designation(number, party, 100 + number, frozenset(Duty), "letter", NOW - 300 * DAY_S, None)
    for number, party in enumerate(Party, 1)
}
CARD: dict[str, Any] = {
    "title": "K-root from Tajikistan",
    "purpose": "How far K-root is from networks in Tajikistan",
    "clause": "II.9",
    "national_priority": "Resilient access to the root of the DNS",
    "measurements": [
        {"target": "k-root", "type": "ping", "address_family": 4, "parameters": {"packets": 3}, "interval_s": 240},
        {"target": "k-root", "type": "traceroute", "address_family": 4, "interval_s": 1800},
    ],
    "selections": [{"by": "country", "value": "TJ", "requested": 20}],
    "max_probes": 20,
    "starts_at": "2027-01-10T00:00:00+05:00",
    "ends_at": "2027-06-30T00:00:00+05:00",
    "max_credits": 10_000_000,
    "max_packets_per_s": "0.5",
    "is_public": True,
    "retention": {"raw_days": 365, "probe_level_days": 365},
    "probe_level_readers": ["ripe_ncc"],
    "publication": {"embargo_days": 7},
    "conflicts_of_interest": ["Tojiktelecom is also measured"],
    "contacts": ["noc@example.tj"],
    "may_be_narrowed": True,
}


def make_card(**changes: object) -> Card:
    """The card, with some fields changed."""
    return read_card(CARD | changes)


def vote(party: Party, card: Card, choice: Choice = Choice.APPROVE, **changes: Any) -> Vote:
    """A party's vote on a card, a day after submission."""
    number = list(Party).index(party) + 1
    made = Vote(party, digest(card), choice, True, number, SUBMITTED_AT + DAY_S)
    return made._replace(**changes)


def make_version(card: Card | None = None, **changes: Any) -> Version:
    """A version that everybody was consulted about and approved."""
    card = card or make_card()
    talks = Consultation(SUBMITTED_AT - DAY_S, frozenset(Party), "the draft", "none")
    votes = tuple(vote(party, card) for party in Party)
    return Version(1, card, (talks,), SUBMITTED_AT, votes)._replace(**changes)


def make_consent(version: Version | None = None, **changes: Any) -> Consent:
    """An agreement of one version, and who was designated."""
    return Consent(Agreement(1, (version or make_version(),))._replace(**changes), DESIGNATIONS)


def make_told(**changes: Any) -> Memorandum:
    """What is known of it: all signed, and nobody gave notice for 2026."""
    signed = tuple((party, date(2026, 3, 2)) for party in Party)
    confirmed = Confirmation(date(2026, 12, 31), Party.RIPE_NCC, SUBMITTED_AT)
    return Memorandum(signed, confirmations=(confirmed,))._replace(**changes)


def make_memorandum(**changes: Any) -> Standing:
    """In force to the end of 2027."""
    return standing(make_told(), NOW)._replace(**changes)


def make_entry(**changes: Any) -> CatalogueEntry:
    """K-root's entry in the catalogue."""
    entry = CatalogueEntry(
        name="k-root",
        publicness=Publicness.FOR_ANYONE,
        owner="RIPE NCC",
        owner_party=Party.RIPE_NCC,
        contact="ops@example.net",
        consent=None,
        allowed_types=frozenset({"ping", "traceroute", "dns"}),
        max_packets_per_s=Decimal(1),
        is_tajik=False,
        pinned_addresses=frozenset({"193.0.14.129"}),
        drifted_at=None,
        review_at=NOW + 100 * DAY_S,
        opted_out_at=None,
    )
    return entry._replace(**changes)


def make_surroundings(**changes: Any) -> Surroundings:
    """Nothing else is under way."""
    return Surroundings(make_entry(), 0, Decimal(0), are_terms_accepted=True)._replace(**changes)


def make_intent(card: Card | None = None, **changes: Any) -> Intent:
    """A ping of a month that the card covers."""
    card = card or make_card()
    selections: tuple[Selected, ...] = card.selections
    allowed: Allowed = card.measurements[0]
    intent = Intent(digest(card), allowed, selections, NOW + 60, NOW + 30 * DAY_S, card.is_public)
    return intent._replace(**changes)
