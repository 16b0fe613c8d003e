"""Keeps the hourly bins equal to what their samples say."""

import struct
from array import array
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, bindparam, delete

from app.store import tables
from app.store.bulk import Row, replace_rows, stage_rows
from measurements.series.bins import BIN_S, Bin, bin_of, merge, pack_rtts, unpack_rtts
from measurements.series.sample import Sample

COLUMNS = (
    "series_id", "bin_at", "probe_id", "n_results", "n_sent", "n_received", "n_success", "rtt_min_ms",
    "rtt_median_ms", "hop_counts", "instances", "rtts",
)  # fmt: skip
_DOUBLE = struct.Struct("<d").unpack_from
_NO_RTTS: "array[float]" = array("d")


class BinKey(NamedTuple):
    """Which bin: a series, the start of an hour, a probe."""

    series_id: int
    bin_at: int
    probe_id: int


def merge_samples(connection: Connection, rows: Sequence[Row]) -> None:
    """Bring the bins up to date with samples that were not in them before; `rows` as in `samples.COLUMNS`."""
    grouped: dict[BinKey, list[Row]] = {}
    for row in rows:
        key = BinKey(row[0], row[2] - row[2] % BIN_S, row[1])
        grouped.setdefault(key, []).append(row)
    held = _held(connection, list(grouped))
    merged = [_merged(key, group, held.get(key)) for key, group in grouped.items()]
    replace_rows(connection, tables.bins, COLUMNS, merged)


def _merged(key: BinKey, rows: Sequence[Row], held: Bin | None) -> Row:
    if held:
        return _pack(key, merge(held, _bin_of_rows(rows)))
    if len(rows) == 1 and rows[0][9] is None and rows[0][10] is None:
        return _of_one(key, rows[0])
    return _pack(key, _bin_of_rows(rows))


def _of_one(key: BinKey, row: Row) -> Row:
    """The bin of a single sample without hop count or instance, taken over as it is packed: most new bins are one."""
    rtts = row[8]
    n = len(rtts) // 8 if rtts else 0
    if not n:
        return (*key, 1, row[5], row[6], row[7], None, None, None, None, None)
    low, high = _DOUBLE(rtts, (n - 1) // 2 * 8)[0], _DOUBLE(rtts, n // 2 * 8)[0]
    median = low if n % 2 else (low + high) / 2
    return (*key, 1, row[5], row[6], row[7], _DOUBLE(rtts)[0], median, None, None, rtts)


def rebuild(connection: Connection, keys: Iterable[BinKey]) -> None:
    """Make bins anew from their samples, late ones included; a bin without samples goes."""
    grouped: dict[BinKey, list[Row]] = {key: [] for key in sorted(keys)}
    staged = stage_rows(connection, "staged_bin_keys", "bins", BinKey._fields, list(grouped))
    found = connection.exec_driver_sql(
        # CROSS: read the short side first
        f"SELECT staged.bin_at, samples.* FROM {staged} AS staged CROSS JOIN samples "
        "WHERE samples.series_id = staged.series_id AND samples.probe_id = staged.probe_id "
        f"AND samples.measured_at >= staged.bin_at AND samples.measured_at < staged.bin_at + {BIN_S}"
    )
    for bin_at, *row in found:
        grouped[BinKey(row[0], bin_at, row[1])].append(tuple(row))
    packed = [_pack(key, _bin_of_rows(rows)) for key, rows in grouped.items() if rows]
    replace_rows(connection, tables.bins, COLUMNS, packed)
    _remove(connection, [key for key, rows in grouped.items() if not rows])


def _remove(connection: Connection, keys: Sequence[BinKey]) -> None:
    if keys:
        bins = tables.bins
        named = [bins.c[name] == bindparam(name) for name in BinKey._fields]
        connection.execute(delete(bins).where(*named), [key._asdict() for key in keys])


def _held(connection: Connection, keys: Sequence[BinKey]) -> dict[BinKey, Bin]:
    staged = stage_rows(connection, "staged_bin_keys", "bins", BinKey._fields, keys)
    names = ", ".join(f"held.{name}" for name in COLUMNS)
    found = connection.exec_driver_sql(
        f"SELECT {names} FROM {staged} AS staged CROSS JOIN bins AS held "
        "WHERE held.series_id = staged.series_id AND held.bin_at = staged.bin_at AND held.probe_id = staged.probe_id"
    )
    return {BinKey(*row[:3]): _unpack(row) for row in found}


def _bin_of_rows(rows: Sequence[Row]) -> Bin:
    return bin_of((row[3], _sample(row)) for row in rows)


def _sample(row: Row) -> Sample:
    _, _, _, _, ordinal, n_sent, n_received, n_success, rtts, hop_count, instance = row
    values: Any = unpack_rtts(rtts) if rtts else ()
    return Sample(ordinal, "", 0, "", n_sent, n_received, n_success, values, hop_count, instance)


def _pack(key: BinKey, content: Bin) -> Row:
    return (
        *key,
        content.n_results,
        content.n_sent,
        content.n_received,
        content.n_success,
        content.rtt_min_ms,
        content.rtt_median_ms,
        _json(content.hop_counts),
        _json(content.instances),
        pack_rtts(content.rtts_ms) if content.rtts_ms else None,
    )


def _unpack(row: Any) -> Bin:
    hop_counts = orjson.loads(row[9]) if row[9] else {}
    return Bin(
        row[3],
        row[4],
        row[5],
        row[6],
        unpack_rtts(row[11]) if row[11] else _NO_RTTS,
        {int(hop_count): n for hop_count, n in hop_counts.items()},
        orjson.loads(row[10]) if row[10] else {},
    )


def _json(counts: dict[Any, int]) -> str | None:
    if not counts:
        return None
    return orjson.dumps(counts, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS).decode()
