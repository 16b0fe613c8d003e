"""A rehearsal Atlas for tests: on free ports of loopback, in a thread of this process, stopped at the end.

`with rehearsing() as atlas:` serves the world of practice; tests hand in another world, speed, faults or beginning.
"""

import asyncio
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from app.rehearsal.api.keys import CREATE_KEY, DEMONSTRATION_KEY, READ_KEY, STOP_KEY
from app.rehearsal.api.lifecycle import Habits
from app.rehearsal.api.platform import Limits
from app.rehearsal.assembly import Options, Rehearsal
from app.rehearsal.contract import World
from app.rehearsal.faults.plan import FaultPlan, read_plan
from app.rehearsal.server import Listening, Serving
from tests.app.rehearsal.tiny import TinyWorld

START_TIMEOUT_S = 30
EPOCH = 1_800_000_000
"""When rehearsals of tests begin: 2027-01-15T08:00:00Z."""


class RehearsedAtlas:
    """A running rehearsal: where it is, what to trust, and its levers."""

    def __init__(self, rehearsal: Rehearsal, listening: Listening) -> None:
        self.rehearsal = rehearsal
        self.http = listening.http
        self.https = listening.https
        self.ca_file = listening.ca_file
        self.key = DEMONSTRATION_KEY
        self.create_key, self.read_key, self.stop_key = CREATE_KEY, READ_KEY, STOP_KEY
        self.control = httpx.Client(base_url=f"{self.http}/rehearsal", timeout=60, trust_env=False)

    @property
    def host(self) -> str:
        """Host and port of the TLS address, as Cousteau's `server` wants them."""
        return self.https.removeprefix("https://")

    def tls(self) -> ssl.SSLContext:
        """What trusts this rehearsal, and nobody else."""
        return ssl.create_default_context(cafile=str(self.ca_file))

    def client(self, key: str | None = None) -> httpx.Client:
        """An HTTP client of the API, over plain HTTP."""
        headers = {"Authorization": f"Key {key}"} if key else {}
        return httpx.Client(base_url=f"{self.http}/api/v2", headers=headers, timeout=60, trust_env=False)

    def now(self) -> float:
        """Virtual now, unix seconds."""
        return float(self.control.get("/clock").json()["now"])

    def advance(self, by_s: float) -> float:
        """Jump so many seconds ahead; the instant it then is."""
        return float(self.control.post("/clock/advance", json={"by": by_s}).json()["now"])

    def ledger(self, measurement_id: int, **options: Any) -> list[str]:
        """Identities of the results of a measurement that reached the platform; options `from`, `to` and `until`."""
        answer = self.control.get("/ledger", params={"msm": measurement_id, **options})
        answer.raise_for_status()
        return answer.text.splitlines()

    def faults(self, *rules: dict[str, Any], seed: int = 0) -> None:
        """These faults from now on."""
        self.control.put("/faults", json={"seed": seed, "rules": rules}).raise_for_status()

    def calls(self) -> dict[str, dict[str, int]]:
        """How often each address was called, by status."""
        counts: dict[str, dict[str, int]] = self.control.get("/requests").json()
        return counts


@contextmanager
def rehearsing(
    world: World | None = None,
    *,
    speed: float = 0,
    jumps: bool = True,
    rules: tuple[dict[str, Any], ...] = (),
    limits: Limits | None = None,
    habits: Habits | None = None,
    state_file: Path | None = None,
    epoch: int = EPOCH,
) -> Iterator[RehearsedAtlas]:
    """A rehearsal on free ports; its time stands still unless told otherwise."""
    plan = read_plan({"rules": rules}, epoch) if rules else FaultPlan()
    options = Options(epoch, speed, jumps, plan, limits or Limits(strangers={}), habits or Habits(), state_file)
    rehearsal = Rehearsal(world or TinyWorld(), options, time.monotonic)
    with tempfile.TemporaryDirectory() as folder:
        serving = Serving(rehearsal, "127.0.0.1", (0, 0), Path(folder) / "ca.pem")
        is_up = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(serving.run(is_up.set)))
        thread.start()
        try:
            assert is_up.wait(START_TIMEOUT_S), "the rehearsal does not start"
            atlas = RehearsedAtlas(rehearsal, serving.listening)
            with atlas.control:
                yield atlas
        finally:
            serving.stop()
            thread.join()
            rehearsal.save()
