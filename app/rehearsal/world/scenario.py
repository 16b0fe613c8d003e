"""Scenarios: what is made to happen in a world, read from TOML, checked field by field."""

import re
import tomllib
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    model_validator,
)

from app.rehearsal.world.networks import OPERATOR, TRANSITS
from app.rehearsal.world.probes import settle
from app.rehearsal.world.signals import Answer, Kind, Mode, Signal
from app.rehearsal.world.sites import SITES
from app.rehearsal.world.targets import Directory

SHIPPED = Path(__file__).with_name("scenarios")
DEFAULT = "practice"
UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
DURATION = re.compile(r"(\d+)\s*([dhms])\s*")
ALIASES = {"k-root": "k.root-servers.net"}


class ScenarioError(ValueError):
    """A scenario that cannot be played; the message names the field."""


def _seconds(value: object) -> object:
    """`"2d 6h"` as seconds, negative with a minus before it; anything else is left for the next check."""
    if isinstance(value, str) and re.fullmatch(rf"-?({DURATION.pattern})+", value):
        seconds = sum(int(count) * UNITS[unit] for count, unit in DURATION.findall(value))
        return -seconds if value.startswith("-") else seconds
    return value


def _moment(value: object) -> int | datetime:
    found = _seconds(value)
    if isinstance(found, str):
        with suppress(ValueError):
            found = datetime.fromisoformat(found)
    if isinstance(found, datetime) and found.tzinfo is not None:
        return found
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    raise ValueError('should be an instant with its offset to UTC, or a time from the epoch on such as "1d 6h"')


def _known(choices: Any, what: str) -> AfterValidator:
    def check(value: Any) -> Any:
        unknown = [one for one in (value if isinstance(value, list) else [value]) if one not in choices]
        if unknown:
            raise ValueError(f"no such {what}: {', '.join(map(str, unknown))}")
        return value

    return AfterValidator(check)


Offset = Annotated[int, BeforeValidator(_seconds)]
"""A number of seconds, or a text such as `"1d 6h 30m"` or `"-12h"`."""
Seconds = Annotated[Offset, Field(ge=0)]
Moment = Annotated[int | datetime, PlainValidator(_moment)]
"""An instant with its offset to UTC, or seconds after the epoch, or before it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Signal(_Strict):
    start: Moment = Field(alias="from")
    stop: Moment = Field(alias="to")
    every: Seconds = 0
    probes: Annotated[list[int], _known(settle(), "probe")] = []
    asns: Annotated[list[int], _known(OPERATOR, "network")] = []
    countries: list[Annotated[str, Field(pattern="^[A-Z]{2}$")]] = []
    targets: list[str] = []
    family: Literal[0, 4, 6] = 0

    @model_validator(mode="after")
    def _check_period(self) -> Self:
        if isinstance(self.start, int) and isinstance(self.stop, int) and self.stop <= self.start:
            raise ValueError("`to` must come after `from`")
        return self


class LatencyShift(_Signal):
    """Packets take longer, or less long, by so many milliseconds there and back."""

    kind: Literal[Kind.LATENCY_SHIFT]
    milliseconds: Annotated[float, Field(ge=-50, le=5000)]


class PathChange(_Signal):
    """Another transit carries the traffic abroad."""

    kind: Literal[Kind.PATH_CHANGE]
    transit: Annotated[str, _known(TRANSITS, "transit")]


class CatchmentChange(_Signal):
    """K-root is reached at another site."""

    kind: Literal[Kind.CATCHMENT_CHANGE]
    site: Annotated[str, _known(SITES, "site")]


class SiteWithdrawal(_Signal):
    """Sites of K-root are announced no longer."""

    kind: Literal[Kind.SITE_WITHDRAWAL]
    sites: Annotated[list[str], _known(SITES, "site"), Field(min_length=1)]


class Loss(_Signal):
    """A share of packets is lost, beyond the usual."""

    kind: Literal[Kind.LOSS]
    share: Annotated[float, Field(gt=0, le=1)]


class Disconnection(_Signal):
    """Probes lose their connection to the platform."""

    kind: Literal[Kind.DISCONNECTION]
    mode: Mode = Mode.OFF


class Interception(_Signal):
    """Somebody on the way answers DNS in place of the server."""

    kind: Literal[Kind.INTERCEPTION]
    answer: Answer = Answer.FOREIGN


class SerialLag(_Signal):
    """Sites of K-root serve an older root zone; all sites when none is named."""

    kind: Literal[Kind.SERIAL_LAG]
    seconds: Annotated[int, BeforeValidator(_seconds), Field(gt=0)]
    sites: Annotated[list[str], _known(SITES, "site")] = []


AnySignal = Annotated[
    LatencyShift | PathChange | CatchmentChange | SiteWithdrawal | Loss | Disconnection | Interception | SerialLag,
    Field(discriminator="kind"),
]


class Scenario(_Strict):
    """What happens in a world beyond its usual weather."""

    name: str
    description: str = ""
    outages: Annotated[float, Field(ge=0, le=3)] = 1.0
    """How often probes lose their connection by themselves, as a factor; 0 for never."""
    signals: list[AnySignal] = []

    def placed(self, epoch: int, directory: Directory) -> tuple[Signal, ...]:
        """The signals at their instants. Raises `ScenarioError` for a target that does not exist."""
        return tuple(_placed(index, signal, epoch, directory) for index, signal in enumerate(self.signals))


def read_scenario(document: dict[str, Any]) -> Scenario:
    """A scenario from a decoded file. Raises `ScenarioError` naming each wrong field."""
    try:
        return Scenario.model_validate(document)
    except ValidationError as error:
        raise ScenarioError("; ".join(_sentence(problem) for problem in error.errors())) from error


def load_scenario(path: Path) -> Scenario:
    """A scenario from a TOML file. Raises `ScenarioError`, and `OSError` when it cannot be read."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: not TOML: {error}") from error
    return read_scenario(document)


def named_scenario(name: str = DEFAULT) -> Scenario:
    """A scenario that comes with the program. Raises `ScenarioError` for another name."""
    names = sorted(path.stem for path in SHIPPED.glob("*.toml"))
    if name not in names:
        raise ScenarioError(f"no scenario is called {name}; there are {', '.join(names)}")
    return load_scenario(SHIPPED / f"{name}.toml")


def _sentence(problem: Any) -> str:
    kinds = set(Kind)
    parts = [part for part in problem["loc"] if not (isinstance(part, str) and part in kinds)]
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")
    return f"{where or 'scenario'}: {problem['msg']}"


def _placed(index: int, signal: _Signal, epoch: int, directory: Directory) -> Signal:
    start, stop = (
        int(moment.timestamp()) if isinstance(moment, datetime) else epoch + moment
        for moment in (signal.start, signal.stop)
    )
    if stop <= start:
        raise ScenarioError(f"signals[{index}].to: must come after `from`")
    if signal.every and signal.every <= stop - start:
        raise ScenarioError(f"signals[{index}].every: not longer than the signal")
    fields = signal.model_dump(exclude={"start", "stop", "targets"})
    chosen: dict[str, Any] = {
        key: frozenset(value) if isinstance(value, list) else value for key, value in fields.items()
    }
    addresses = frozenset(address for target in signal.targets for address in _addresses(index, target, directory))
    return Signal(start=start, stop=stop, addresses=addresses, **chosen)


def _addresses(index: int, target: str, directory: Directory) -> list[str]:
    found = [directory.resolve(ALIASES.get(target, target), family) for family in (4, 6)]
    if not any(found):
        raise ScenarioError(f"signals[{index}].targets: nothing is called {target}")
    return [address for address in found if address]
