"""What every kind of result is made from: a probe's turn, what it aims at, and what its packets meet."""

from typing import NamedTuple

from app.rehearsal.world.probes import Vantage
from app.rehearsal.world.targets import Destination
from app.rehearsal.world.weather import Conditions


class Aim(NamedTuple):
    """A target as the probe has it."""

    name: str
    destination: Destination | None
    """None when its name has no address, for the reason in `error`."""
    error: str = ""
    resolved_in_ms: float | None = None
    """How long the probe took to resolve the name; None when it was handed an address."""
    is_refused: bool = False
    """Whether the probe does not send to such addresses."""


class Attempt(NamedTuple):
    """A turn, about to be reported."""

    vantage: Vantage
    at: int
    round_number: int
    family: int
    aim: Aim
    conditions: Conditions | None
    """None when nothing is sent: no address, a refused one, or no network."""
    lts: int
    is_cut: bool
    """Whether the probe's own access is down."""
