"""How much memory a process and everything it started takes, pages shared between them counted once."""

import subprocess
import time

import psutil

MB = 1024 * 1024


def peak_mb(process: "subprocess.Popen[bytes]", every_s: float = 0.1) -> float:
    """Wait for the process to end; gives the largest sum of proportional set sizes seen meanwhile."""
    peak = 0.0
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        peak = max(peak, _held_by([watched, *_descendants(watched)]) / MB)
        time.sleep(every_s)
    return peak


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def _held_by(processes: list[psutil.Process]) -> int:
    held = 0
    for process in processes:
        try:
            held += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):  # it ended meanwhile
            continue
    return held
