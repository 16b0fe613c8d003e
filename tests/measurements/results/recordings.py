"""Records for the tests of the parser: specimens that are always at hand, and all recordings where they are."""

import gzip
import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

TYPES = ("ping", "traceroute", "dns")
REPOSITORY = Path(__file__).resolve().parents[3]
SHARED_DATA = REPOSITORY.parent / "shared" / "data"
_SPECIMENS = REPOSITORY / "tests" / "specimens" / "parsing" / "edge-cases.ndjson"
_STRANGE: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**70,
    1.5,
    "",
    "x",
    "\x00",
    "\ud800",
    [],
    [None],
    {},
    {"a": {"b": []}},
    "1",
)


class Specimen(NamedTuple):
    """An edge case that is always at hand: what was run, and the record as text."""

    command: str
    record: str


@cache
def _specimens() -> dict[str, Specimen]:
    found = map(json.loads, _SPECIMENS.read_text(encoding="utf-8").splitlines())
    return {line["label"]: Specimen(line["command"], json.dumps(line["record"])) for line in found}


def specimen(label: str, **changes: Any) -> dict[str, Any]:
    """A fresh copy of the laboratory's edge case with this label, some keys changed; `...` removes a key."""
    record: dict[str, Any] = json.loads(_specimens()[label].record)
    record.update(changes)
    return {key: value for key, value in record.items() if value is not ...}


def specimen_command(label: str) -> str:
    """What was run for a specimen."""
    return _specimens()[label].command


def specimen_labels() -> list[str]:
    """The labels of the specimens."""
    return list(_specimens())


def specimens() -> list[dict[str, Any]]:
    """All specimens, fresh copies."""
    return [specimen(label) for label in _specimens()]


def recordings(kind: str) -> Iterator[dict[str, Any]]:
    """Every recorded result of a type, open and laboratory, where the recordings are; nothing elsewhere."""
    for folder in ("open", "lab"):
        path = SHARED_DATA / folder / f"{kind}.ndjson.gz"
        if path.is_file():
            with gzip.open(path) as lines:
                yield from map(orjson.loads, lines)


def edge_index() -> dict[int, dict[str, Any]]:
    """What was provoked, by measurement id: label, command, probe."""
    with gzip.open(SHARED_DATA / "lab" / "edge-index.json.gz") as index:
        return {int(key): value for key, value in json.load(index).items()}


def mutations(records: list[dict[str, Any]], n: int, seed: int) -> Iterator[dict[str, Any]]:
    """`n` damaged copies of the records: values replaced, removed, swapped or nested, one to three at a time."""
    chance = random.Random(seed)  # noqa: S311 - a sample, not a secret
    for _ in range(n):
        record = json.loads(json.dumps(chance.choice(records)))
        for _ in range(chance.randint(1, 3)):
            _damage(record, chance)
        yield record


def _damage(record: dict[str, Any], chance: random.Random) -> None:
    place: Any = record
    while place:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        key = chance.choice(keys)
        if isinstance(place[key], dict | list) and place[key] and chance.random() < 0.8:
            place = place[key]
            continue
        if chance.random() < 0.25:
            del place[key]
        else:
            place[key] = chance.choice((*_STRANGE, _cut(place[key], chance)))
        return


def _cut(value: Any, chance: random.Random) -> Any:
    return value[: chance.randrange(len(value))] if isinstance(value, str) and value else value
