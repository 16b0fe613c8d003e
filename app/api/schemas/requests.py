"""Requests on the wire: what would come of one, what came of one, and the questions that can be asked by name."""

from datetime import datetime
from typing import Any

from app.api.schemas.base import Answer, Content, Filters, Moment
from app.api.schemas.dispatches import Cautioned, Objection
from measurements.agreements.parties import Party
from measurements.agreements.reasons import Reason
from measurements.requests.request import Question, Request
from measurements.requests.states import State
from measurements.results.outcome import Label


class AskFilters(Filters):
    """How to ask."""

    dry_run: bool = False
    """Whether it is only said what would come of it. Nothing is kept, and nothing is sent."""


class Extension(Content):
    """Until when a request shall go on."""

    stop_at: Moment
    """Exclusive; later than the end that it has."""


class Changes(Question):
    """What shall be otherwise of the same request, asked again; everything else is as it was."""


class Cost(Answer):
    """What something comes to, at most: probes may be away."""

    n_probes: int
    """That are asked for, for the measurement that has most."""
    n_probes_expected: int | None
    """That were connected there when RIPE Atlas last said so; null where nobody here knows of any."""
    n_results: int
    n_results_per_day: int
    """Of the busiest day."""
    credits: int
    """In total."""
    credits_per_day: int
    packets_per_s: float
    """Toward the target that gets most, from all probes together."""


class Missing(Answer):
    """Something that the nearest agreement does not allow."""

    pointer: str | None
    """Where the request could say otherwise; null where nothing that it says would help."""
    says: str
    """What is agreed, in plain words."""


class Reuse(Answer):
    """A measurement that answers the same for free."""

    atlas_id: int
    is_built_in: bool
    """Whether RIPE Atlas itself runs it, on every probe."""
    explanation: str


class Tried(Answer):
    """One measurement that a request comes to."""

    target: str | None
    """Null for DNS queries to the probes' own resolvers."""
    type: str
    address_family: int
    start_at: datetime
    stop_at: datetime
    interval_s: int | None
    """Null where it is measured once."""
    agreement_id: int | None
    """The one that covers it, or comes nearest; null where there is none."""
    entry: int | None
    """Which measurement of its card covers it; null where none does."""
    is_permitted: bool
    reason: Reason
    explanation: str
    objections: list[Objection]
    """Everything that speaks against it, the plainest first."""
    cautions: list[Cautioned]
    missing: list[Missing]
    """What the nearest agreement does not allow; empty where one covers it."""
    cost: Cost
    body: dict[str, Any]
    """What would be posted to RIPE Atlas, in its words; the number in the tag is given when it is asked for."""
    reuse: list[Reuse]
    """What answers it for free: look there first."""


class DryRun(Answer):
    """What would come of a request now."""

    request: Request
    """With what was left out of it."""
    digest: str
    """SHA-256 of the request's canonical form, in hexadecimal digits."""
    label: Label
    is_permitted: bool
    """Whether all of it is."""
    cost: Cost
    measurements: list[Tried]


class Run(Answer):
    """A measurement that a request asks for, and what came of it."""

    target: str | None
    type: str
    address_family: int
    start_at: datetime
    stop_at: datetime
    interval_s: int | None
    state: State
    explanation: str
    """Why it stands so, and what to do about it."""
    agreement_id: int | None
    missing: list[Missing]
    dispatch_id: int | None
    """Null while no agreement covers it."""
    atlas_id: int | None
    n_probes: int
    credits: int
    """At most."""


class RequestLine(Answer):
    """A request in a list."""

    request_id: int
    label: Label
    """Of what it brings: `measured` on RIPE Atlas, or `rehearsed`."""
    title: str
    state: State
    """As what is most alive of it stands."""
    asked_at: datetime
    start_at: datetime
    stop_at: datetime
    person_id: int
    """Who asked."""
    name: str | None
    party: Party | None
    n_runs: int
    n_under_way: int
    """How many of them may be running on RIPE Atlas."""
    cancelled_at: datetime | None
    cloned_from: int | None


class Held(RequestLine):
    """A request with all that came of it."""

    digest: str
    request: Request
    """As it was asked, with what was left out of it."""
    cost: Cost
    runs: list[Run]


class RequestPage(Answer):
    """Requests in order of their number."""

    requests: list[RequestLine]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""


class Template(Answer):
    """A question that can be asked by name."""

    template: str
    title: str
    """The question, in plain words."""
    explains: str
    """What the answer tells, and what it does not."""
    needs: list[str]
    """Fields that whoever asks has to say."""
    lasts_s: int
    """How long it goes on unless said."""
    question: dict[str, Any]
    """What it says; whoever asks may say otherwise."""


class Templates(Answer):
    """The questions that can be asked by name."""

    templates: list[Template]
