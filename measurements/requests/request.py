"""A request: what somebody wants to know, in words that take no knowledge of RIPE Atlas, in one form with one digest.

What is left out of a question comes from its template, or is usual: from all of Tajikistan, over both address families,
as often and from as many probes as the agreement says that covers it, for a day from the next minute on.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field, ValidationError

from measurements.agreements.card import Moment, Part, Text
from measurements.agreements.places import is_told_inside, pointer_to
from measurements.canonical import digest_of
from measurements.errors import InvalidContent, InvalidFilter
from measurements.requests.places import TAJIKISTAN, Place, places_of
from measurements.requests.templates import Template, find_template, template_names
from measurements.selections import MOST_PROBES
from measurements.targets import asked_target
from measurements.units import DAY_S, HOUR_S, LATEST_ASKED, seconds

T = TypeVar("T")
FORM = "rasad-request-1"
"""Names the canonical form, inside of what is hashed."""
BEGINS_AFTER_S = 60
"""A request begins in a minute, unless it says otherwise."""
LASTS_S, ONCE_LASTS_S = DAY_S, HOUR_S
"""And lasts so long; what is measured once has come in by then."""
MOST_TARGETS, MOST_MEASUREMENTS, MOST_PLACES, MOST_PARAMETERS = 20, 10, 20, 30
ONCE: Literal["once"] = "once"
LONGEST_NAME = 255


def _is_place(word: str) -> str:
    places_of(word)
    return word.strip()


def _name(target: str) -> str:
    try:
        return asked_target(target)
    except InvalidFilter as error:
        raise ValueError(str(error)) from None


Name = Annotated[Text, Field(max_length=LONGEST_NAME)]
Target = Annotated[Name, AfterValidator(_name)]
PlaceWord = Annotated[Name, AfterValidator(_is_place)]
Family = Literal[4, 6]
Often = Annotated[int, Field(ge=60, le=LATEST_ASKED, strict=True)] | Literal["once"]
Probes = Annotated[int, Field(ge=1, le=MOST_PROBES, strict=True)]
Agreed = Annotated[int, Field(ge=1, le=2**53, strict=True)]


class Measured(Part):
    """One kind of measurement."""

    type: Literal["ping", "traceroute", "dns"]
    parameters: Annotated[
        dict[str, bool | int | Annotated[str, Field(max_length=LONGEST_NAME)]],
        Field(default_factory=dict, max_length=MOST_PARAMETERS),
    ]
    """What matters of it, under the names of a card; what is not named is as agreed."""


class Question(Part):
    """What somebody asks. Everything that is left out comes from the template, or is usual."""

    title: Annotated[Name | None, Field(examples=["Is K-root answered inside the country?"])] = None
    """In plain words."""
    template: Annotated[Name | None, Field(examples=["k-root-inside"])] = None
    """Of the questions that others had before: `GET /api/v1/requests/templates`."""
    targets: Annotated[tuple[Target, ...] | None, Field(min_length=1, max_length=MOST_TARGETS)] = None
    """Names of the catalogue, addresses, or `probe-resolvers`."""
    measurements: Annotated[tuple[Measured, ...] | None, Field(min_length=1, max_length=MOST_MEASUREMENTS)] = None
    """A ping, unless given."""
    address_families: Annotated[tuple[Family, ...] | None, Field(min_length=1, max_length=2)] = None
    """Both, unless given; of an address its own."""
    places: Annotated[tuple[PlaceWord, ...] | None, Field(min_length=1, max_length=MOST_PLACES)] = None
    """`tajikistan`, unless given; `neighbours`, countries such as KG, networks such as AS24722."""
    n_probes: Probes | None = None
    """At most, from all places together; as many as agreed, unless given."""
    every_s: Often | None = None
    """Seconds between rounds, or `once`; as often as agreed, unless given."""
    start_at: Moment | None = None
    """In a minute, unless given."""
    stop_at: Moment | None = None
    """Exclusive; a day later, unless given."""
    agreement_id: Agreed | None = None
    """Under this agreement only; under any that covers it, unless given."""


class Request(Part):
    """A question with everything that was left out of it."""

    title: Text
    template: Text | None
    targets: tuple[Text, ...]
    measurements: tuple[Measured, ...]
    address_families: tuple[Family, ...] | None
    """None for both, and of an address its own."""
    places: tuple[Text, ...]
    n_probes: Probes | None
    every_s: Often | None
    start_at: Moment
    stop_at: Moment
    agreement_id: Agreed | None

    @property
    def from_at(self) -> int:
        """`start_at` in seconds since the epoch, UTC."""
        return seconds(self.start_at)

    @property
    def until_at(self) -> int:
        """`stop_at` likewise; exclusive."""
        return seconds(self.stop_at)

    @property
    def is_once(self) -> bool:
        """Whether it is measured once."""
        return self.every_s == ONCE

    @property
    def all_places(self) -> tuple[Place, ...]:
        """Every place that its words stand for, once."""
        return tuple(dict.fromkeys(place for word in self.places for place in places_of(word)))

    def lasting(self, start_at: int, stop_at: int) -> "Request":
        """The same over another time."""
        return self.model_copy(update={"start_at": _moment(start_at), "stop_at": _moment(stop_at)})


def read_question(document: object) -> Question:
    """A question from a JSON object. Raises `InvalidContent` with the places that make no sense, and why."""
    try:
        return Question.model_validate(document)
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False, include_context=False)
        problems = [(pointer_to(one["loc"], document), one["msg"].removeprefix("Value error, ")) for one in told]
        inside = [one for one in problems if not is_told_inside(one[0], problems)]
        raise InvalidContent(list(dict(inside).items())) from None


def complete(question: Question, now: int) -> Request:
    """A question with what was left out of it. Raises `InvalidContent` with the places that make no sense."""
    template = _template_of(question)
    said = _said(question, Question() if template is None else Question.model_validate(template.says))
    if said.targets is None:
        raise InvalidContent([("/targets", "say what is asked about, for example k-root")])
    measurements = said.measurements or (Measured(type="ping", parameters={}),)
    usual_title = _title(said.targets, measurements) if template is None else template.title
    lasts_s = LASTS_S if template is None else template.lasts_s
    start_at, stop_at = _times(question, ONCE_LASTS_S if said.every_s == ONCE else lasts_s, now)
    return Request(
        title=said.title or usual_title,
        template=question.template,
        targets=_once_each(said.targets),
        measurements=_once_each(measurements),
        address_families=said.address_families and _once_each(said.address_families),
        places=_once_each(said.places or (TAJIKISTAN,)),
        n_probes=said.n_probes,
        every_s=said.every_s,
        start_at=_moment(start_at),
        stop_at=_moment(stop_at),
        agreement_id=said.agreement_id,
    )


def request_document(request: Request) -> dict[str, Any]:
    """The request in plain values."""
    return request.model_dump(mode="json")


def request_digest(request: Request) -> str:
    """SHA-256 of the canonical form, in hexadecimal digits."""
    return digest_of({"form": FORM, "request": request_document(request)})


def _template_of(question: Question) -> Template | None:
    if question.template is None:
        return None
    template = find_template(question.template)
    if template is None:
        raise InvalidContent([("/template", f"there is none of that name; there are {', '.join(template_names())}")])
    return template


def _said(question: Question, usual: Question) -> Question:
    """What somebody says, and where nothing is said what is usual."""
    left_out = {name: getattr(usual, name) for name in Question.model_fields if getattr(question, name) is None}
    return question.model_copy(update=left_out)


def _times(question: Question, lasts_s: int, now: int) -> tuple[int, int]:
    start_at = now + BEGINS_AFTER_S if question.start_at is None else seconds(question.start_at)
    stop_at = min(start_at + lasts_s, LATEST_ASKED) if question.stop_at is None else seconds(question.stop_at)
    problems = [
        *([("/start_at", "is past")] if start_at < now else []),
        *([("/stop_at", "is not after the beginning")] if stop_at <= start_at else []),
    ]
    if problems:
        raise InvalidContent(problems)
    return start_at, stop_at


def _title(targets: Iterable[str], measurements: Iterable[Measured]) -> str:
    kinds = dict.fromkeys(one.type for one in measurements)
    return f"{' and '.join(kinds)} to {', '.join(targets)}"[:LONGEST_NAME]


def _once_each(those: Iterable[T]) -> tuple[T, ...]:
    kept: list[T] = []
    for one in those:
        if one not in kept:
            kept.append(one)
    return tuple(kept)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
