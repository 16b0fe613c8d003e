"""Probes of the Atlas in memory, as they are known and chosen, and intents that name them."""

from typing import Any

from app.operations.choose_probes import choose_probes
from app.operations.decide_dispatches import decide_on, require_dispatch
from app.operations.intend_dispatches import intent_of
from app.operations.refresh_probes import refresh_probes
from app.store import dispatches
from app.store.agreements import find_agreement
from app.store.decisions import add_decision
from app.store.engine import writing
from measurements.agreements.card import Selected
from measurements.agreements.gate import Decision
from measurements.campaigns.choice import Wanted
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.agreeing import PROBES, Parties

FIRST = PROBES[0]["id"]
NIGHTLY = "k-root-tj"
IN_TJ = Wanted(4, n_probes=4, country_codes=("TJ",))
SEEN = Label.REHEARSED


def refresh(parties: Parties) -> None:
    """Ask the Atlas where the probes are now."""
    work = parties.transaction, parties.atlas, parties.clock
    refresh_probes(*work, label=SEEN, origin="test", country_code="TJ")
    refresh_probes(*work, label=SEEN, origin="test", probe_ids=[one["id"] for one in PROBES])


def move(parties: Parties, probe_id: int, **changes: Any) -> None:
    parties.atlas.know_probes({**next(one for one in PROBES if one["id"] == probe_id), **changes})
    refresh(parties)


def chosen(parties: Parties, wanted: Wanted = IN_TJ, purpose: str = NIGHTLY, **more: Any) -> tuple[int, ...]:
    with writing(parties.engine) as connection:
        return choose_probes(connection, purpose, wanted, parties.now, label=SEEN, **more).probe_ids


def intend_from(parties: Parties, agreement_id: int, *selections: Selected) -> tuple[int, Decision]:
    """An intent of the card's first measurement, from these probes."""
    with writing(parties.engine) as connection:
        agreement = find_agreement(connection, agreement_id)
        assert agreement
        version, now = agreement.versions[0], parties.now
        intent = intent_of(version, (version.card,), 0, now + 60, now + 20 * DAY_S, 20)._replace(selections=selections)
        number = dispatches.next_number(connection)
        dispatches.add_intent(connection, number, SEEN, agreement_id, 1, intent, f"tag-{number}", now)
        made = require_dispatch(connection, number)
        decision = decide_on(connection, made, now)
        add_decision(connection, made, decision)
    return number, decision
