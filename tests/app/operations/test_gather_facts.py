"""The facts that alerts come from, as the database and the folders have them; and what a worker notes of itself."""

import os
from pathlib import Path

from sqlalchemy import Engine

from app.operations.collect_measurement import poll
from app.operations.gather_facts import NEVER_S, Times, gather_facts, is_alive, is_connected, stream_down_s
from app.operations.note_vital_signs import BEAT_S, VitalSigns
from app.operations.write_checkpoint import write_checkpoint
from app.settings import Settings
from app.store import ticks
from app.store.dispatches import note
from app.store.engine import reading, transactions, writing
from app.store.vital_signs import Sign, find_signs
from measurements.atlas.memory import MemoryAtlas
from measurements.campaigns.alerts import Facts, InCountry
from measurements.results.outcome import Label
from measurements.units import DAY_S, HOUR_S, seconds
from tests.agreeing import Parties
from tests.clocks import ManualClock
from tests.collecting import BUILT_IN, Bench, know, probe


def facts_of(engine: Engine, settings: Settings, now_at: int) -> Facts:
    with reading(engine) as connection:
        return gather_facts(connection, settings, Label.REHEARSED, Times(now_at, now_at))


def settings_of(url: str, folder: Path, **more: object) -> Settings:
    return Settings(database_url=url, data_dir=folder).model_copy(update=more)


def test_who_is_silent_by_measurement_and_by_country(database_url: str, engine: Engine, tmp_path: Path) -> None:
    """Three Tajik probes of which two fall silent, and a Kyrgyz one that reports."""
    bench = Bench(engine)
    known = [probe(n, country) for n, country in ((1, "TJ"), (2, "TJ"), (3, "TJ"), (4, "KG"))]
    know(bench, *known)
    bench.follow()
    for n in range(60):
        for probe_id in (1, 2, 3, 4):
            if n < 20 or probe_id in (3, 4):
                bench.report(probe_id, bench.now + n * 240)
    bench.pass_time(seconds=60 * 240)
    poll(bench.fetcher, bench.followed())
    settings = settings_of(database_url, tmp_path)

    facts = facts_of(engine, settings, bench.now)
    assert facts.countries == (InCountry("KG", 1, 0), InCountry("TJ", 3, 2))
    assert facts.silent == ()
    bench.pass_time(hours=3)
    facts = facts_of(engine, settings, bench.now)
    assert [(one.atlas_id, one.target, one.for_s) for one in facts.silent] == [(BUILT_IN, "k-root", 3 * HOUR_S + 240)]
    assert facts.countries == (InCountry("KG", 1, 1), InCountry("TJ", 3, 3))


def test_a_task_counts_as_failing_when_it_failed_twice(database_url: str, engine: Engine, tmp_path: Path) -> None:
    """Of single measurements together, as far as they are still followed."""
    bench = Bench(engine)
    bench.follow()
    settings = settings_of(database_url, tmp_path)

    def finish(task: str, before_s: int, failure: str | None) -> None:
        due_at = bench.now - before_s
        with writing(engine) as connection:
            ticks.claim(connection, task, due_at, worker="a", now_at=due_at, lease_s=60)
            ticks.finish(connection, task, due_at, worker="a", now_at=due_at, failure=failure)

    for task in (f"rehearsed poll {BUILT_IN}", "rehearsed poll 77", "rehearsed seal"):
        finish(task, 1200, "502")
    assert facts_of(engine, settings, bench.now).failed == ()
    for task in (f"rehearsed poll {BUILT_IN}", "rehearsed poll 77", "rehearsed seal"):
        finish(task, 600, "503")
    assert facts_of(engine, settings, bench.now).failed == (("rehearsed poll", "503"), ("rehearsed seal", "503"))
    finish("rehearsed seal", 0, None)
    assert facts_of(engine, settings, bench.now).failed == (("rehearsed poll", "503"),)


def test_dispatches_that_wait_for_a_person_or_are_refused(parties: Parties, database_url: str, tmp_path: Path) -> None:
    settings = settings_of(database_url, tmp_path)
    agreement_id = parties.agree()
    lost, _ = parties.intend(agreement_id)
    with writing(parties.engine) as connection:
        note(connection, lost, sent_at=parties.now)
    running = parties.dispatched(agreement_id)

    facts = facts_of(parties.engine, settings, parties.now)

    assert facts.waiting == ((lost, agreement_id, parties.now),)
    assert facts.refused == ()
    assert facts.credits is None
    with writing(parties.engine) as connection:
        from_decision = connection.exec_driver_sql(
            "INSERT INTO decisions SELECT id + 100, dispatch_id, intent_digest, digest, "  # noqa: S608 - a number of ours
            f"{'0' if parties.engine.dialect.name == 'sqlite' else 'false'}, 'suspended', decided_at "
            f"FROM decisions WHERE dispatch_id = {running} AND id = "
            f"(SELECT max(id) FROM decisions WHERE dispatch_id = {running})"
        )
    assert from_decision.rowcount == 1
    [refused] = facts_of(parties.engine, settings, parties.now).refused
    assert (refused.dispatch_id, refused.agreement_id) == (running, agreement_id)


def test_how_old_backups_and_checkpoints_are(parties: Parties, database_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    settings = settings_of(database_url, tmp_path, backup_folder=folder)
    first_at = parties.now
    parties.clock.advance(DAY_S)
    assert facts_of(parties.engine, settings, parties.now).backup_age_s == NEVER_S
    assert facts_of(parties.engine, settings, parties.now).checkpoint_age_s == parties.now - first_at
    folder.mkdir()
    (folder / "rasad-1.backup").touch()
    os.utime(folder / "rasad-1.backup", (parties.now - 50, parties.now - 50))
    with reading(parties.engine) as connection:
        write_checkpoint(connection, settings.audit_key_file, settings.checkpoints_file, parties.now - 70, lambda: None)
    facts = facts_of(parties.engine, settings, parties.now)
    assert (facts.backup_age_s, facts.checkpoint_age_s) == (50, 70)
    rehearsing = settings.model_copy(update={"atlas_is_rehearsal": True})
    assert facts_of(parties.engine, rehearsing, parties.now).backup_age_s is None


class _Stream:
    """As a stream counts."""

    n_dropped = 0
    n_reconnects = 2
    is_connected = True

    def take(self, wait_s: float) -> bytes | None:
        del wait_s
        return None

    def follow(self, subscriptions: object) -> None:
        """As if it cared."""

    def close(self) -> None:
        """There is nothing to end."""


def test_what_a_worker_notes_of_itself(engine: Engine) -> None:
    """That it lives, at most every half minute; how its stream is, counted over its connections; that it has ended."""
    clock, stream = ManualClock(), _Stream()
    vital = VitalSigns(transaction=transactions(engine), clock=clock, label=Label.REHEARSED, worker="a")

    def noted() -> dict[Sign, tuple[int, int]]:
        with reading(engine) as connection:
            signs = find_signs(connection, Label.REHEARSED)
        here_at = seconds(clock.now())
        states.append((is_alive(signs, here_at), is_connected(signs, here_at), stream_down_s(signs, here_at)))
        return {one.sign: (one.value, one.noted_at) for one in signs}

    states: list[tuple[bool, bool, int | None]] = []
    began = seconds(clock.now())
    vital.beat()
    clock.advance(BEAT_S - 1)
    vital.beat()
    assert noted()[Sign.ALIVE] == (1, began)
    clock.advance(1)
    vital.beat()
    vital.stream_begins()
    assert noted()[Sign.ALIVE] == (1, began + BEAT_S)
    vital.stream(stream)
    stream.n_reconnects, stream.n_dropped = 5, 7
    vital.stream(stream)
    assert noted()[Sign.STREAM_RECONNECTS][0] == 5
    vital.stream_begins()
    stream = _Stream()
    stream.n_dropped, stream.is_connected = 1, False
    clock.advance(HOUR_S)
    vital.stream(stream)
    assert noted()[Sign.STREAM_DROPPED][0] == 7 + 1
    vital.end()
    noted()
    assert states == [
        (True, False, None), (True, False, None), (True, True, None), (False, False, HOUR_S), (False, False, HOUR_S),
    ]  # fmt: skip


def test_credits_are_read_and_kept(engine: Engine) -> None:
    clock = ManualClock()
    vital = VitalSigns(transaction=transactions(engine), clock=clock, label=Label.REHEARSED, worker="a")
    atlas = MemoryAtlas(clock)
    vital.credits(atlas)
    with reading(engine) as connection:
        held = {one.sign: one.value for one in find_signs(connection, Label.REHEARSED)}
    assert held == {Sign.BALANCE: atlas.credits().balance, Sign.SPENT_PAST_DAY: 0}
