"""Answers that cost something to work out, kept until the database changes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

MAX_BYTES = 64 * 1024 * 1024


class KeptAnswers:
    """Encoded answers by question and snapshot, the least recently used given up first. For any number of threads."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._n_bytes = 0
        self._answers: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, work_out: Callable[[], bytes]) -> bytes:
        """The answer under a key; worked out now if it is not there, by several threads at once if they ask at once."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        answer = work_out()
        with self._lock:
            if key not in self._answers:
                self._answers[key] = answer
                self._n_bytes += len(answer)
            while self._n_bytes > self._max_bytes:
                _, given_up = self._answers.popitem(last=False)
                self._n_bytes -= len(given_up)
        return answer
