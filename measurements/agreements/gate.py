"""The gate: may this happen now? It refuses by default, and every refusal has a name.

Asked before each dispatch, and again while a measurement runs. Everything it needs is handed in; what is not known is
a refusal. The order of questions is from the memorandum to the packet, so that the first reason is the plainest.

All activities are agreed in advance (Art. II, last paragraph): whatever is dispatched needs an agreement, in Tajikistan
or not. What was measured by others anyway, and is public, may be read without one outside of Tajikistan; inside, where
the three parties have said so.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from measurements.agreements import hosts, narrowing, whereabouts
from measurements.agreements.agreement import (
    Agreement,
    Designations,
    State,
    cards_in_force,
    effective,
    is_publicity_approved,
    state_of,
)
from measurements.agreements.card import Card
from measurements.agreements.catalogue import CatalogueEntry
from measurements.agreements.intent import Intent
from measurements.agreements.parties import Party
from measurements.agreements.reasons import Caution, Reason
from measurements.agreements.registry import Registry
from measurements.agreements.scope import Finding
from measurements.agreements.term import Standing
from measurements.agreements.term import State as MemorandumState
from measurements.agreements.whereabouts import Whereabouts
from measurements.probes import Probe

NOBODY: Mapping[int, Probe] = {}


class Consent(NamedTuple):
    """The agreement that an intent cites, and who was designated when."""

    agreement: Agreement
    designations: Designations


class ReadingPolicy(NamedTuple):
    """The parties' word on reading public results of Tajik probes and about Tajik targets (Art. IV, last bullet)."""

    is_allowed: bool
    approvals: frozenset[Party]
    agreed_at: int
    """When the last party approved."""


class Surroundings(NamedTuple):
    """What the intent would touch, and what is under way already under the same agreement."""

    target: CatalogueEntry | None
    """Its entry in the catalogue; None for one that has none."""
    credits_committed: int
    packets_per_s_committed: Decimal
    """Toward the target, by whatever agreement."""
    are_terms_accepted: bool
    """Whether somebody accepted the platform's terms of service; a rehearsal has none that would have to be."""
    networks: tuple[CatalogueEntry, ...] = ()
    """The networks whose operators were asked about probes in them, or said something of their own."""
    is_only_practice: bool = False
    """Whether RIPE Atlas itself would be asked for what demonstration representatives agreed on."""
    beside: tuple[CatalogueEntry, ...] = ()
    """Other targets of the catalogue at the same address: whose owner opted out is not measured by another name."""
    campaign: Reason | None = None
    """What its campaign has against it; None where it has nothing, and for what belongs to none."""
    probes: Mapping[int, Probe] = NOBODY
    """Number -> what the platform last said of each probe that is chosen by its number, and when."""
    registry: Registry | None = None
    """What Tajik networks announce, where probes are chosen by prefix; None where it is not known."""
    is_called_off: bool = False
    """Whether the request that it came of was cancelled."""
    exceeded: Mapping[Reason, str] = {}
    """The budget and the platform's limits that it would exceed, beside all else; with the figures in words."""


class Decision(NamedTuple):
    """The gate's answer."""

    is_permitted: bool
    reason: Reason
    digest: str | None
    """Of the version that it rests on."""
    decided_at: int


class Case(NamedTuple):
    """Everything a question is decided by."""

    intent: Intent
    consent: Consent | None
    memorandum: Standing
    surroundings: Surroundings
    now: int

    @property
    def whereabouts(self) -> Whereabouts:
        """What is known now of where its probes are."""
        return Whereabouts(self.surroundings.probes, self.surroundings.registry, self.now)


def decide(
    intent: Intent, consent: Consent | None, memorandum: Standing, surroundings: Surroundings, now: int
) -> Decision:
    """Whether an intent may be carried out now. The first thing against it is the reason."""
    case = Case(intent, consent, memorandum, surroundings, now)
    reason = next(objections(case), None)
    return Decision(reason is None, reason or Reason.AGREED, _digest_of(case), now)


def decide_reading(finding: Finding, policies: Iterable[ReadingPolicy], memorandum: Standing, now: int) -> Decision:
    """Whether public results that others had measured may be read: the last word that all three gave on it counts.

    It is a word on the memorandum, and counts while that is in force.
    """
    said = [one for one in policies if one.approvals == frozenset(Party) and one.agreed_at <= now]
    is_agreed = bool(said) and max(said, key=lambda policy: policy.agreed_at).is_allowed
    if not finding.is_in_scope:
        return Decision(is_permitted=True, reason=Reason.OUT_OF_SCOPE, digest=None, decided_at=now)
    reason = Reason.READING_AGREED if is_agreed else Reason.READING_NOT_AGREED
    if is_agreed and not memorandum.is_in_force:
        reason = _OF_MEMORANDUM[memorandum.state]
    is_permitted = reason is Reason.READING_AGREED
    return Decision(is_permitted=is_permitted, reason=reason, digest=None, decided_at=now)


def objections(case: Case) -> Iterator[Reason]:
    """Everything that speaks against it, the plainest first."""
    yield from _of_memorandum(case)
    if case.consent is None:
        yield Reason.NO_AGREEMENT
    else:
        yield from _of_agreement(case, case.consent)
    if case.surroundings.is_only_practice:
        yield Reason.ONLY_PRACTICE
    if not case.surroundings.are_terms_accepted:
        yield Reason.TERMS_NOT_ACCEPTED
    yield from _of_target(case)
    if hosts.are_unwanted(case.intent.selections, case.surroundings.networks, case.whereabouts):
        yield Reason.NETWORK_OPTED_OUT
    if case.surroundings.campaign is not None:
        yield case.surroundings.campaign
    if case.surroundings.is_called_off:
        yield Reason.REQUEST_CANCELLED
    yield from case.surroundings.exceeded


def explained(case: Case, reason: Reason) -> str:
    """What a reason means, with the figures of this case where there are some."""
    return " ".join(filter(None, (reason.explanation, case.surroundings.exceeded.get(reason))))


def cautions(case: Case) -> tuple[Caution, ...]:
    """What does not forbid it, and should be known of it."""
    return hosts.cautions(case.intent.selections, case.surroundings.networks, case.whereabouts)


def _of_memorandum(case: Case) -> Iterator[Reason]:
    memorandum = case.memorandum
    if not memorandum.is_in_force:
        yield _OF_MEMORANDUM[memorandum.state]
    elif case.intent.stop_at is None:
        yield Reason.NO_END
    elif case.intent.stop_at > memorandum.stop_at:
        yield Reason.ENDS_AFTER_MEMORANDUM


_OF_MEMORANDUM = {
    MemorandumState.NOT_IN_FORCE: Reason.MEMORANDUM_NOT_IN_FORCE,
    MemorandumState.ENDED: Reason.MEMORANDUM_ENDED,
    MemorandumState.EXTENSION_UNCONFIRMED: Reason.EXTENSION_UNCONFIRMED,
    MemorandumState.NOTICE_AMBIGUOUS: Reason.NOTICE_AMBIGUOUS,
}


def _of_agreement(case: Case, consent: Consent) -> Iterator[Reason]:
    agreement, designations = consent
    state = state_of(agreement, designations, case.now)
    if state is not State.AGREED:
        yield _OF_STATE[state]
    version = effective(agreement, designations, case.now)
    if version is None:
        return
    if case.intent.digest != version.digest:
        is_older = any(case.intent.digest == one.digest for one in agreement.versions)
        yield Reason.SUPERSEDED if is_older else Reason.OTHER_DIGEST
    if case.intent.is_public and not is_publicity_approved(version, designations):
        yield Reason.PUBLICITY_NOT_APPROVED
    yield from chain.from_iterable(_of_card(case, card) for card in cards_in_force(agreement, version, case.now))


_OF_STATE = {
    State.DRAFT: Reason.NOT_SUBMITTED,
    State.CONSULTATION: Reason.NOT_SUBMITTED,
    State.SUBMITTED: Reason.VOTES_MISSING,
    State.CHANGES_REQUESTED: Reason.CHANGES_REQUESTED,
    State.DECLINED: Reason.DECLINED,
    State.SUSPENDED: Reason.SUSPENDED,
    State.WITHDRAWN: Reason.WITHDRAWN,
    State.EXPIRED: Reason.EXPIRED,
}


def _of_card(case: Case, card: Card) -> Iterator[Reason]:
    intent = case.intent
    if case.now < card.from_at or intent.start_at < card.from_at:
        yield Reason.BEGINS_BEFORE_AGREEMENT
    if intent.stop_at is not None and intent.stop_at > card.until_at:
        yield Reason.ENDS_AFTER_AGREEMENT
    yield from _of_measurement(intent, card)
    yield from _of_probes(case, card)
    if case.surroundings.credits_committed + intent.credits > card.max_credits:
        yield Reason.TOO_MANY_CREDITS
    if case.surroundings.packets_per_s_committed + intent.packets_per_s > card.max_packets_per_s:
        yield Reason.TOO_MANY_PACKETS
    if intent.is_public != card.is_public:
        yield Reason.OTHER_PUBLICITY


def _of_measurement(intent: Intent, card: Card) -> Iterator[Reason]:
    """The first of target, family, type, parameters and interval that no entry of the card covers."""
    entries = list(card.measurements)
    for field, reason in _FIELDS:
        entries = [one for one in entries if getattr(one, field) == getattr(intent.allowed, field)]
        if not entries:
            yield reason
            return
    if not any(narrowing.covers(one, intent.allowed) for one in entries):
        yield Reason.TOO_OFTEN


_FIELDS = (
    ("target", Reason.OTHER_TARGET),
    ("type", Reason.OTHER_TYPE),
    ("address_family", Reason.OTHER_ADDRESS_FAMILY),
    ("parameters", Reason.OTHER_PARAMETERS),
)


def _of_probes(case: Case, card: Card) -> Iterator[Reason]:
    intent, known = case.intent, case.whereabouts
    if reason := whereabouts.against(intent.selections, card.selections, known, intent.allowed.address_family):
        yield reason
    if intent.n_probes > card.max_probes:
        yield Reason.TOO_MANY_PROBES


def _of_target(case: Case) -> Iterator[Reason]:
    """What the target's owner allows, whatever the parties agreed on."""
    if case.intent.allowed.target is None:
        return
    target = case.surroundings.target
    if target is None or target.asn is not None:
        yield Reason.TARGET_UNKNOWN
        return
    yield from _of_owner(case, target)
    if case.intent.allowed.type not in target.allowed_types:
        yield Reason.TYPE_NOT_ALLOWED_BY_OWNER
    if target.has_name and not target.pinned_addresses:
        yield Reason.TARGET_NOT_PINNED
    if target.drifted_at is not None and target.drifted_at <= case.now:
        yield Reason.TARGET_DRIFTED
    if target.review_at <= case.now:
        yield Reason.TARGET_NOT_REVIEWED
    most = min(one.max_packets_per_s for one in (target, *case.surroundings.beside))
    if case.surroundings.packets_per_s_committed + case.intent.packets_per_s > most:
        yield Reason.TOO_MANY_PACKETS_FOR_OWNER


def _of_owner(case: Case, target: CatalogueEntry) -> Iterator[Reason]:
    if any(one.has_opted_out(case.now) for one in (target, *case.surroundings.beside)):
        yield Reason.OWNER_OPTED_OUT
    if target.needs_notice and (target.notified_at is None or target.notified_at > case.now):
        yield Reason.OWNER_NOT_NOTIFIED
    if not target.needs_consent:
        return
    stop_at, consent = case.intent.stop_at, target.consent
    if consent is None:
        yield Reason.OWNER_NOT_ASKED
    elif not consent.holds_at(case.now):
        yield Reason.OWNER_CONSENT_OVER
    elif consent.until_at is not None and stop_at is not None and stop_at > consent.until_at:
        yield Reason.ENDS_AFTER_OWNER_CONSENT


def _digest_of(case: Case) -> str | None:
    if case.consent is None:
        return None
    version = effective(case.consent.agreement, case.consent.designations, case.now)
    return version and version.digest
