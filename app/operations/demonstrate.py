"""The demonstration: what is agreed on and run where somebody only wants to see how Rasad works.

A card and a campaign of a year from its beginning on, nightly between one and five in Dushanbe, from the Tajik probes
of a rehearsal. Everything about it is labelled.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.operations.acting import Acting
from app.operations.begin_practice import begin_practice
from app.operations.keep_campaigns import apply_campaign
from app.store.people import list_people
from measurements.agreements.card import Card, read_card
from measurements.agreements.catalogue import CatalogueEntry, Publicness
from measurements.agreements.parties import Party
from measurements.campaigns.campaign import read_campaign
from measurements.results.outcome import Label
from measurements.targets import K_ROOT
from measurements.units import DAY_S, instant

CAMPAIGN = "demonstration"
LASTS = timedelta(days=365)
N_PROBES = 10
PING_EVERY_S, PATH_EVERY_S = 240, 900
FROM_TAJIKISTAN = {"by": "country", "value": "TJ", "requested": N_PROBES}


def demonstrate(acting: Acting, label: Label) -> bool:
    """Have the demonstration agreed on and its campaign applied, once; gives whether that was now.

    Where people are in the database already, others have their own practice in it, and nothing is done.
    """
    if list_people(acting.connection):
        return False
    card = _card(acting.now_at)
    begun = begin_practice(acting, label, [_k_root(acting.now_at)], card)
    speaker = acting._replace(caller=begun.representatives[Party.RIPE_NCC])
    apply_campaign(speaker, label, read_campaign(_campaign(card, begun.agreement_id)))
    return True


def _card(now: int) -> Card:
    starts = instant(now)
    return read_card(
        {
            "title": "Demonstration: K-root from Tajikistan, rehearsed",
            "purpose": "To show how Rasad works. Nothing of it is measured on the Internet",
            "clause": "II.4",
            "national_priority": "Training on a rehearsal of RIPE Atlas",
            "measurements": [
                _measurement("ping", PING_EVERY_S, packets=3),
                _measurement("traceroute", PATH_EVERY_S),
                _measurement("dns", PATH_EVERY_S, query_type="SOA", query_argument="."),
            ],
            "selections": [FROM_TAJIKISTAN],
            "max_probes": N_PROBES,
            "starts_at": starts.isoformat(),
            "ends_at": (starts + LASTS).isoformat(),
            "max_credits": 50_000_000,
            "max_packets_per_s": "5",
            "is_public": True,
            "retention": {"raw_days": 365, "probe_level_days": 365},
            "probe_level_readers": [party.value for party in Party],
            "publication": {"embargo_days": 0},
            "conflicts_of_interest": ["none: nobody is measured"],
            "contacts": ["whoever runs this computer"],
            "may_be_narrowed": True,
        }
    )


def _measurement(kind: str, interval_s: int, **parameters: object) -> dict[str, Any]:
    common = {"target": K_ROOT.name, "type": kind, "address_family": 4, "interval_s": interval_s}
    return common | {"parameters": parameters}


def _campaign(card: Card, agreement_id: int) -> dict[str, Any]:
    return {
        "name": CAMPAIGN,
        "title": card.title,
        "agreement_id": agreement_id,
        "budget_credits": card.max_credits,
        "starts_at": card.starts_at.isoformat(),
        "ends_at": card.ends_at.isoformat(),
        "schedule": {"kind": "nightly", "mode": "periodic", "begins": "01:00", "ends": "05:00"},
        "deadline_s": 1800,
        "selections": [FROM_TAJIKISTAN],
        "matrix": [
            {
                "targets": [one.target], "type": one.type, "families": [one.address_family],
                "parameters": one.parameters, "interval_s": one.interval_s,
            }
            for one in card.measurements
        ],
    }  # fmt: skip


def _k_root(now: int) -> CatalogueEntry:
    return CatalogueEntry(
        name=K_ROOT.name, publicness=Publicness.FOR_ANYONE, owner="RIPE NCC", owner_party=Party.RIPE_NCC,
        contact="nobody: this is a rehearsal", consent=None, allowed_types=frozenset({"ping", "traceroute", "dns"}),
        max_packets_per_s=Decimal(10), is_tajik=False, pinned_addresses=frozenset(), drifted_at=None,
        review_at=now + 365 * DAY_S, opted_out_at=None,
    )  # fmt: skip
