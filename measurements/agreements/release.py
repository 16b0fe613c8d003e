"""Release: who may see what is held, and when. One decision for every way out: answers, the command line, exports.

What is public is everybody's. Everything else is held to the card of its agreement (Art. IV, last bullet; domain sheet,
1.1 to 1.3 and 6), as the parties worded it last and as narrowed since:

- *Values of single probes* (results, their records, series of one probe, figures of probes that are named one by one)
  are for analysts and representatives of the parties among the card's `probe_level_readers`. They are never released.
- *Figures across probes*, of a network or a country, are for analysts and representatives of all three parties at once,
  and for everybody from their release on: `embargo_days` after the end of what they speak of. Where a dispute lasts at
  that instant they are released at its end; where a party has withdrawn by then, never. What was released before stays
  so: nobody can take back what was public. The card's minimums of probes and networks hold for whoever asks.
- What a party provided is for the parties, and is never released by default.
- What is held without an agreement that was agreed on, and what is forbidden, is for nobody but auditors.

Auditors read everything. So does whoever has the machine, who could read the database's file as well. Nothing of it
needs an export to exist: a figure is released by the passing of time, as the parties agreed, and an export asks the
same question of each figure that it would contain. Instants are seconds since the epoch, UTC.
"""

from enum import StrEnum
from typing import NamedTuple

from measurements.agreements.agreement import Agreement, Cause, Designations, cards_in_force, effective
from measurements.agreements.card import CardDataClass
from measurements.agreements.parties import Party
from measurements.agreements.people import Act, Caller, Role, may
from measurements.units import DAY_S


class Detail(StrEnum):
    """How closely something speaks of probes."""

    PROBE = "probe"
    """Of single ones."""
    AGGREGATE = "aggregate"
    """Of all in a network or a country, without saying which."""


class Ground(StrEnum):
    """Why something may be seen or may not: a closed set."""

    PUBLIC = "public"
    RELEASED = "released"
    OF_A_PARTY = "of_a_party"
    NAMED_READER = "named_reader"
    AUDITING = "auditing"
    HAS_THE_MACHINE = "has_the_machine"
    FORBIDDEN = "forbidden"
    WITHOUT_AGREEMENT = "without_agreement"
    KEY_MISSING = "key_missing"
    ROLE_OR_KEY_MAY_NOT = "role_or_key_may_not"
    OF_NO_PARTY = "of_no_party"
    PARTY_NOT_NAMED = "party_not_named"
    NEVER_RELEASED = "never_released"
    WITHDRAWN = "withdrawn"
    IN_DISPUTE = "in_dispute"
    UNDER_EMBARGO = "under_embargo"

    @property
    def explanation(self) -> str:
        """In plain words, and what to do about it."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    Ground.PUBLIC: "It is public.",
    Ground.RELEASED: "It has been released, as the parties agreed.",
    Ground.OF_A_PARTY: "The parties see figures before these are released.",
    Ground.NAMED_READER: "The agreement names the party among those who see values of single probes.",
    Ground.AUDITING: "Auditors read everything.",
    Ground.HAS_THE_MACHINE: "Whoever has the machine could read the database as well.",
    Ground.FORBIDDEN: "Nothing of this kind may be held; auditors alone see that it is.",
    Ground.WITHOUT_AGREEMENT: "It is not public, and no agreement of the three parties says who may see it.",
    Ground.KEY_MISSING: "Values of single probes, held under an agreement, take the key of one who may see them.",
    Ground.ROLE_OR_KEY_MAY_NOT: "Values of single probes are for analysts, representatives and auditors, by a key that "
    "is good for reading.",
    Ground.OF_NO_PARTY: "It is for people of the parties.",
    Ground.PARTY_NOT_NAMED: "The agreement does not name the party among those who see values of single probes.",
    Ground.NEVER_RELEASED: "A party provided it to the others, and to nobody else.",
    Ground.WITHDRAWN: "A party has withdrawn, and what had not been released by then is held back.",
    Ground.IN_DISPUTE: "The parties are in dispute, and until they have settled it nothing more is released.",
    Ground.UNDER_EMBARGO: "It has not been released yet: whoever was measured may comment first.",
}


class Ruling(NamedTuple):
    """Whether something may be seen, and why."""

    is_given: bool
    ground: Ground


class Terms(NamedTuple):
    """What an agreement says about seeing: the strictest of all cards that hold."""

    readers: frozenset[Party]
    """Whose people may see values of single probes."""
    embargo_s: int
    min_probes: int
    min_networks: int
    disputes: tuple[tuple[int, int | None], ...]
    """From when to when, in order; None while one lasts."""
    withdrawn_at: int | None


class Held(NamedTuple):
    """As what something is held."""

    data_class: CardDataClass | None
    """None for what is forbidden, which nobody can agree on."""
    agreement_id: int | None

    @property
    def is_public(self) -> bool:
        """Whether no agreement has a say in it."""
        return self.data_class is CardDataClass.PUBLIC and self.agreement_id is None


class Viewer(NamedTuple):
    """Who wants to see something."""

    caller: Caller | None
    """None for somebody whom we do not know."""
    has_machine: bool = False
    """Whether it came by the command line, without a key."""


def terms_of(agreement: Agreement, designations: Designations, now: int) -> Terms | None:
    """What an agreement says about seeing what was collected under it; None where nothing was agreed on."""
    version = effective(agreement, designations, now)
    if version is None:
        return None
    cards = cards_in_force(agreement, version, now)
    disputes = [
        (one.from_at, one.until_at)
        for one in agreement.suspensions
        if one.cause is Cause.DISPUTE and one.from_at <= now
    ]
    return Terms(
        readers=frozenset.intersection(*(frozenset(card.probe_level_readers) for card in cards)),
        embargo_s=max(card.publication.embargo_days for card in cards) * DAY_S,
        min_probes=max(card.publication.min_probes for card in cards),
        min_networks=max(card.publication.min_networks for card in cards),
        disputes=tuple(sorted(disputes, key=lambda dispute: dispute[0])),
        withdrawn_at=min((one.at for one in agreement.withdrawals if one.at <= now), default=None),
    )


def released_at(terms: Terms, until_at: int) -> int | None:
    """When a figure that speaks of the time before `until_at` is released; None while nobody can say, or never."""
    at = until_at + terms.embargo_s
    for from_at, ended_at in terms.disputes:
        if from_at <= at and (ended_at is None or at < ended_at):
            if ended_at is None:
                return None
            at = ended_at
    return at if terms.withdrawn_at is None or at < terms.withdrawn_at else None


def decide_release(
    held: Held, detail: Detail, terms: Terms | None, viewer: Viewer, now: int, until_at: int | None = None
) -> Ruling:
    """Whether somebody may see something now.

    `terms` are those of its agreement. `until_at` is the end of what a figure speaks of; without it, a figure counts
    as not released yet.
    """
    against = _against(viewer.caller)
    if whatever := _whatever_it_is(held, viewer, against):
        return _given(whatever)
    if held.data_class is None:
        return _withheld(Ground.FORBIDDEN)
    if terms is None or held.agreement_id is None:
        return _withheld(Ground.WITHOUT_AGREEMENT)
    party = viewer.caller and viewer.caller.person.party
    if detail is Detail.PROBE:
        withheld = against or _against_party(terms, party)
        return _withheld(withheld) if withheld else _given(Ground.NAMED_READER)
    if against is None and party is not None:
        return _given(Ground.OF_A_PARTY)
    return _of_figure(held, terms, now, until_at)


def _whatever_it_is(held: Held, viewer: Viewer, against: Ground | None) -> Ground | None:
    """Why somebody sees it whatever an agreement says."""
    if held.is_public:
        return Ground.PUBLIC
    if viewer.has_machine:
        return Ground.HAS_THE_MACHINE
    is_auditor = viewer.caller is not None and viewer.caller.person.role is Role.AUDITOR
    return Ground.AUDITING if is_auditor and against is None else None


def _against(caller: Caller | None) -> Ground | None:
    """What speaks against that somebody sees anything before it is released."""
    if caller is None:
        return Ground.KEY_MISSING
    return None if may(caller, Act.READ_PROBE_LEVEL).is_permitted else Ground.ROLE_OR_KEY_MAY_NOT


def _against_party(terms: Terms, party: Party | None) -> Ground | None:
    if party is None:
        return Ground.OF_NO_PARTY
    return None if party in terms.readers else Ground.PARTY_NOT_NAMED


def _of_figure(held: Held, terms: Terms, now: int, until_at: int | None) -> Ruling:
    """For everybody else: whether it has been released."""
    if held.data_class is CardDataClass.PARTY_PROVIDED:
        return _withheld(Ground.NEVER_RELEASED)
    at = None if until_at is None else released_at(terms, until_at)
    if at is not None and at <= now:
        return _given(Ground.RELEASED)
    if terms.withdrawn_at is not None:
        return _withheld(Ground.WITHDRAWN)
    is_disputed = any(until is None or now < until for _, until in terms.disputes)
    return _withheld(Ground.IN_DISPUTE if is_disputed else Ground.UNDER_EMBARGO)


def _given(ground: Ground) -> Ruling:
    return Ruling(is_given=True, ground=ground)


def _withheld(ground: Ground) -> Ruling:
    return Ruling(is_given=False, ground=ground)
