"""What was written stays, whatever happens behind it."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.durable import InUse, UnusableFile, append_line, held_alone, read_lines, write_secret


def test_lines_are_added_one_behind_the_other(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lines"
    for line in (b"one\n", b"two\n"):
        append_line(path, line)

    assert read_lines(path) == [b"one", b"two"]


def test_a_line_that_was_cut_off_does_not_spoil_the_next(tmp_path: Path) -> None:
    """As a power cut may leave it."""
    path = tmp_path / "lines"
    path.write_bytes(b"one\ntw")

    append_line(path, b"three\n")

    assert read_lines(path) == [b"one", b"tw", b"three"]


def test_two_writers_do_not_mix_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    lines = [b"%d " % number * 50 for number in range(100)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda line: append_line(path, line + b"\n"), lines))

    assert sorted(read_lines(path)) == sorted(lines)


def test_a_secret_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_secret(path, b"first")
    write_secret(path, b"second")

    assert path.read_bytes() == b"first"


def test_a_file_that_is_not_there_has_no_lines(tmp_path: Path) -> None:
    assert read_lines(tmp_path / "lines") == []


def test_what_cannot_be_written_or_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnusableFile, match=r"file/lines: "):
        append_line(tmp_path / "file" / "lines", b"one\n")
    with pytest.raises(UnusableFile, match="Is a directory"):
        read_lines(tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_told() -> None:
    with pytest.raises(UnusableFile, match=r"/dev/full: "):
        append_line(Path("/dev/full"), b"one\n")


def test_what_one_holds_no_other_can(tmp_path: Path) -> None:
    """By whom it is held is said; afterwards it is free."""
    path = tmp_path / "lock"
    with held_alone(path):
        with pytest.raises(InUse, match=f"process {os.getpid()} holds {path}"), held_alone(path):
            pass
        with pytest.raises(InUse), held_alone(path):
            pass
    with held_alone(path), pytest.raises(FileNotFoundError), held_alone(tmp_path / "other"):
        (tmp_path / "nowhere").read_bytes()
    with pytest.raises(UnusableFile, match="No such file"), held_alone(tmp_path / "nowhere" / "lock"):
        pass
