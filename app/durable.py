"""Files that survive a power cut: a new one is there whole or not at all, and one that grows keeps what it had."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

from measurements.errors import RasadError

MODE = 0o644
NEW_LINE = b"\n"


class InUse(RasadError):
    """Another process holds what this one needs for itself; the message says which."""


class UnusableFile(RasadError):
    """A file of ours cannot be read or written; the message names it."""


def write_secret(path: Path, content: bytes) -> None:
    """Make a file that its owner alone may read, and its folder; one that is there already stays as it is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as file:  # made with mode 0600
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            path.hardlink_to(file.name)
        _sync_folder(path.parent)
    except FileExistsError:
        return
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror}") from error


@contextmanager
def held_alone(path: Path) -> Iterator[None]:
    """Hold a file while the block runs, so that no other process can. Raises `InUse` where one does.

    The system lets go of it when the process ends, however it ends.
    """
    try:
        file = path.open("a+", encoding="ascii")
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise InUse(f"process {file.read().strip() or 'unknown'} holds {path}") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A file to write to, which its owner alone may read: it comes to be at `path` when the block ends, or not at all.

    What was there before is replaced in one step, once the new one is on the disk.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
            draft = Path(folder) / path.name
            draft.touch(mode=0o600)
            yield draft
            descriptor = os.open(draft, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise UnusableFile(f"{error.filename or path}: {error.strerror}") from error


def read_lines(path: Path) -> list[bytes]:
    """The lines of a file that grows; none where it was not made yet."""
    try:
        return path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror}") from error


def append_line(path: Path, line: bytes) -> None:
    """Write a line at the end of a file, and see that it is on the disk; the file and its folder are made if need be.

    A line before it that was cut off stays as it is, and is not made part of this one.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, MODE)
        try:
            size = os.fstat(descriptor).st_size
            is_cut = size > 0 and os.pread(descriptor, 1, size - 1) != NEW_LINE
            told = (NEW_LINE if is_cut else b"") + line
            n_written = os.write(descriptor, told)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        _sync_folder(path.parent)
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror}") from error
    if n_written < len(told):
        raise UnusableFile(f"{path}: the disk is full; the line was cut off")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
