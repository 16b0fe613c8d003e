"""A rehearsal Atlas for tests: on free ports of loopback, in a thread of this process, stopped at the end."""

import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

from app.rehearsal.server import Listening, Serving

START_TIMEOUT_S = 30


@contextmanager
def served(app: ASGIApp) -> Iterator[Listening]:
    """An application on two free ports, plain and over TLS."""
    with tempfile.TemporaryDirectory() as folder:
        serving = Serving(app, "127.0.0.1", (0, 0), Path(folder) / "ca.pem")
        is_up = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(serving.run(is_up.set)))
        thread.start()
        try:
            assert is_up.wait(START_TIMEOUT_S)
            yield serving.listening
        finally:
            serving.stop()
            thread.join()
