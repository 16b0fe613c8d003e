"""Runs the service as people run it: `rasad serve`, or `make run` in a checkout; on a free port, stopped at the end."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

from tests.ingesting import command, environment

START_TIMEOUT_S = 30
INSTALLED = (f"VENV={sys.prefix}", "-o", str(Path(sys.prefix) / ".runtime"))
"""Options with which make takes the environment of these tests, and has nothing to set up."""


def free_port() -> int:
    """A TCP port of loopback on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def serving(url: str) -> Iterator[httpx.Client]:
    """`rasad serve` on a database, and a client that keeps its connection open, as a dashboard does."""
    port = str(free_port())
    settings = {**environment(url), "RASAD_PORT": port, "RASAD_LOG_LEVEL": "error"}
    process = subprocess.Popen(command("serve"), env=settings, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
            _wait_until_ready(client)
            yield client
    finally:
        process.terminate()
        process.wait()


@contextmanager
def make_run(checkout: Path, home: Path, options: Sequence[str] = ()) -> Iterator[tuple[httpx.Client, str, IO[str]]]:
    """`make run` in a checkout with its data in `home`, once it says that it is up.

    Gives a client, what it said, and where it goes on.
    """
    port = str(free_port())
    settings = {**os.environ, "RASAD_DATA_DIR": str(home), "RASAD_PORT": port}
    process = subprocess.Popen(
        ["make", "run", *options], cwd=checkout, env=settings, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stderr is not None
    try:
        said = _read_until_up(process.stderr)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
            yield client, said, process.stderr
    finally:
        os.killpg(process.pid, 15)  # make, its shell and the service; make alone would leave the service running
        process.wait()
        process.stderr.close()


def _read_until_up(stream: IO[str]) -> str:
    """All that is said up to how it can be stopped, which comes last."""
    said = []
    for line in stream:
        said.append(line)
        if line.startswith("Stop "):
            return "".join(said)
    raise AssertionError("it ended before it was up:\n" + "".join(said)[-4000:])


def _wait_until_ready(client: httpx.Client) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            if client.get("/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError("the service does not answer")
