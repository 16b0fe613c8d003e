"""The tombstones that are kept outside of the database, signed: what a restored database has to be told again."""

from pathlib import Path
from typing import NamedTuple

from app.durable import append_line, read_lines
from app.signing import load_or_make_key
from measurements.agreements.retention import Tombstone
from measurements.agreements.tombstone_lines import line_of, read_line, signed_bytes


class Found(NamedTuple):
    """What a file holds."""

    tombstones: tuple[Tombstone, ...]
    n_refused: int
    """Lines that are no tombstones, or not signed by our key: by none of them anything is erased."""


class TombstoneFile:
    """A file of tombstones, and the key that signs them; both are made when first needed."""

    def __init__(self, path: Path, key_file: Path) -> None:
        self._path = path
        self._key_file = key_file

    def read(self) -> Found:
        """What is in it, each once."""
        lines = read_lines(self._path)
        if not lines:
            return Found((), 0)
        key = load_or_make_key(self._key_file).public
        told = [read_line(line) for line in lines]
        sound = [one[0] for one in told if one is not None and key.has_signed(signed_bytes(one[0]), one[1])]
        return Found(tuple(dict.fromkeys(sound)), len(lines) - len(sound))

    def append(self, tombstone: Tombstone) -> None:
        """Put one behind the others, and see that it is on the disk."""
        signature = load_or_make_key(self._key_file).sign(signed_bytes(tombstone))
        append_line(self._path, line_of(tombstone, signature))
