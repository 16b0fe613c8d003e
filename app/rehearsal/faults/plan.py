"""What is to go wrong: rules from a scenario, each with how often, where and when."""

import re
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

SECTION = "faults"
"""Where a scenario file holds the plan."""


class UnusablePlan(ValueError):
    """A file that holds no plan; its message says why."""


def _instant(value: Any) -> Any:
    if isinstance(value, str) and _DURATION.fullmatch(value):
        seconds = sum(int(count) * _UNITS[unit] for count, unit in _PART.findall(value))
        return -seconds if value.startswith("-") else seconds
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return int((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp())
    return value


_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PART = re.compile(r"(\d+)\s*([dhms])\s*")
_DURATION = re.compile(rf"-?({_PART.pattern})+")
FIRST_INSTANT = 1_000_000_000
"""Numbers from here on are unix seconds; smaller ones count from the beginning of the rehearsal."""

Instant = Annotated[int, BeforeValidator(_instant)]
"""An ISO 8601 text, unix seconds, or a time since the beginning such as 3600 or `1d 6h`."""


class Rule(BaseModel):
    """How often, and in which window of virtual time, `from` until before `to`. Without either, always."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)

    probability: Annotated[float, Field(ge=0, le=1)] | None = None
    every: Annotated[int, Field(ge=1)] | None = None
    start: Annotated[Instant | None, Field(alias="from")] = None
    stop: Annotated[Instant | None, Field(alias="to")] = None

    @model_validator(mode="after")
    def _one_measure(self) -> "Rule":
        if self.probability is not None and self.every is not None:
            raise ValueError("give either `probability` or `every`")
        return self

    def placed(self, epoch: int) -> Self:
        """The same rule with its window in unix seconds."""
        ends = {"start": self.start, "stop": self.stop}
        moved = {name: epoch + end for name, end in ends.items() if end is not None and end < FIRST_INSTANT}
        return self.model_copy(update=moved)

    def is_at(self, now: float) -> bool:
        """Whether an instant lies in its window."""
        return (self.start is None or self.start <= now) and (self.stop is None or now < self.stop)


class RequestRule(Rule):
    """A request fails. `path` is a pattern with `*`, `limit` how often at most."""

    kind: Literal[
        "too_many_requests", "server_error", "bad_gateway", "hang", "slow_body", "cut_body", "reply_lost"
    ]  # fmt: skip
    path: str = "/api/*"
    method: str | None = None
    limit: Annotated[int, Field(ge=1)] | None = None
    retry_after_s: Annotated[int, Field(ge=0)] | None = None
    """Of too many requests: what `Retry-After` says; without it there is none."""
    pause_s: Annotated[float, Field(ge=0)] = 0.5
    """Of a slow body: real seconds between two pieces."""
    piece_bytes: Annotated[int, Field(ge=1)] = 1024
    after_bytes: Annotated[int, Field(ge=0)] = 2000
    """Of a cut body: how much of it arrives; of a shorter one, half."""

    def concerns(self, method: str, path: str) -> bool:
        """Whether a request is of its kind, with a slash at the end or without.

        A lost reply is one to something created, unless it says otherwise.
        """
        wanted = self.method or ("POST" if self.kind == "reply_lost" else None)
        bare = path.rstrip("/")
        return wanted in (None, method) and any(fnmatchcase(each, self.path) for each in (bare, f"{bare}/"))


class StreamRule(Rule):
    """A stream ends some real seconds after it was opened: closed as agreed, or broken off."""

    kind: Literal["stream_closed", "stream_broken"]
    after_s: Annotated[float, Field(ge=0)] = 5.0


class ResultRule(Rule):
    """A result comes late, twice, or by a wrong clock; or a probe says nothing. The window is of measuring."""

    kind: Literal["duplicate", "late", "silent", "clock_skew"]
    probes: frozenset[int] | None = None
    measurements: frozenset[int] | None = None
    least_s: Annotated[int, Field(ge=0)] = 3600
    """Of late and duplicate: between so many seconds later …"""
    most_s: int = 6 * 3600
    """… and so many."""
    offset_s: int = 120
    """Of clock skew: what the probe's clock is ahead; below 0, behind."""

    @model_validator(mode="after")
    def _least_is_not_most(self) -> "ResultRule":
        if self.most_s < self.least_s:
            raise ValueError(f"`most_s` ({self.most_s}) must not be less than `least_s` ({self.least_s})")
        return self

    def concerns(self, measurement_id: int, probe_id: int) -> bool:
        """Whether a result is of its kind."""
        is_measurement = self.measurements is None or measurement_id in self.measurements
        return is_measurement and (self.probes is None or probe_id in self.probes)


AnyRule = Annotated[RequestRule | StreamRule | ResultRule, Field(discriminator="kind")]


class FaultPlan(BaseModel):
    """Every rule, and the seed by which chance decides."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = 0
    rules: tuple[AnyRule, ...] = ()

    def of(self, kind: type[Rule]) -> list[tuple[int, Any]]:
        """Rules of one kind, with their places in the plan."""
        return [(index, rule) for index, rule in enumerate(self.rules) if isinstance(rule, kind)]


def read_plan(given: Any, epoch: int) -> FaultPlan:
    """The plan in JSON or TOML that was read: that itself, or a section of a scenario. Raises UnusablePlan.

    `epoch` is the beginning of the rehearsal, unix seconds.
    """
    is_scenario = isinstance(given, dict) and SECTION in given
    try:
        plan = FaultPlan.model_validate(given[SECTION] if is_scenario else given)
    except ValidationError as error:
        told = (f"{'.'.join((SECTION, *map(str, each['loc'])))}: {each['msg']}" for each in error.errors())
        raise UnusablePlan("; ".join(told)) from error
    rules = tuple(rule.placed(epoch) for rule in plan.rules)
    for index, rule in enumerate(rules):
        if rule.start is not None and rule.stop is not None and rule.stop < rule.start:
            raise UnusablePlan(f"{SECTION}.rules.{index}.to: must come after `from`")
    return plan.model_copy(update={"rules": rules})
