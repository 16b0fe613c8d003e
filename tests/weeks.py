"""Rehearsed time for tests: workers that collect from a rehearsal for days, and what must be held in the end."""

import hashlib
import json
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, select

from app.store import tables
from app.store.engine import reading
from app.store.records import unpack_body
from tests.ingesting import command, environment
from tests.rehearsing import RehearsedAtlas

DAY = 86_400
PATIENCE_S = 1200
"""Real seconds in which rehearsed time must have passed."""


def rehearsed(url: str, atlas: RehearsedAtlas, **more: str) -> dict[str, str]:
    """The environment in which `rasad` asks a rehearsal, over TLS, with its demonstration key."""
    return {
        **environment(url),
        "RASAD_ATLAS_URL": atlas.https,
        "RASAD_ATLAS_CA_FILE": str(atlas.ca_file),
        "RASAD_ATLAS_IS_REHEARSAL": "1",
        "RASAD_RIPESTAT_URL": "",  # as people leave it: the real one, which a rehearsal does not ask
        "RASAD_ATLAS_KEY": atlas.key,
        "RASAD_LOG_FORMAT": "json",
        **more,
    }


def run(url: str, atlas: RehearsedAtlas, *arguments: str) -> str:
    """Run `rasad …` against a rehearsal to its end, and give what it printed."""
    done = subprocess.run(
        command(*arguments), env=rehearsed(url, atlas), capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


class Workers:
    """Workers in processes of their own, and the log that they share."""

    def __init__(self, url: str, atlas: RehearsedAtlas, log: Path, **settings: str) -> None:
        self._environment = rehearsed(url, atlas, **settings)
        self._log = log
        self._running: list[subprocess.Popen[bytes]] = []
        self.everything = ""
        """What was said, once all have ended."""

    def start(self) -> None:
        """One more."""
        with self._log.open("ab") as log:
            self._running.append(subprocess.Popen(command("worker"), env=self._environment, stderr=log, stdout=log))

    def kill(self) -> None:
        """`kill -9` the oldest, and start another one in its place."""
        victim = self._running.pop(0)
        victim.kill()
        victim.wait()
        self.start()

    @property
    def pids(self) -> list[int]:
        """Process numbers, the oldest first."""
        return [worker.pid for worker in self._running]

    def stop(self) -> None:
        """End all as an operator does; each must go quietly."""
        for worker in self._running:
            worker.send_signal(signal.SIGTERM)
        codes = [worker.wait(60) for worker in self._running]
        self._running = []
        self.everything = self.said()
        assert codes == [0] * len(codes), f"ended with {codes}:\n{self.said()[-4000:]}"

    def require_alive(self) -> None:
        """Fail with the log's last words when one has ended by itself."""
        ended = [worker.poll() for worker in self._running]
        assert ended == [None] * len(ended), f"ended with {ended}:\n{self.said()[-4000:]}"

    def said(self) -> str:
        """Everything logged so far."""
        return self._log.read_text() if self._log.exists() else ""


@contextmanager
def working(url: str, atlas: RehearsedAtlas, count: int = 1, **settings: str) -> Iterator[Workers]:
    """Workers for as long as the block runs."""
    with tempfile.TemporaryDirectory() as folder:
        workers = Workers(url, atlas, Path(folder) / "log", **settings)
        try:
            for _ in range(count):
                workers.start()
            yield workers
        finally:
            workers.stop()


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    give_up = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < give_up
        time.sleep(0.05)  # whoever makes it so tells nobody


def pass_until(atlas: RehearsedAtlas, workers: Workers, at: float, kills: Sequence[float] = ()) -> None:
    """Wait until the rehearsal's clock has come to an instant, killing a worker at others on the way."""
    pending = sorted(kills)
    give_up = time.monotonic() + PATIENCE_S
    while (now := atlas.now()) < at:
        workers.require_alive()
        assert time.monotonic() < give_up, f"{(at - now) / DAY:.1f} days are left:\n{workers.said()[-4000:]}"
        if pending and now >= pending[0]:
            pending.pop(0)
            workers.kill()
        time.sleep(0.2)  # the rehearsal tells nobody that time passed; it is asked


def identity(line: bytes) -> str:
    """`msm,prb,timestamp,digest` of a result, as the rehearsal's ledger names it."""
    body: dict[str, Any] = json.loads(line)
    body.pop("stored_timestamp", None)
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return f"{body['msm_id']},{body['prb_id']},{body['timestamp']},{digest}"


def held(engine: Engine, atlas_id: int) -> Counter[str]:
    """Identities of the results that are held of a measurement, by the bytes they came in."""
    results, raw = tables.results.c, tables.raw_records.c
    query = select(raw.body).join(tables.results, results.raw_id == raw.id).where(results.atlas_id == atlas_id)
    with reading(engine) as connection:
        return Counter(identity(unpack_body(body)) for body in connection.execute(query).scalars())


class Verdict(NamedTuple):
    """How what is held compares with what the server produced."""

    n_produced: int
    missing: list[str]
    twice: list[str]
    invented: list[str]


def compare(
    engine: Engine, atlas: RehearsedAtlas, atlas_id: int, span: tuple[int, int], probe_ids: Collection[int]
) -> Verdict:
    """What these probes measured in [start, end) and we lack, hold twice, or hold though it was never produced."""
    start, end = span
    ours = held(engine, atlas_id)
    asked = {"probe_ids": ",".join(map(str, probe_ids))}
    theirs = set(atlas.ledger(atlas_id, **{"from": start, "to": end - 1, **asked}))
    strange = ours.keys() - theirs
    if strange:  # measured later, or before: the stream brings what is stored now
        earliest = min(_measured_at(one) for one in strange)
        strange -= set(atlas.ledger(atlas_id, **{"from": min(start, earliest) - DAY, **asked}))
    return Verdict(
        len(theirs),
        sorted(theirs - ours.keys()),
        [one for one, count in ours.items() if count > 1],
        sorted(strange),
    )


def _measured_at(name: str) -> int:
    return int(name.split(",")[2])
