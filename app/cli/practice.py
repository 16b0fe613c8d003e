"""A rehearsal Atlas inside `rasad up`, for whoever has no key yet: it runs beside the service, in real time."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread

from app.dependencies import atlas_clock, atlas_label, atlas_origin, make_clock
from app.doors import make_atlas
from app.operations.follow_measurement import follow_measurement
from app.rehearsal.api.lifecycle import Habits
from app.rehearsal.api.platform import Limits
from app.rehearsal.assembly import Options, Rehearsal
from app.rehearsal.server import Serving
from app.rehearsal.world import make_world, named_scenario
from app.settings import Settings, UnusableSettings
from app.store.engine import Transaction

SEED = 0
WORLD_BEGAN_AT = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
"""Fixed, so that every start finds the same past."""
PAST_S = 86_400
"""How much of the past is collected when practice begins."""
BUILT_INS = (1001, 5001, 10001, 10301)
"""K-root over IPv4: ping, path, SOA, hostname.bind."""
COUNTRY = "TJ"
START_S = 30.0


@contextmanager
def practising(settings: Settings) -> Iterator[Settings]:
    """A rehearsal on free ports of loopback while the block runs; gives the settings with which it is asked."""
    clock = make_clock()
    now_at = int(clock.now().timestamp())
    options = Options(
        epoch=now_at, limits=Limits(), habits=Habits(SEED), state_file=settings.data_dir / "rehearsal.json"
    )
    try:
        rehearsal = Rehearsal(make_world(SEED, named_scenario(), WORLD_BEGAN_AT), options, clock.monotonic)
    except ValueError as error:
        raise UnusableSettings(f"{options.state_file} is damaged; remove it to begin a new rehearsal") from error
    rehearsal.clock.advance(now_at)  # it may have been begun before, and time went on
    serving = Serving(rehearsal, "127.0.0.1", (0, 0), settings.data_dir / "rehearsal-ca.pem")
    is_up = Event()
    thread = Thread(target=lambda: asyncio.run(serving.run(is_up.set)), name="rehearsal", daemon=True)
    thread.start()
    try:
        if not is_up.wait(START_S):
            raise UnusableSettings("the rehearsal Atlas does not start within half a minute")
        yield settings.model_copy(
            update={
                "atlas_url": serving.listening.https,
                "atlas_ca_file": serving.listening.ca_file,
                "atlas_is_rehearsal": True,
                "atlas_stream_url": "",
            }
        )
    finally:
        serving.stop()
        thread.join()
        rehearsal.save()


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
