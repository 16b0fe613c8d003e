"""Recordings are opened whatever they are packed in, and give all they hold, damaged or not."""

import bz2
import gzip
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.compression import compress
from app.files import find_recordings, read_blocks
from measurements.errors import UnreadableFile

CONTENT = b"".join(b'{"line": %d, "noise": "%s"}\n' % (n, os.urandom(40).hex().encode()) for n in range(20_000))
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "zst": compress,
}


def read(path: Path) -> bytes:
    """All of it."""
    (recording,) = find_recordings([str(path)])
    return b"".join(read_blocks(recording, lambda _: None))


def test_a_recording_is_named_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is shown as the source of results: where the folders of a machine are is told only by who tells it."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "a.ndjson").touch()
    monkeypatch.chdir(tmp_path)

    given = ("recordings", "./recordings/a.ndjson", "recordings/../recordings/a.ndjson", str(folder))
    names = [recording.name for path in given for recording in find_recordings([path])]

    assert names == [
        "recordings/a.ndjson", "recordings/a.ndjson", "recordings/../recordings/a.ndjson", str(folder / "a.ndjson")
    ]  # fmt: skip


@pytest.mark.parametrize("packing", PACKED)
def test_a_recording_is_read_whatever_it_is_packed_in(packing: str, tmp_path: Path) -> None:
    """By its first bytes; its name says nothing."""
    path = tmp_path / "recording"
    path.write_bytes(PACKED[packing](CONTENT))

    assert read(path) == CONTENT


@pytest.mark.parametrize("packing", ["gz", "bz2", "zst"])
def test_parts_packed_one_by_one_are_all_read(packing: str, tmp_path: Path) -> None:
    """As when files are concatenated, or a dump is written bit by bit."""
    path = tmp_path / "recording"
    path.write_bytes(PACKED[packing](CONTENT) + PACKED[packing](b"the end\n"))

    assert read(path) == CONTENT + b"the end\n"


@pytest.mark.parametrize("packing", ["gz", "bz2", "zst"])
def test_what_comes_before_damage_is_read(packing: str, tmp_path: Path) -> None:
    """A download that broke off: nearly half of the content is there, and the damage is told."""
    path = tmp_path / "recording"
    packed = PACKED[packing](CONTENT)
    path.write_bytes(packed[: len(packed) // 2])
    (recording,) = find_recordings([str(path)])
    found: list[bytes] = []

    with pytest.raises(UnreadableFile, match="damaged or ends too early"):
        found.extend(read_blocks(recording, lambda _: None))

    content = b"".join(found)
    assert CONTENT.startswith(content)
    assert len(content) > 0.2 * len(CONTENT)


def test_a_pipe_is_read(tmp_path: Path) -> None:
    """`rasad ingest <(zcat today.gz)`: what a shell makes of that is no file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(gzip.compress(CONTENT),))
    writer.start()

    content = read(pipe)

    writer.join()
    assert content == CONTENT


def test_a_folder_is_walked_in_order(tmp_path: Path) -> None:
    """The same folder gives the same recordings in the same order, everywhere."""
    for name in ("b/2", "a", "b/1"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")

    found = [recording.name for recording in find_recordings([str(tmp_path)])]

    assert found == [str(tmp_path / name) for name in ("a", "b/1", "b/2")]


def test_a_missing_path_is_named() -> None:
    """Before anything is read."""
    with pytest.raises(UnreadableFile, match="nowhere: no such file or folder"):
        find_recordings(["nowhere"])


def test_a_name_that_is_no_utf_8_is_written_out(tmp_path: Path) -> None:
    """No database and no JSON takes it as it is."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/na\xffme.ndjson"))
    path.write_bytes(b"{}")

    [recording] = find_recordings([str(tmp_path)])

    assert recording.name == f"{tmp_path}/na\\xffme.ndjson"
    assert b"".join(read_blocks(recording, lambda _: None)) == b"{}"
