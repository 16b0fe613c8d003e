"""A whole rehearsal: world, API, faults and clock put together as one application."""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from app.rehearsal.api.application import api
from app.rehearsal.api.keys import STRANGER
from app.rehearsal.api.lifecycle import Habits, is_silent
from app.rehearsal.api.platform import Limits, Platform
from app.rehearsal.api.records import Records
from app.rehearsal.api.strangers import seat_strangers
from app.rehearsal.clock import VirtualClock
from app.rehearsal.contract import Body, World
from app.rehearsal.control import ROOT, Controlled, control
from app.rehearsal.faults.injector import Injector
from app.rehearsal.faults.plan import FaultPlan
from app.rehearsal.traffic import Traffic


@dataclass(frozen=True)
class Options:
    """How a rehearsal goes. `epoch` is when it began, unix seconds: the scenario counts from there."""

    epoch: int
    speed: float = 1.0
    jumps: bool = False
    """Whether time jumps when everybody who takes part only waits: weeks in minutes, for tests and exercises."""
    plan: FaultPlan = field(default_factory=FaultPlan)
    limits: Limits = field(default_factory=Limits)
    habits: Habits = field(default_factory=Habits)
    state_file: Path | None = None
    ground_truth_file: Path | None = None
    tell_truth: Callable[[int], Body] | None = None
    """What happened in the world until an instant, for the ground truth."""
    jumps_until: float = math.inf
    """Up to which instant; from then on time only runs."""


def begun_at(state_file: Path | None) -> int | None:
    """When the rehearsal in a state file began, unix seconds; None for a new one."""
    return Records(state_file).kept.opened_at


class Rehearsal:
    """The application, and what is behind it. `monotonic` gives real seconds."""

    def __init__(self, world: World, options: Options, monotonic: Callable[[], float]) -> None:
        self._options = options
        records = Records(options.state_file)
        begun = records.kept.now
        self.clock = VirtualClock(monotonic, options.epoch if begun is None else begun, options.speed)
        self.clock.jumps, self.clock.jumps_until = options.jumps, options.jumps_until
        records.clock = self.clock.now
        records.opened_at(options.epoch)
        self.injector = Injector(options.plan, self.clock.now)
        self.traffic = Traffic()
        self.platform = Platform(
            world,
            self.injector,
            self.clock.now,
            records,
            limits=options.limits,
            habits=options.habits,
            on_jump=self.clock.on_change,
        )
        seat_strangers(self.platform)
        controlled = Controlled(self.platform, self.clock, self.injector, self.traffic, options.epoch)
        self._control = control(controlled)
        self._api = self.traffic.around(self.injector.around(api(self.platform)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or talk over a websocket."""
        is_control = scope["type"] == "http" and scope["path"].startswith(f"{ROOT}/")
        app: ASGIApp = self._control if is_control else self._api
        await app(scope, receive, send)

    def save(self) -> None:
        """Keep what was created and what time it is, where a file is given for it."""
        self.platform.records.save()

    def write_ground_truth(self) -> None:
        """Write what was made to go wrong, where a file is given for it."""
        tell, now = self._options.tell_truth, self.platform.now()
        if path := self._options.ground_truth_file:
            truth = {
                "begun_at": self._options.epoch,
                "ended_at": self.clock.now(),
                "world": tell(now) if tell else {},
                "faults": self.injector.injected([body["id"] for body in self.platform.world.probes(now)]),
                "measurements": list(_enlisted(self.platform, now)),
            }
            path.write_text(json.dumps(truth, indent=1))


def _enlisted(platform: Platform, now: int) -> Iterator[Body]:
    """Of each measurement that was created: how many probes were wanted and found, and which of them never report."""
    for created in platform.records.all():
        if created.owner != STRANGER:
            ids = sorted({member.probe_id for member in platform.members(created, now)})
            yield {
                "id": created.id,
                "requested": created.probes_requested,
                "enlisted": len(ids),
                "silent": [each for each in ids if is_silent(created, each, platform.habits)],
            }
