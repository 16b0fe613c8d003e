"""A database that holds results collected under an agreement beside public ones, and people who ask for them."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine

from app.files import find_recordings
from app.operations.batches import Source
from app.operations.follow_measurement import follow_measurement
from app.operations.ingest_probes import ingest_probes
from app.operations.key_secrets import make_key
from app.store.engine import writing
from app.store.keys import HeldKey, add_key, next_key_id
from app.store.people import add_person
from app.store.records import prepare
from app.store.series import SeriesNumbers
from measurements.agreements.parties import Party
from measurements.agreements.people import Role, Scope
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.agreeing import PROBES, Parties
from tests.collecting import PING
from tests.measurements.agreements.making import NOW, make_card

PUBLIC_ID = 1001
HELD_PROBES = range(9_100_001, 9_100_007)
PUBLIC_PROBES = range(9_100_011, 9_100_017)
KINDS: dict[str, tuple[Role, Party | None]] = {
    "reader": (Role.READER, Party.RIPE_NCC),
    "analyst": (Role.ANALYST, Party.RIPE_NCC),
    "representative": (Role.REPRESENTATIVE, Party.RIPE_NCC),
    "other_analyst": (Role.ANALYST, Party.TOJIKTELECOM),
    "other_representative": (Role.REPRESENTATIVE, Party.TOJIKTELECOM),
    "observer": (Role.ANALYST, None),
    "auditor": (Role.AUDITOR, None),
    "administrator": (Role.ADMINISTRATOR, None),
}


class Holding(NamedTuple):
    """What is held, and the keys of those who ask."""

    parties: Parties
    agreement_id: int
    atlas_id: int
    keys: dict[str, str]

    def headers(self, name: str | None) -> dict[str, str]:
        """What comes along with somebody's request."""
        return {"Authorization": f"Bearer {self.keys[name]}"} if name else {}


def hold(engine: Engine, folder: Path, **card: Any) -> Holding:
    """Six probes measured K-root for an hour under an agreement, and six others publicly; now it is a quarter past.

    One result of each kind is in quarantine: the one was measured before the agreement, the other can't be read.
    """
    parties = Parties(engine)
    agreement_id = parties.agree(make_card(**card))
    atlas_id = parties.atlas_id(parties.dispatched(agreement_id))
    assert atlas_id is not None
    path = folder / "probes.json"
    path.write_text(json.dumps(PROBES), "utf-8")
    ingest_probes(
        parties.transaction, find_recordings([str(path)]), label=Label.REHEARSED, clock=parties.clock,
        observed_at=NOW - 30 * DAY_S,
    )  # fmt: skip
    _write(engine, [_ping(atlas_id, probe_id, NOW + 60 * n) for probe_id in HELD_PROBES for n in range(3)])
    _write(engine, [_ping(PUBLIC_ID, probe_id, NOW + 60 * n) for probe_id in PUBLIC_PROBES for n in range(3)])
    _write(engine, [_ping(atlas_id, HELD_PROBES[0], NOW - 30 * DAY_S), _ping(PUBLIC_ID, PUBLIC_PROBES[0], NOW, af=5)])
    follow_measurement(
        parties.transaction, parties.atlas, parties.clock, atlas_id=atlas_id, label=Label.REHEARSED, origin="rehearsal"
    )
    parties.clock.advance(4_500)
    return Holding(parties, agreement_id, atlas_id, _keys(engine, parties.now))


def _ping(atlas_id: int, probe_id: int, at: int, **more: Any) -> bytes:
    place = {"msm_id": atlas_id, "prb_id": probe_id, "timestamp": at, "stored_timestamp": at + 5}
    return json.dumps(PING | place | more).encode()


def _write(engine: Engine, bodies: Iterable[bytes]) -> None:
    records = [prepare(body, Label.REHEARSED) for body in bodies]
    with writing(engine) as connection:
        Source(kind="atlas", name="test").write(connection, records, NOW + 600, SeriesNumbers())


def _keys(engine: Engine, now_at: int) -> dict[str, str]:
    """Of somebody of each kind, good for everything."""
    made = {}
    with writing(engine) as connection:
        for name, (role, party) in KINDS.items():
            person = add_person(connection, name=name, contact="-", party=party, role=role, added_at=now_at)
            key_id = next_key_id(connection)
            secret = make_key(key_id)
            held = HeldKey(
                key_id=key_id, person_id=person.person_id, name="test", prefix=secret.prefix, digest=secret.digest,
                scopes=frozenset(Scope), issued_at=now_at, expires_at=now_at + 90 * DAY_S, last_used_at=None,
                revoked_at=None,
            )  # fmt: skip
            add_key(connection, held)
            made[name] = secret.key
    return made
