"""Histories of deliveries for property tests: results in other words, in conflict, cut off, twice, from two sources."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

from measurements.results.outcome import DataClass
from tests.records import laboratory, shifted

Record = dict[str, Any]
SOURCES = ("dump", "stream")
CLASSES = (DataClass.PUBLIC, DataClass.PUBLIC, DataClass.AGREED_COLLECTION, DataClass.PARTY_PROVIDED)
CUTS = (None, None, None, None, None, None, 200)
"""Now and then only the beginning arrives."""


class Delivery(NamedTuple):
    """One record as one source delivered it, and as what it may be held."""

    source: str
    body: bytes
    data_class: DataClass


def _bases() -> list[Record]:
    """Results of every type that share hours and series, of two rounds and in two hours."""
    kinds: dict[tuple[object, ...], Record] = {}
    for body in laboratory():
        record = json.loads(body)
        shape = (record["type"], "resultset" in record, "error" in record, record.get("rcvd") == 0)
        kinds.setdefault((*shape, len(kinds) % 2), record)
    chosen = list(kinds.values())
    return [json.loads(shifted(json.dumps(record).encode(), late_s)) for record in chosen for late_s in (0, 20, 3600)]


def _stored_later(record: Record) -> Record:
    return {**record, "stored_timestamp": record["timestamp"] + 9_000}


def _stored_earlier(record: Record) -> Record:
    return {**record, "stored_timestamp": record["timestamp"] - 5}


def _never_stored(record: Record) -> Record:
    return {key: value for key, value in record.items() if key != "stored_timestamp"}


def _enriched(record: Record) -> Record:
    return {**record, "asn_v4": 64500, "country_code": "ZZ"}


def _reordered(record: Record) -> Record:
    return dict(reversed(record.items()))


def _from_elsewhere(record: Record) -> Record:
    return {**record, "from": "192.0.2.99"}


def _to_elsewhere(record: Record) -> Record:
    return {**record, "dst_addr": "192.0.2.98", "dst_name": "192.0.2.98", "af": 4}


def _unsupported(record: Record) -> Record:
    return {**record, "type": "sslcert"}


def _of_no_probe(record: Record) -> Record:
    return {**record, "prb_id": "unknown"}


DELIVERED_OTHERWISE: tuple[Callable[[Record], Record], ...] = (
    lambda record: record,
    _stored_later,
    _stored_earlier,
    _never_stored,
    _enriched,
    _reordered,
)
"""The same result in other words."""
SAYING_OTHERWISE: tuple[Callable[[Record], Record], ...] = (
    lambda record: record,
    lambda record: record,
    _from_elsewhere,
    _to_elsewhere,
    _unsupported,
    _of_no_probe,
)
"""Another record under the same key, or one that cannot be used."""

_BASES = _bases()


def _deliveries(bases: list[Record]) -> st.SearchStrategy[Delivery]:
    bodies = st.builds(
        lambda base, saying, delivered, cut: json.dumps(delivered(saying(base))).encode()[:cut],
        st.sampled_from(bases),
        st.sampled_from(SAYING_OTHERWISE),
        st.sampled_from(DELIVERED_OTHERWISE),
        st.sampled_from(CUTS),
    )
    return st.builds(Delivery, st.sampled_from(SOURCES), bodies, st.sampled_from(CLASSES))


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Delivery], list[list[Delivery]]]:
    """What was delivered about a few results, in order and once; and the same shuffled, partly twice, in batches."""
    bases = draw(st.lists(st.sampled_from(_BASES), min_size=1, max_size=4))
    delivered = draw(st.lists(_deliveries(bases), min_size=1, max_size=20))
    again = draw(st.lists(st.sampled_from(delivered), max_size=8))
    shuffled = draw(st.permutations(delivered + again))
    cuts = sorted(draw(st.lists(st.integers(0, len(shuffled)), max_size=5)))
    batches = [shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]
    return delivered, [batch for batch in batches if batch]
