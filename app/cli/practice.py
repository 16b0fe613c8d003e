"""A rehearsal Atlas inside `rasad up`, for whoever has no key yet: it runs beside the service, in real time."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread
from typing import NamedTuple

from pydantic import SecretStr

from app.dependencies import atlas_clock, atlas_label, atlas_origin, make_clock
from app.doors import make_atlas
from app.operations.follow_measurement import follow_measurement
from app.rehearsal.api.keys import DEMONSTRATION_KEY
from app.rehearsal.api.lifecycle import Habits
from app.rehearsal.api.platform import Limits
from app.rehearsal.assembly import Options, Rehearsal, begun_at
from app.rehearsal.clock import VirtualClock
from app.rehearsal.server import Serving
from app.rehearsal.world import make_world, named_scenario
from app.settings import Settings, UnusableSettings
from app.store.engine import Transaction
from measurements.campaigns.rounds import last_due
from measurements.units import DAY_S, HOUR_S, MINUTE_S

SEED = 0
WORLD_BEGAN_AT = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
"""Fixed, so that every start finds the same past."""
PAST_S = 86_400
"""How much of the past is collected when practice begins."""
BUILT_INS = (1001, 5001, 10001, 10301)
"""K-root over IPv4: ping, path, SOA, hostname.bind."""
COUNTRY = "TJ"
START_S = 30.0
EVENING_AT_S = 19 * HOUR_S + 50 * MINUTE_S
"""Within a day, UTC: ten minutes before one in the morning in Dushanbe, when the demonstration's night begins."""
NIGHT_S = 5 * HOUR_S
"""From then on: four hours are measured, and ten minutes after the half hour of grace the round is closed."""


class Night(NamedTuple):
    """The night that is rehearsed in fast motion. Instants are seconds since the epoch, UTC."""

    evening_at: int
    over_at: int


class Practice(NamedTuple):
    """A rehearsal that runs: with which settings it is asked, and its time."""

    settings: Settings
    clock: VirtualClock
    night: Night

    def is_night(self) -> bool:
        """Whether its night goes on: in fast motion, until it is over."""
        return self.clock.now() < self.night.over_at

    def catch_up(self, now_at: float) -> None:
        """Let its time be this computer's from now on."""
        self.clock.advance(now_at)


@contextmanager
def practising(settings: Settings) -> Iterator[Practice]:
    """A rehearsal on free ports of loopback while the block runs.

    It begins in the evening before the last night that is over, and runs through that in fast motion.
    """
    clock = make_clock()
    now_at = int(clock.now().timestamp())
    state_file = settings.data_dir / "rehearsal.json"
    try:
        night = night_before(begun_at(state_file), now_at)
        options = Options(
            epoch=night.evening_at, limits=Limits(), habits=Habits(SEED), state_file=state_file, jumps=True,
            jumps_until=night.over_at,
        )  # fmt: skip
        rehearsal = Rehearsal(make_world(SEED, named_scenario(), WORLD_BEGAN_AT), options, clock.monotonic)
    except ValueError as error:
        raise UnusableSettings(f"{state_file} is damaged; remove it to begin a new rehearsal") from error
    practice = Practice(settings, rehearsal.clock, night)
    if not practice.is_night():
        practice.catch_up(now_at)  # it was begun before, and time went on
    serving = Serving(rehearsal, "127.0.0.1", (0, 0), settings.data_dir / "rehearsal-ca.pem")
    is_up = Event()
    thread = Thread(target=lambda: asyncio.run(serving.run(is_up.set)), name="rehearsal", daemon=True)
    thread.start()
    try:
        if not is_up.wait(START_S):
            raise UnusableSettings("the rehearsal Atlas does not start within half a minute")
        door = {
            "atlas_url": serving.listening.https,
            "atlas_ca_file": serving.listening.ca_file,
            "atlas_is_rehearsal": True,
            "atlas_stream_url": "",
            "atlas_key": SecretStr(DEMONSTRATION_KEY),
        }
        yield practice._replace(settings=settings.model_copy(update=door))
    finally:
        serving.stop()
        thread.join()
        rehearsal.save()


def night_before(begun: int | None, now_at: int) -> Night:
    """The night of a rehearsal that was begun then; of a new one the last that is over in Dushanbe."""
    if begun is not None:
        return Night(begun, begun + NIGHT_S)
    evening_at = last_due(now_at - NIGHT_S, DAY_S, EVENING_AT_S)
    return Night(evening_at, evening_at + NIGHT_S)


def follow_k_root(transaction: Transaction, settings: Settings) -> None:
    """Follow K-root's built-ins as the Tajik probes of the rehearsal see them, from a day ago on."""
    with atlas_clock(settings) as clock, make_atlas(settings, clock) as atlas:
        probe_ids = [int(probe["id"]) for probe in atlas.probes({"country_code": COUNTRY}, fields=["id"])]
        since_at = int(clock.now().timestamp()) - PAST_S
        for atlas_id in BUILT_INS:
            follow_measurement(
                transaction, atlas, clock, atlas_id=atlas_id, label=atlas_label(settings),
                origin=atlas_origin(settings), since_at=since_at, probe_ids=probe_ids,
            )  # fmt: skip
