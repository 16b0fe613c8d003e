"""From where something is asked: the words that people use, and the probes that are meant by them."""

import re
from typing import NamedTuple

from measurements.agreements.listings import asn_of
from measurements.agreements.registry import COUNTRY, NEIGHBOURS
from measurements.selections import SelectedBy

TAJIKISTAN = "tajikistan"
AROUND = "neighbours"
_COUNTRY = re.compile(r"[A-Z]{2}").fullmatch


class Place(NamedTuple):
    """Where probes are, as a card names it too."""

    by: SelectedBy
    value: str

    @property
    def words(self) -> str:
        """As people say it."""
        return f"AS{self.value}" if self.by is SelectedBy.ASN else f"{self.by} {self.value}"


def places_of(word: str) -> tuple[Place, ...]:
    """The places that a word stands for. Raises `ValueError` for one that stands for none."""
    said = word.strip()
    if said.lower() == TAJIKISTAN:
        return (Place(SelectedBy.COUNTRY, COUNTRY),)
    if said.lower() == AROUND:
        return tuple(Place(SelectedBy.COUNTRY, country) for country in NEIGHBOURS)
    if _COUNTRY(said.upper()) and said.isascii():
        return (Place(SelectedBy.COUNTRY, said.upper()),)
    try:
        asn = asn_of(said)
    except ValueError:
        asn = 0
    if not asn:
        raise ValueError(
            f"{said!r:.40} is no place: say {TAJIKISTAN}, {AROUND}, or name a country (KG) or a network (AS24722)"
        )
    return (Place(SelectedBy.ASN, str(asn)),)
