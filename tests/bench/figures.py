"""The figures of the acceptance list: what is asked of each, and the file they are left in."""

import json
import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

BENCH_FILE = Path(__file__).resolve().parents[2] / "bench.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the acceptance list asks of a figure."""

    target: float
    direction: str
    unit: str


ASKED: Mapping[str, Asked] = {
    "run_first_s": Asked(target=90.0, direction="<", unit="s"),
    "run_again_s": Asked(target=5.0, direction="<", unit="s"),
    "ingest_sqlite_vs_sagan": Asked(target=1.0, direction=">=", unit="times stock Sagan"),
    "ingest_vs_obvious": Asked(target=4.0, direction=">=", unit="times the obvious script"),
    "ingest_postgresql_vs_sagan": Asked(target=0.8, direction=">=", unit="times stock Sagan"),
    "ingest_peak_mb": Asked(target=300.0, direction="<", unit="MB"),
    "series_p95_ms_10m": Asked(target=30.0, direction="<", unit="ms"),
    "series_ratio_10m_1m": Asked(target=1.3, direction="<=", unit="times"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure as it was measured; `cause` says where the time goes."""

    value: float
    cause: str
    detail: Mapping[str, Any]
    """What it was worked out from."""


def say(text: str) -> None:
    """Progress, for people."""
    print(text, file=sys.stderr, flush=True)


def keep(measured: Mapping[str, Figure], path: Path = BENCH_FILE) -> None:
    """Write the figures beside those in the file that were not measured now, each with its own origin."""
    held = json.loads(path.read_text("utf-8"))["figures"] if path.is_file() else {}
    origin = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": f"{psutil.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
    }
    figures = {name: asdict(ASKED[name]) | asdict(figure) | origin for name, figure in measured.items()}
    path.write_text(json.dumps({"figures": held | figures}, indent=2) + "\n", "utf-8")


def _commit() -> str:
    """Which version of the code was measured; with `+` where something was changed since."""
    command = ["git", "describe", "--always", "--dirty=+"]
    done = subprocess.run(command, cwd=BENCH_FILE.parent, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
