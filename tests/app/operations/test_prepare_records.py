"""Preparing records in other processes."""

import subprocess
import sys
from pathlib import Path

from tests.records import laboratory

_PROGRAM = """
import sys
from pathlib import Path

from app.operations.prepare_records import Preparer
from measurements.results.outcome import Label

with open("imports", "a") as file:
    file.write(__name__ + "\\n")

if __name__ == "__main__":
    bodies = Path("bodies").read_bytes().splitlines()
    batches = [bodies[:2], bodies[2:4], bodies[4:]]
    jobs_of = lambda batch: [(body, Label.MEASURED) for body in batch]
    prepared = Preparer(2).prepare(batches, jobs_of)
    print(sum(len(records) for _, records in prepared))
"""


def test_a_worker_does_not_import_the_program_that_was_run(tmp_path: Path) -> None:
    """The command line takes a second of CPU to import, and no worker needs it."""
    (tmp_path / "program.py").write_text(_PROGRAM)
    (tmp_path / "bodies").write_bytes(b"\n".join(laboratory()[:6]))

    done = subprocess.run([sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert int(done.stdout) == len(laboratory()[:6])
    assert (tmp_path / "imports").read_text() == "__main__\n"
