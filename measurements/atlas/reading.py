"""Reads results as they come, in flat memory, and knows whether they came to their end."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack

import httpx

from measurements.atlas.lines import result_lines

Question = Mapping[str, str]
Open = Callable[[Question], AbstractContextManager[httpx.Response]]
"""Opens the successful answer to one question; repeats it where that helps, as nothing was handed on yet."""


class LineReader:
    """The results that answer one or several questions, one after another (`gateway.ResultReader`)."""

    def __init__(self, name: str, questions: Sequence[Question], opened: Open) -> None:
        self._name = name
        self._questions = questions
        self._opened = opened
        self._running: Generator[bytes, None, None] | None = None
        self.n_lines = 0
        self.is_complete = False

    def __iter__(self) -> Iterator[bytes]:
        """Each result. Raises a member of the family of failures where the answer ended before its end."""
        self._running = self._lines()
        return self._running

    def _lines(self) -> Generator[bytes, None, None]:
        for question in self._questions:
            with ExitStack() as stack:
                response = stack.enter_context(self._opened(question))
                is_framed = "content-length" in response.headers or "transfer-encoding" in response.headers
                for line in result_lines(self._name, response.iter_bytes(), is_framed=is_framed):
                    self.n_lines += 1
                    yield line
        self.is_complete = True

    def close(self) -> None:
        """Let go of the connection, read to its end or not."""
        if self._running is not None:
            self._running.close()
