"""What all schemas have in common."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from measurements.agreements.release import Ground
from measurements.results.outcome import DataClass, Label
from measurements.units import LATEST_ASKED, seconds


class Answer(BaseModel):
    """Part of an answer: every field is described, and there are no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Filters(BaseModel):
    """Query parameters of one resource; any other parameter is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class NoFilters(Filters):
    """For resources that take no parameters."""


class Content(BaseModel):
    """What is handed in; any other field is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Provenance(Answer):
    """As what something is held."""

    label: Label
    """`measured` on the Internet, recorded in our `laboratory`, or `rehearsed`; never mixed."""
    data_class: DataClass
    """Under which clause of the memorandum it is held."""
    agreement_id: int | None
    """The agreement it was collected under; null for public data."""


class Withheld(Answer):
    """Something that is held, and left out for whoever asks."""

    agreement_id: int | None
    """The agreement it is held under; null where there is none."""
    reason: Ground
    explanation: str
    """In plain words."""


class Source(Answer):
    """One way by which a record came."""

    kind: str
    """file, stdin, atlas (it was asked for) or stream."""
    name: str
    """Of the file: its path as whoever ingested it gave it; or of where it came from."""
    retrieved_at: datetime
    """When it came by this way."""


LIMIT_MAX = 1000
Number = Annotated[int, Field(ge=0, le=2**53)]
"""A number of the platform: of a measurement, a probe, a network."""
OurNumber = Annotated[int, Field(ge=1, le=2**53, examples=[1])]
"""A number of ours: of a result, a record."""
Limit = Annotated[int, Field(ge=1, le=LIMIT_MAX)]
Cursor = Annotated[str, Field(min_length=1, max_length=4000)]
Text = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]*$")]
CountryCode = Annotated[str, Field(json_schema_extra={"pattern": "^[A-Za-z]{2}$"})]
"""Checked where the question is understood, which says it in words."""


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("says nothing")
    return text.strip()


def _in_reach(moment: datetime) -> datetime:
    if not 0 <= seconds(moment) <= LATEST_ASKED:
        raise ValueError("is further away than calendars go here")
    return moment


Line = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$"), AfterValidator(_said)]
"""Some words of a person, without what could harm a terminal."""
Moment = Annotated[AwareDatetime, AfterValidator(_in_reach)]
"""An instant with its zone."""
