"""The figures of ingest: against stock Sagan, against the obvious script, and the memory it takes."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from app.store.migrate import upgrade
from tests.bench.figures import Figure, say
from tests.bench.stages import stages, told
from tests.ingesting import command, environment, rasad, write_lines
from tests.memory import peak_mb
from tests.postgresql import Server, running_server
from tests.records import SEED, draw, laps, source

HERE = Path(__file__).parent
N_RECORDS = 100_000
N_ROUNDS = 3
GIGABYTE = 1_000_000_000
LIKE_A_REAL_SERVER: dict[str, str] = {}
"""Nothing switched off: what PostgreSQL does by itself, every commit on the disk."""
SAGAN, OBVIOUS, ON_SQLITE, ON_POSTGRESQL = "stock Sagan", "obvious script", "Rasad, SQLite", "Rasad, PostgreSQL"
LEAN = "stock Sagan, orjson"
"""For comparison: Sagan with the fastest JSON reader instead of Python's own."""
RATIOS = {
    "ingest_sqlite_vs_sagan": (ON_SQLITE, SAGAN),
    "ingest_vs_obvious": (ON_SQLITE, OBVIOUS),
    "ingest_postgresql_vs_sagan": (ON_POSTGRESQL, SAGAN),
}
"""Whose rate is set over whose."""
_numbers = count(1)

Measure = Callable[[], float]
"""Does the work once; gives its rate, records per second."""


class Contender(NamedTuple):
    """Something that reads the sample, and how fast it was each time."""

    name: str
    measure: Measure
    rates: list[float]


def speed(
    folder: Path, wanted: AbstractSet[str], n_records: int = N_RECORDS, n_rounds: int = N_ROUNDS
) -> dict[str, Figure]:
    """The three ratios, all contenders taking turns in one run; medians of their rates."""
    sample = write_lines(folder / "sample.ndjson", draw(n_records))
    say(f"{n_records:,} records drawn from {source()} with seed {SEED}; {n_rounds} rounds")
    with running_server(LIKE_A_REAL_SERVER) as server:
        contenders = _contenders(sample, folder, server, wanted)
        for number in range(1, n_rounds + 1):
            for contender in (
                contenders[number - 1 :] + contenders[: number - 1]
            ):  # nobody always comes after the same one
                contender.rates.append(contender.measure())
                say(f"  round {number}: {contender.name:22} {contender.rates[-1]:8,.0f} records/s")
    rates = {contender.name: contender.rates for contender in contenders}
    where = told(stages(sample, folder))
    say(f"  {where}")
    return {name: _ratio(rates, *pair, where) for name, pair in RATIOS.items() if name in wanted}


def _contenders(sample: Path, folder: Path, server: Server, wanted: AbstractSet[str]) -> list[Contender]:
    measures: dict[str, Measure] = {
        SAGAN: lambda: _script(HERE / "stock_sagan.py", sample),
        LEAN: lambda: _script(HERE / "stock_sagan.py", sample, "orjson"),
        ON_SQLITE: lambda: _rasad(_new_sqlite(folder), sample),
        ON_POSTGRESQL: lambda: _rasad(_new_postgresql(server), sample),
        OBVIOUS: lambda: _script(HERE / "obvious_script.py", sample, _new_file(folder)),
    }
    names = {LEAN, *(name for figure in wanted & RATIOS.keys() for name in RATIOS[figure])}
    return [Contender(name, measure, []) for name, measure in measures.items() if name in names]


def _ratio(rates: dict[str, list[float]], ours: str, theirs: str, where: str) -> Figure:
    return Figure(
        value=statistics.median(rates[ours]) / statistics.median(rates[theirs]),
        cause=where,
        detail={name: [round(rate) for rate in rates[name]] for name in (ours, theirs, LEAN)},
    )


def _script(script: Path, *arguments: Path | str) -> float:
    done = subprocess.run([sys.executable, script, *arguments], check=True, capture_output=True)
    return _rate(json.loads(done.stdout))


def _rasad(url: str, sample: Path) -> float:
    """From outside, less what starting and ending take with nothing to do: what is put off to the end counts too."""
    nothing = sample.with_name("nothing.ndjson")
    nothing.touch()
    _, idle_s = _timed(url, nothing)
    answer, seconds = _timed(url, sample)
    assert answer["read"] == answer["kept"] > 0, answer
    return _rate({"n": answer["read"], "seconds": seconds - idle_s})


def _timed(url: str, sample: Path) -> tuple[dict[str, Any], float]:
    started = time.perf_counter()
    answer = rasad(url, "ingest", sample)
    return answer, time.perf_counter() - started


def _rate(done: dict[str, Any]) -> float:
    return float(done["n"]) / float(done["seconds"])


def _new_file(folder: Path) -> Path:
    return folder / f"{next(_numbers)}.db"


def _new_sqlite(folder: Path) -> str:
    url = f"sqlite:///{_new_file(folder)}"
    upgrade(url)
    return url


def _new_postgresql(server: Server) -> str:
    name = f"bench_{next(_numbers)}"
    with psycopg.connect(server.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    upgrade(server.url(name))
    return server.url(name)


def memory(folder: Path, n_bytes: int = GIGABYTE) -> dict[str, Figure]:
    """The peak of all processes of an ingest of one file of so many bytes."""
    say(f"writing a file of {n_bytes / 1e9:g} GB")
    with _large(folder / "large.ndjson", n_bytes) as recording:
        say("ingesting it")
        ingest = command("ingest", recording, "--json")
        with subprocess.Popen(ingest, env=environment(_new_sqlite(folder)), stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            peak = peak_mb(process)
            answer = json.loads(process.stdout.read())
        size = recording.stat().st_size
    say(f"  {answer['read']:,} records in {answer['seconds']:.0f} s, at most {peak:.0f} MB")
    detail = {"bytes": size, "records": answer["read"], "seconds": answer["seconds"]}
    cause = "proportional set sizes of all processes of the ingest, database cache included"
    return {"ingest_peak_mb": Figure(value=peak, cause=cause, detail=detail)}


@contextmanager
def _large(path: Path, n_bytes: int) -> Iterator[Path]:
    written = 0
    with path.open("wb") as file:
        for body in laps(draw(N_RECORDS)):
            written += file.write(body + b"\n")
            if written >= n_bytes:
                break
    try:
        yield path
    finally:
        path.unlink()
