"""`make bench`: measure the figures of the acceptance list on this machine and leave them in bench.json.

All figures take about a quarter of an hour; nothing else should run meanwhile. Ratios are measured in one run, the
contenders taking turns, so that they hold on any machine.
"""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from tests.bench.answers import series
from tests.bench.figures import ASKED, BENCH_FILE, Figure, keep, say
from tests.bench.first_run import first_run
from tests.bench.ingests import RATIOS, memory, speed


def main() -> None:
    """Measure what is asked for."""
    wanted = _wanted()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers and files go, as they do at Ctrl-C
    measured: dict[str, Figure] = {}
    with tempfile.TemporaryDirectory(prefix="rasad-bench-") as name:
        folder = Path(name)
        if wanted & {"run_first_s", "run_again_s"}:
            measured |= first_run(folder)
        if wanted & RATIOS.keys():
            measured |= speed(folder, wanted)
        if "ingest_peak_mb" in wanted:
            measured |= memory(folder)
        if wanted & {"series_p95_ms_10m", "series_ratio_10m_1m"}:
            measured |= series(folder)
    keep({name: figure for name, figure in measured.items() if name in wanted})
    for name, figure in measured.items():
        asked = ASKED[name]
        say(f"{name:28} {figure.value:8.2f} {asked.unit} (asked: {asked.direction} {asked.target:g})")
    say(f"left in {BENCH_FILE.name}")


def _wanted() -> set[str]:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", action="append", choices=list(ASKED), metavar="FIGURE", help="one of: " + ", ".join(ASKED)
    )
    return set(parser.parse_args().only or ASKED)


if __name__ == "__main__":
    main()
