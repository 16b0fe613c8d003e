"""Ctrl-C is heard, also where Python swallows what is raised."""

import os
import signal

import pytest

from app.cli.interrupting import interruptible


class Untidy:
    """Interrupted while it is tidied up."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interruption_that_python_swallows_is_heard_at_the_end_of_the_batch() -> None:
    with interruptible() as check:
        check()
        untidy = Untidy()
        del untidy
        with pytest.raises(KeyboardInterrupt):
            check()


def test_otherwise_it_is_heard_at_once_and_afterwards_everything_is_as_before() -> None:
    before = signal.getsignal(signal.SIGINT)

    with interruptible(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)

    assert signal.getsignal(signal.SIGINT) is before
