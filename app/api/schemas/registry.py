"""Whether something is Tajik, on the wire."""

from datetime import datetime

from pydantic import Field

from app.api.schemas.base import Answer, Filters, Line
from measurements.agreements.listings import FactKind, Lister
from measurements.results.outcome import Label


class RegistryFilters(Filters):
    """What is asked about."""

    resource: Line = Field(examples=["AS24722"])
    """An address, a prefix, a network such as AS24722, or a name."""
    label: Label = Field(default=Label.MEASURED, examples=[Label.REHEARSED.value])
    """By what is held for which kind of measurements."""


class Fact(Answer):
    """Something that a registry lists."""

    kind: FactKind
    value: str
    """The network or prefix."""
    origin_asn: int | None
    """By which network it is announced; null where it is no announcement."""
    listed_by: Lister
    since_at: datetime
    """Since when it has been listed, as far as was looked."""
    observed_at: datetime
    """When that was last seen."""


class Known(Answer):
    """What the answer rests on."""

    is_complete: bool
    """Whether all lists are held; where not, nothing is known not to be Tajik."""
    observed_at: datetime | None
    """As of when; null where lists are missing."""
    missing: list[str]
    """Which."""


class Verdict(Answer):
    """Whether it is Tajik, and by which facts."""

    asked: str
    is_tajik: bool | None
    """Null where it is not known, which counts as yes: it is measured with the parties' agreement only."""
    why: str
    organisation: str | None
    """Whose network it is or lies in, where that is known and Tajik."""
    label: Label
    facts: list[Fact]
    registry: Known
