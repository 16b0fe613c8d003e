"""The figures of a newcomer's first minutes: a fresh clone, `make run`, and `make run` again.

The set-up downloads what the lock names, so the first figure holds this machine's connection too.
"""

import subprocess
import time
from pathlib import Path

from tests.bench.figures import Figure, say
from tests.running import make_run

REPOSITORY = Path(__file__).resolve().parents[2]


def first_run(folder: Path) -> dict[str, Figure]:
    """Seconds until the service is up in a clone of what is committed: with nothing set up, and the second time."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", REPOSITORY, clone], check=True)
    seconds = {}
    for name in ("run_first_s", "run_again_s"):
        started = time.perf_counter()
        with make_run(clone, folder / "home"):
            seconds[name] = time.perf_counter() - started
        say(f"  {name}: {seconds[name]:.1f} s")
    causes = {
        "run_first_s": "a virtual environment is made, packages are downloaded and compiled, the recording is taken in",
        "run_again_s": "Python starts, the recording is read again and found to be in, the service starts",
    }
    return {name: Figure(value=value, cause=causes[name], detail=seconds) for name, value in seconds.items()}
