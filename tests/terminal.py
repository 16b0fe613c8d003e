"""A terminal for commands: what they write to people who look on."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from typing import NamedTuple

from tests.ingesting import command, environment


class Told(NamedTuple):
    """What a command wrote to the terminal, without colours, and what it wrote beside it."""

    terminal: str
    other: str


def run_in_terminal(url: str, columns: int, *arguments: str, is_for_errors: bool = False) -> Told:
    """Run a command whose standard output, or standard error, is a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, columns, 0, 0))
    settings = {key: value for key, value in environment(url).items() if key != "COLUMNS"} | {"TERM": "xterm"}
    outputs = (subprocess.PIPE, theirs) if is_for_errors else (theirs, subprocess.DEVNULL)
    with subprocess.Popen(command(*arguments), env=settings, stdout=outputs[0], stderr=outputs[1]) as process:
        os.close(theirs)
        written = b""
        while block := _read(ours):
            written += block
        other = process.stdout.read().decode() if process.stdout else ""
    os.close(ours)
    assert process.returncode == 0
    return Told(re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", written.decode()), other)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other side is closed
        return b""
