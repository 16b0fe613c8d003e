"""Half a gigabyte of results is read in a process that stays small."""

import subprocess
import sys

import pytest

from tests.measurements.atlas.traps import CHUNKED, Traps, chunks, raw
from tests.memory import peak_mb

BODY_MB = 500
READER = """
import sys
from measurements.atlas.client import AtlasClient
from measurements.atlas.endpoint import Endpoint
from tests.clocks import RunningClock
atlas = AtlasClient(Endpoint(address=sys.argv[1]), RunningClock())
with atlas.results(7, start_at=0) as reader:
    n_bytes = sum(len(line) + 1 for line in reader)
assert reader.is_complete
print(n_bytes)
"""


@pytest.mark.slow
@pytest.mark.acceptance("atlas.4")
@pytest.mark.parametrize(("opening", "line", "closing"), [(b"", b"%s\n", b""), (b"[", b"%s,", b"{}]")])
def test_a_large_body_is_read_in_flat_memory(traps: Traps, opening: bytes, line: bytes, closing: bytes) -> None:
    """As lines, and as a list should the platform give one."""
    result = b'{"msm_id":7,"prb_id":1,"result":[' + b",".join([b'{"rtt":12.345}'] * 60) + b"]}"
    lines = line % result * (1024 * 1024 // (len(result) + 1))
    n_bytes = BODY_MB * 1024 * 1024 // (5 if opening else 1)
    traps.will(
        raw(CHUNKED, *([chunks(opening, end=b"")] if opening else []), *_blocks(lines, n_bytes), chunks(closing))
    )
    process = subprocess.Popen([sys.executable, "-c", READER, f"http://127.0.0.1:{traps.port}"], stdout=subprocess.PIPE)

    peak = peak_mb(process)

    assert process.stdout is not None
    with process.stdout:
        assert int(process.stdout.read()) >= n_bytes * 0.99
    assert process.returncode == 0
    assert peak < (150 if opening else 200)


def _blocks(lines: bytes, n_bytes: int) -> list[bytes]:
    block = chunks(lines, end=b"")
    return [block] * (n_bytes // len(lines) + 1)
