"""The obvious script: what an engineer writes in an afternoon to ask recorded results for time series.

json, `Result.get`, an ORM. A row per result with its text and what is asked most often; a row per packet, hop reply
or answer below it; `add_all` and a commit for every thousand results. No identity, no quarantine, no bins: a second
run would store everything twice, and every chart would have to group the packets again. A script of its own, run in
a process of its own, that imports nothing of Rasad. Prints `{"n": …, "seconds": …}`, the seconds without start-up.
"""

import json
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from ripe.atlas.sagan import Result
from sqlalchemy import ForeignKey, Index, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

COMMIT_EVERY = 1_000
SILENTLY = {"on_error": Result.ACTION_IGNORE, "on_malformation": Result.ACTION_IGNORE}


class Base(DeclarativeBase):
    """The script's own tables."""


class Measured(Base):
    """One result."""

    __tablename__ = "results"
    __table_args__ = (Index("ix_results_msm_time", "msm_id", "timestamp"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    raw: Mapped[str]
    type: Mapped[str]
    msm_id: Mapped[int]
    prb_id: Mapped[int]
    timestamp: Mapped[int]
    af: Mapped[int | None]
    destination: Mapped[str | None]
    sent: Mapped[int | None] = mapped_column(default=None)
    received: Mapped[int | None] = mapped_column(default=None)
    rtt_min: Mapped[float | None] = mapped_column(default=None)
    rtt_median: Mapped[float | None] = mapped_column(default=None)
    rtt_max: Mapped[float | None] = mapped_column(default=None)
    hops: Mapped[int | None] = mapped_column(default=None)
    parts: Mapped[list["Part"]] = relationship(back_populates="result")


class Part(Base):
    """A packet of a ping, a reply of a hop, or an answer."""

    __tablename__ = "parts"

    id: Mapped[int] = mapped_column(primary_key=True)
    result_id: Mapped[int] = mapped_column(ForeignKey("results.id"), index=True)
    hop: Mapped[int | None] = mapped_column(default=None)
    origin: Mapped[str | None] = mapped_column(default=None)
    rtt: Mapped[float | None] = mapped_column(default=None)
    ttl: Mapped[int | None] = mapped_column(default=None)
    rcode: Mapped[str | None] = mapped_column(default=None)
    nsid: Mapped[str | None] = mapped_column(default=None)
    text: Mapped[str | None] = mapped_column(default=None)
    result: Mapped[Measured] = relationship(back_populates="parts")


def row_of(line: str) -> Measured:
    """One line of the file as rows."""
    record = json.loads(line)
    result = Result.get(record, **SILENTLY)
    row = Measured(
        raw=line,
        type=result.type,
        msm_id=result.measurement_id,
        prb_id=result.probe_id,
        timestamp=result.created_timestamp,
        af=record.get("af"),
        destination=record.get("dst_addr"),
    )
    FILLERS[result.type](row, result)
    return row


def fill_ping(row: Measured, result: Any) -> None:
    """Counters and statistics, and every packet."""
    row.sent, row.received = result.packets_sent, result.packets_received
    row.rtt_min, row.rtt_median, row.rtt_max = result.rtt_min, result.rtt_median, result.rtt_max
    row.parts = [Part(rtt=packet.rtt, ttl=packet.ttl) for packet in result.packets]


def fill_traceroute(row: Measured, result: Any) -> None:
    """How far it came, and every reply."""
    row.hops, row.rtt_median = result.total_hops, result.last_median_rtt
    row.parts = [
        Part(hop=hop.index, origin=packet.origin, rtt=packet.rtt, ttl=packet.ttl)
        for hop in result.hops
        for packet in hop.packets
    ]


def fill_dns(row: Measured, result: Any) -> None:
    """Every answer."""
    row.parts = [answer_of(response) for response in result.responses]


def answer_of(response: Any) -> Part:
    """How long it took, and what it said."""
    message = response.abuf
    part = Part(origin=response.destination_address, rtt=response.response_time)
    if message is not None and message.header is not None:
        part.rcode = message.header.return_code
        if message.edns0:
            part.nsid = next((str(option.nsid) for option in message.edns0.options if option.nsid), None)
        if message.answers:
            part.text = str(message.answers[0])
    return part


FILLERS = {"ping": fill_ping, "traceroute": fill_traceroute, "dns": fill_dns}


def store(lines: Iterator[str], database: Path) -> int:
    """Put all lines into a new SQLite file; gives how many."""
    engine = create_engine(f"sqlite:///{database}")
    Base.metadata.create_all(engine)
    n = 0
    with Session(engine) as session:
        while rows := [row_of(line) for line in islice(lines, COMMIT_EVERY)]:
            session.add_all(rows)
            session.commit()
            n += len(rows)
    engine.dispose()
    return n


def main() -> None:
    """Store the file named first in the database named second."""
    recording, database = map(Path, sys.argv[1:3])
    started = time.perf_counter()
    with recording.open(encoding="utf-8") as lines:
        n = store(lines, database)
    print(json.dumps({"n": n, "seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main()
