"""The three parties of the memorandum, and the people who speak for them (Art. IV, first bullet)."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Party(StrEnum):
    """A signatory."""

    RIPE_NCC = "ripe_ncc"
    COMMUNICATIONS_SERVICE = "communications_service"
    TOJIKTELECOM = "tojiktelecom"

    @property
    def full_name(self) -> str:
        """Its name in English, as the memorandum writes it."""
        return _TITLES[self]


_TITLES = {
    Party.RIPE_NCC: "RIPE NCC",
    Party.COMMUNICATIONS_SERVICE: "Communications Service under the Government of the Republic of Tajikistan",
    Party.TOJIKTELECOM: "Tojiktelecom JSC",
}


class Duty(StrEnum):
    """What a representative is designated for. Whoever is designated votes, deputies too."""

    COORDINATION = "coordination"
    """The primary liaison of all official communication."""
    IMPLEMENTATION = "implementation"
    """The primary liaison for implementation."""
    DEPUTY = "deputy"
    """Speaks for either while they are away."""


class Designation(NamedTuple):
    """A party's word that a person represents it, for some time."""

    designation_id: int
    party: Party
    person_id: int
    duties: frozenset[Duty]
    act: str
    """The act or letter by which the party designated it."""
    from_at: int
    until_at: int | None
    """Exclusive; None while nobody has ended it."""

    def holds_at(self, at: int) -> bool:
        """Whether the person represents the party at an instant."""
        return self.from_at <= at and (self.until_at is None or at < self.until_at)


def unrepresented(designations: Iterable[Designation], at: int) -> tuple[Party, ...]:
    """The parties that nobody represents at an instant: until someone does, nothing may be changed."""
    held = {one.party for one in designations if one.holds_at(at)}
    return tuple(party for party in Party if party not in held)
