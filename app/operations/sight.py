"""What somebody may see of what is held: the agreements' terms read once, and asked for each thing that is shown."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.store.agreements import find_agreements, find_designations
from app.store.visible import Measured, Visible, find_dispatched, find_held
from measurements.agreements.agreement import effective
from measurements.agreements.card import CardDataClass
from measurements.agreements.release import (
    Detail,
    Ground,
    Held,
    Ruling,
    Terms,
    Viewer,
    decide_release,
    terms_of,
)
from measurements.results.outcome import DataClass

MACHINE = Viewer(None, has_machine=True)
"""Whoever runs commands here without a key."""


class Withheld(NamedTuple):
    """Something that is held, and left out of an answer."""

    agreement_id: int | None
    ground: Ground


@dataclass(frozen=True, slots=True)
class Sight:
    """What one person sees at one instant."""

    viewer: Viewer
    now_at: int
    dispatched: Mapping[Measured, int]
    """The agreement under which a measurement was dispatched."""
    held: frozenset[tuple[str, Held]]
    """What else is held under each label that is not public."""
    terms: Mapping[int, Terms | None]
    data_classes: Mapping[int, CardDataClass]

    def as_held(self, label: str, atlas_id: int | None, data_class: str, agreement_id: int | None) -> Held:
        """As what a row is held: by what it says, or by the agreement that its measurement was dispatched under."""
        said = held_of(data_class, agreement_id)
        sent = None if atlas_id is None else self.dispatched.get((label, atlas_id))
        return self._of_agreement(sent) if said.is_public and sent is not None else said

    def rules(self, held: Held, detail: Detail, until_at: int | None = None) -> Ruling:
        """Whether it is seen."""
        terms = None if held.agreement_id is None else self.terms.get(held.agreement_id)
        return decide_release(held, detail, terms, self.viewer, self.now_at, until_at)

    @property
    def visible(self) -> Visible:
        """What it sees one by one, as the database is asked for it."""
        sees_all = self.rules(Held(None, None), Detail.PROBE).is_given
        given = {number for number in self.terms if self.rules(self._of_agreement(number), Detail.PROBE).is_given}
        return Visible(sees_all, frozenset(given), frozenset(set(self.dispatched.values()) - given))

    def withheld(self, label: str | None = None) -> tuple[Withheld, ...]:
        """What is held under a label, or any, and is not seen one by one.

        It does not depend on what was asked for: whoever asks cleverly would learn from it what a probe reported.
        """
        return in_order(self._withheld(label))

    def _withheld(self, label: str | None) -> Iterator[Withheld]:
        sent = {(place[0], self._of_agreement(number)) for place, number in self.dispatched.items()}
        for of_label, held in sent | self.held:
            ruling = self.rules(held, Detail.PROBE)
            if label in (None, of_label) and not ruling.is_given:
                yield Withheld(held.agreement_id, ruling.ground)

    def _of_agreement(self, agreement_id: int) -> Held:
        return Held(self.data_classes.get(agreement_id, CardDataClass.AGREED_COLLECTION), agreement_id)


def sight_of(connection: Connection, viewer: Viewer, now_at: int) -> Sight:
    """What somebody sees now. Where nothing was ever dispatched and all is public, no agreement is read."""
    dispatched = find_dispatched(connection)
    held = frozenset((label, held_of(data_class, number)) for label, data_class, number in find_held(connection))
    numbers = {*dispatched.values(), *(one.agreement_id for _, one in held if one.agreement_id is not None)}
    if not numbers:
        return Sight(viewer, now_at, dispatched, held, {}, {})
    designations = find_designations(connection)
    agreements = find_agreements(connection, numbers)
    versions = {one.agreement_id: effective(one, designations, now_at) for one in agreements}
    return Sight(
        viewer,
        now_at,
        dispatched,
        held,
        terms={one.agreement_id: terms_of(one, designations, now_at) for one in agreements},
        data_classes={number: version.card.data_class for number, version in versions.items() if version},
    )


def held_of(data_class: str, agreement_id: int | None) -> Held:
    """As what a row is held by its own word."""
    is_forbidden = data_class == DataClass.FORBIDDEN
    return Held(None if is_forbidden else CardDataClass(data_class), agreement_id)


def in_order(withheld: Iterable[Withheld]) -> tuple[Withheld, ...]:
    """Each thing that is left out once, by agreement."""
    return tuple(sorted(set(withheld), key=lambda one: (one.agreement_id or 0, one.ground)))


def provenance_of(held: Held) -> dict[str, Any]:
    """As what it is held, under the names of the wire."""
    return {
        "data_class": DataClass.FORBIDDEN.value if held.data_class is None else held.data_class.value,
        "agreement_id": held.agreement_id,
    }


def withheld_on_the_wire(withheld: tuple[Withheld, ...]) -> list[dict[str, Any]]:
    """What is left out, and why, in plain values."""
    return [
        {"agreement_id": one.agreement_id, "reason": one.ground.value, "explanation": one.ground.explanation}
        for one in withheld
    ]
