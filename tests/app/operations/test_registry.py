"""What is Tajik: asked of RIPEstat, all of it or none; taken in from files; and looked up."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.files import find_recordings
from app.operations.ingest_registry import RegistryReport, ingest_registry
from app.operations.refresh_registry import NoData, Refreshed, refresh_registry
from app.operations.show_registry import show_registry
from app.store.engine import reading, transactions
from app.store.find_registry import find_known, find_registry
from measurements.results.outcome import Label
from measurements.ripestat.failures import RipestatFailure, ServerFailed, TimedOut
from measurements.ripestat.memory import MemoryRipestat
from measurements.ripestat.told import Said
from measurements.units import DAY_S, seconds
from tests.clocks import ManualClock
from tests.measurements.ripestat.envelopes import announced, country, envelope
from tests.measurements.ripestat.serving import COUNTRY, PREFIXES, knowing


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def ripestat(clock: ManualClock) -> MemoryRipestat:
    return knowing(clock)


def refresh(engine: Engine, ripestat: MemoryRipestat, clock: ManualClock, label: Label = Label.MEASURED) -> Refreshed:
    return refresh_registry(transactions(engine), ripestat, clock, label=label, origin="https://stat.example")


def held(engine: Engine, at: int) -> list[str]:
    """Every listing that counts at an instant, written out."""
    with reading(engine) as connection:
        return sorted(
            f"{one.about} {sorted(one.facts)} {one.observed_at}" for one in find_known(connection, at).listings
        )


def test_a_refresh_makes_a_registry(engine: Engine, ripestat: MemoryRipestat, clock: ManualClock) -> None:
    refreshed = refresh(engine, ripestat, clock)

    with reading(engine) as connection:
        registry = find_registry(connection, seconds(clock.now()))
        rows = connection.execute(text("SELECT DISTINCT source, data_class, label FROM registry_listings")).all()
    assert refreshed.figures() == {
        "n_networks": 3, "n_prefixes": 3, "n_originated": 4, "new": 5, "changed": 0, "unchanged": 0,
    }  # fmt: skip
    assert registry is not None
    assert set(registry.asns) == {64500, 64501, 4200000001}
    assert [registry.holds(address) for address in ("203.0.113.1", "192.0.2.1", "203.0.113.129")] == [True, True, False]
    assert registry.origin_of("198.51.100.200") == 64501
    assert [tuple(row) for row in rows] == [("https://stat.example", "public", "measured")]


def test_the_next_day_says_what_changed(engine: Engine, ripestat: MemoryRipestat, clock: ManualClock) -> None:
    refresh(engine, ripestat, clock)
    clock.advance(DAY_S)
    ripestat.know_announced(64501, ("192.0.2.0/25",))

    refreshed = refresh(engine, ripestat, clock)

    assert refreshed.written._asdict() == {"n_new": 0, "n_changed": 1, "n_unchanged": 4}
    with reading(engine) as connection:
        registry = find_registry(connection, seconds(clock.now()))
        before = find_registry(connection, seconds(clock.now()) - 1)
    assert registry is not None
    assert before is not None
    assert (before.holds("192.0.2.200"), registry.holds("192.0.2.200")) == (True, False)


@pytest.mark.parametrize("n_answered", [0, 1, 2, 3])
@pytest.mark.parametrize("failure", [TimedOut("too late"), ServerFailed("maintenance", status=200)])
def test_a_refresh_that_breaks_off_changes_nothing(
    engine: Engine, ripestat: MemoryRipestat, clock: ManualClock, n_answered: int, failure: RipestatFailure
) -> None:
    """Whichever of the four questions is not answered."""
    refresh(engine, ripestat, clock)
    before = held(engine, seconds(clock.now()))
    clock.advance(DAY_S)
    ripestat.know_country(COUNTRY, [*PREFIXES, "10.0.0.0/8"], [64500, 64501, 64502], since_at=1)
    ripestat.know_announced(64500, ())
    if n_answered == 0:
        ripestat.fail_next("country_resources", failure)

    def break_off() -> None:
        answers.append(1)
        if len(answers) == n_answered:
            ripestat.fail_next("announced_prefixes", failure)

    answers: list[int] = []
    with pytest.raises(type(failure)):
        refresh_registry(transactions(engine), ripestat, clock, label=Label.MEASURED, origin="x", on_answer=break_off)

    assert len(answers) == n_answered
    assert held(engine, seconds(clock.now())) == before


@pytest.mark.parametrize(
    ("prefixes", "asns"),
    [((), ()), (PREFIXES, ()), (("198.51.100.0/24",), (64500,)), (("2001:db8::/32",), (64500,))],
)
def test_no_data_replaces_nothing(
    engine: Engine, ripestat: MemoryRipestat, clock: ManualClock, prefixes: tuple[str, ...], asns: tuple[int, ...]
) -> None:
    """RIPEstat answers that all is well, and has no list: nobody has become less Tajik by that."""
    refresh(engine, ripestat, clock)
    before = held(engine, seconds(clock.now()))
    ripestat.know_country(COUNTRY, prefixes, asns, since_at=1)

    with pytest.raises(NoData, match="what is held stays"):
        refresh(engine, ripestat, clock)

    assert held(engine, seconds(clock.now())) == before


def take_in(engine: Engine, path: Path, *documents: Any, **said: Any) -> RegistryReport:
    """Write documents into a file, one per line, and take it in."""
    path.write_text("\n".join(map(json.dumps, documents)))
    return ingest_registry(
        transactions(engine), find_recordings([str(path)]), label=Label.MEASURED, clock=ManualClock(), said=Said(**said)
    )


def test_files_make_a_registry_as_answers_do(engine: Engine, tmp_path: Path) -> None:
    """In any order, and again without anything new."""
    first = take_in(engine, tmp_path / "a.json", announced("192.0.2.0/24"))
    second = take_in(engine, tmp_path / "b.json", country(), country="TJ")
    again = take_in(engine, tmp_path / "b.json", country(), country="TJ")

    assert (first.read, first.new, second.read, second.new) == (1, 1, 2, 2)
    assert (again.new, again.changed, again.unchanged, again.refused) == (0, 0, 2, {})
    assert second.by_kind == {"registered_prefix": 2, "asn": 1}
    with reading(engine) as connection:
        registry = find_registry(connection, seconds(ManualClock().now()))
    assert registry is not None
    assert registry.holds("192.0.2.1")


def test_a_file_goes_in_whole_or_not_at_all(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "mixed.json"

    report = take_in(engine, path, announced("192.0.2.0/24"), envelope("whois", {}))

    assert (report.read, list(report.refused)) == (0, [str(path)])
    assert "whois does not list what is Tajik" in report.refused[str(path)]
    assert held(engine, 10**10) == []


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (country(), "--country TJ"),
        (envelope("announced-prefixes", {}, status="error", status_code=400), "400"),
        (announced("192.0.2.1/24"), "is no prefix"),
        ({"hello": "world"}, "none of them"),
        (envelope("announced-prefixes", {"prefixes": [], "resource": "1", "query_endtime": "2031-01-01T00:00:00"}),
         "has not come yet"),
    ],
)  # fmt: skip
def test_a_file_is_refused_with_its_reason(engine: Engine, tmp_path: Path, document: Any, reason: str) -> None:
    path = tmp_path / "file.json"

    assert reason in take_in(engine, path, document).refused[str(path)]


def test_what_is_no_json_is_refused_too(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text("{")
    recordings = find_recordings([str(path)])

    report = ingest_registry(transactions(engine), recordings, label=Label.MEASURED, clock=ManualClock(), said=Said())

    assert "neither JSON" in report.refused[str(path)]


def test_a_partial_list_is_counted_as_such(engine: Engine, tmp_path: Path) -> None:
    report = take_in(engine, tmp_path / "a.json", country(ipv6=[]), country="TJ")

    assert (report.read, report.partial) == (2, 1)


def test_a_warning_of_ripestat_is_heard(engine: Engine, tmp_path: Path) -> None:
    report = take_in(engine, tmp_path / "a.json", announced() | {"messages": [["warning", "old data"]]})

    assert list(report.warnings) == ["warning: old data"]


def test_what_is_shown_says_by_which_fact_and_since_when(
    engine: Engine, ripestat: MemoryRipestat, clock: ManualClock
) -> None:
    refresh(engine, ripestat, clock)
    clock.advance(DAY_S)
    ripestat.know_announced(64501, ("192.0.2.0/24", "198.51.100.128/25", "198.51.100.0/24"))
    refresh(engine, ripestat, clock)

    with reading(engine) as connection:
        answer = show_registry(connection, "198.51.100.1", seconds(clock.now()), Label.MEASURED)
        unknown = show_registry(connection, "AS64999", seconds(clock.now()), Label.REHEARSED)

    today, yesterday = "2026-11-25", "2026-11-24"
    assert answer["is_tajik"] is True
    assert [
        (fact["kind"], fact["value"], fact["origin_asn"], fact["since_at"][:10], fact["observed_at"][:10])
        for fact in answer["facts"]
    ] == [
        ("registered_prefix", "198.51.100.0/24", None, yesterday, today),
        ("originated_prefix", "198.51.100.0/24", 64500, yesterday, today),
        ("originated_prefix", "198.51.100.0/24", 64501, today, today),
    ]
    assert answer["registry"] == {"is_complete": True, "observed_at": "2026-11-25T00:00:00Z", "missing": []}
    assert (unknown["is_tajik"], unknown["registry"]["is_complete"]) == (None, False)
