"""An Atlas in memory, a clock and a database, and a collector between them."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, text

from app.operations.fetch_window import Fetcher
from app.operations.follow_measurement import follow_measurement
from app.operations.prepare_records import Preparer
from app.operations.refresh_probes import refresh_probes
from app.store.engine import reading, transactions
from app.store.followed import Followed, find_followed
from measurements.atlas.memory import MemoryAtlas
from measurements.results.outcome import Label
from measurements.units import seconds
from tests.clocks import ManualClock

BUILT_IN = 1001
PING: dict[str, Any] = {
    "fw": 5080, "lts": 3, "type": "ping", "af": 4, "dst_name": "193.0.14.129", "dst_addr": "193.0.14.129",
    "src_addr": "10.0.0.2", "from": "198.51.100.7", "proto": "ICMP", "size": 64, "ttl": 57, "step": 240, "sent": 1,
    "rcvd": 1, "dup": 0, "min": 5.0, "max": 5.0, "avg": 5.0, "result": [{"rtt": 5.0}],
}  # fmt: skip


class Bench:
    """An Atlas, a clock and a database, and a collector between them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = ManualClock()
        self.atlas = MemoryAtlas(self.clock)
        self.atlas.know_built_in(
            {"id": BUILT_IN, "type": "ping", "af": 4, "target": "k.root-servers.net", "interval": 240, "start_time": 0,
             "is_oneoff": False, "status": {"id": 2, "name": "Ongoing"}, "stop_time": None}
        )  # fmt: skip
        self.fetcher = self.fetcher_of(self.atlas)

    def fetcher_of(self, atlas: MemoryAtlas) -> Fetcher:
        """A fetcher from some other Atlas."""
        return Fetcher(
            transaction=transactions(self.engine), atlas=atlas, clock=self.clock, preparer=Preparer(1),
            label=Label.REHEARSED, origin="http://atlas.example",
        )  # fmt: skip

    @property
    def now(self) -> int:
        return seconds(self.clock.now())

    def follow(self, atlas_id: int = BUILT_IN) -> None:
        follow_measurement(
            transactions(self.engine), self.atlas, self.clock, atlas_id=atlas_id, label=Label.REHEARSED,
            origin="http://atlas.example",
        )  # fmt: skip

    def followed(self, atlas_id: int = BUILT_IN) -> Followed:
        with reading(self.engine) as connection:
            found = find_followed(connection, Label.REHEARSED, atlas_id)
        assert found
        return found

    def report(self, probe_id: int, at: int, *, late: int = 60) -> None:
        self.atlas.hand_in(BUILT_IN, probe_id, at, stored_at=at + late, **PING)

    def held(self) -> list[tuple[int, int]]:
        with reading(self.engine) as connection:
            rows = connection.execute(text("SELECT probe_id, measured_at FROM results ORDER BY 1, 2"))
            return [(row[0], row[1]) for row in rows]

    def pass_time(self, **duration: float) -> None:
        self.clock.advance(timedelta(**duration).total_seconds())


def probe(probe_id: int, country: str | None, **more: object) -> dict[str, object]:
    return {"id": probe_id, "type": "Probe", "country_code": country, "asn_v4": 65_000, "is_anchor": False, **more}


def know(bench: Bench, *probes: dict[str, object]) -> None:
    bench.atlas.know_probes(*probes)
    refresh_probes(
        transactions(bench.engine), bench.atlas, bench.clock, label=Label.MEASURED, origin="http://atlas.example",
        probe_ids=[int(str(one["id"])) for one in probes],
    )  # fmt: skip


def follow(bench: Bench, probe_ids: Collection[int] | None, atlas_id: int = BUILT_IN) -> None:
    follow_measurement(
        transactions(bench.engine), bench.atlas, bench.clock, atlas_id=atlas_id, label=Label.MEASURED,
        origin="http://atlas.example", probe_ids=probe_ids,
    )  # fmt: skip
