"""Results: everything of a measurement in a period, or the latest of each probe; a JSON list, or a line each."""

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus

from starlette.responses import Response, StreamingResponse

from app.rehearsal.api.call import Call
from app.rehearsal.api.entries import Entry, Span, arrived
from app.rehearsal.api.envelope import Mistake, dumped, invalid
from app.rehearsal.api.values import read_instant
from app.rehearsal.contract import Produced

DAY_S = 86_400
CHUNK_BYTES = 64 * 1024
LOOKBACK_DAYS = 7
_FOREVER = 2**40
MAX_PROBE_IDS = 100_000
_RANGE = re.compile(r"(\d{1,10})(?:\s*-\s*(\d{1,10}))?")
_YES = {"1", "true", "yes", "on", ""}


def results(call: Call) -> Response:
    """`GET /measurements/{id}/results/`: measured from `start` on, up to `stop`, of some probes or all."""
    entry = call.entry_with_results
    stop = _instant(call, "stop")
    if stop is not None and stop % DAY_S == 0:
        stop -= 1  # as the platform does: the day that begins at midnight is another day
    start = _instant(call, "start")
    first = entry.first_instant(call.now) if start is None else start
    span = Span(first, _FOREVER if stop is None else stop, call.now, _probe_ids(call))
    return _streamed(call, arrived(call.platform.faults, entry, span))


def latest(call: Call) -> Response:
    """`GET /measurements/{id}/latest/`: the last results of each probe, a flat list."""
    entry = call.entry_with_results
    versions = _whole(call, "versions", 1, 1, 100)
    days = _whole(call, "lookback_days", LOOKBACK_DAYS, 1, 36_500)
    ids = _probe_ids(call)
    is_unlimited = bool(call.query.get("probe_ids")) and "lookback_days" not in call.query
    first = entry.first_instant(call.now) if is_unlimited else max(call.now - days * DAY_S, 0)
    return _streamed(call, _last_of_each(call, entry, ids, min(first, call.now), versions))


def _last_of_each(
    call: Call, entry: Entry, ids: frozenset[int] | None, first: int, versions: int
) -> Iterator[Produced]:
    """Looks back in growing steps, in each only for probes that have not said enough yet."""
    wanted = {member.probe_id for member in entry.members(call.now) if ids is None or member.probe_id in ids}
    found: dict[int, list[Produced]] = {each: [] for each in sorted(wanted)}
    step = 2 * (entry.object(call.now)["interval"] or DAY_S) * versions
    stop = call.now + call.platform.faults.clock_margin_s
    while stop >= first and wanted:
        start = max(first, stop - step)
        for produced in arrived(call.platform.faults, entry, Span(start, stop, call.now, frozenset(wanted))):
            if produced.body["prb_id"] in wanted:
                found[produced.body["prb_id"]].append(produced)
        wanted = {each for each in wanted if len(found[each]) < versions}
        stop, step = start - 1, step * 4
    for each in found.values():
        yield from sorted(each, key=lambda produced: produced.measured_at, reverse=True)[:versions]


def _streamed(call: Call, produced: Iterator[Produced]) -> Response:
    """The answer, written while it is made: its size does not matter."""
    if call.query.get("format") == "txt":
        lines = (dumped(each.body) + b"\n" for each in _seen(call, produced))
        return StreamingResponse(_chunks(lines), media_type="text/plain", status_code=HTTPStatus.OK)
    return StreamingResponse(_chunks(_as_list(_seen(call, produced))), media_type="application/json")


def _as_list(produced: Iterable[Produced]) -> Iterator[bytes]:
    before = b"["
    for each in produced:
        yield before + dumped(each.body)
        before = b","
    yield b"[]" if before == b"[" else b"]"


def _chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    chunk = bytearray()
    for piece in pieces:
        chunk += piece
        if len(chunk) >= CHUNK_BYTES:
            yield bytes(chunk)
            chunk.clear()
    if chunk:
        yield bytes(chunk)


def _seen(call: Call, produced: Iterable[Produced]) -> Iterable[Produced]:
    """Only those of anchors, or of public probes, where the request says so."""
    wishes = [name for name in ("is_anchor", "is_public") if _is_wished(call, name)]
    if not wishes:
        return produced
    probes = call.platform.world.probes(call.now)
    good = {probe["id"] for probe in probes if all(probe[name] for name in wishes)}
    return (each for each in produced if each.body["prb_id"] in good)


def _is_wished(call: Call, name: str) -> bool:
    option = {"is_anchor": "anchors_only", "is_public": "public_only"}[name]
    given = [call.query.get(spelling) for spelling in (option, option.replace("_", "-"))]
    return any(value is not None and value.lower() in _YES for value in given)


def _instant(call: Call, name: str) -> int | None:
    text = call.query.get(name)
    if not text:
        return None
    try:
        return read_instant(int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdigit() else text)
    except (ValueError, TypeError, OverflowError):
        raise invalid(Mistake("Enter a valid timestamp.", parameter=name)) from None


def _whole(call: Call, name: str, default: int, low: int, high: int) -> int:
    text = call.query.get(name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not low <= int(text[:10]) <= high:
        raise invalid(Mistake(f"Enter a whole number between {low} and {high}.", parameter=name))
    return int(text)


def _probe_ids(call: Call) -> frozenset[int] | None:
    """The ids that are asked for, ranges written out; None for all."""
    text = call.query.get("probe_ids")
    if not text:
        return None
    ids: set[int] = set()
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        found = _RANGE.fullmatch(part)
        if found is None:
            raise invalid(Mistake("Enter a list of probe ids or ranges of them.", parameter="probe_ids"))
        low, high = int(found[1]), int(found[2] or found[1])
        if len(ids) + high - low > MAX_PROBE_IDS:
            raise invalid(Mistake(f"At most {MAX_PROBE_IDS} probes can be asked for.", parameter="probe_ids"))
        ids.update(range(low, high + 1))
    return frozenset(ids)
