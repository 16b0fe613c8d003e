"""What every command needs: settings, logs, the database, and one way to fail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

from rich.console import Console
from rich.markup import escape
from sqlalchemy import Engine

from app.instants import read_instant
from app.logs import set_up_logs
from app.settings import Settings, UnusableSettings, load_settings
from app.store.engine import create_engine_for
from app.store.failures import StoreFailure
from app.store.migrate import require_current
from measurements.errors import InvalidContent, InvalidFilter, RasadError

P = ParamSpec("P")
R = TypeVar("R")

errors = Console(stderr=True, highlight=False, soft_wrap=True)
"""For people: progress, notes and errors. Standard output is for the answer alone."""
FAILED, MISUSED, INTERRUPTED = 1, 2, 130
"""Exit codes: it did not work; it was asked wrongly, as of the command line itself; Ctrl-C."""
NUMBER: dict[str, Any] = {"min": 0, "max": 2**53}
"""What a number of the platform, or of ours, may be."""
ARGUMENTS = frozenset({"metric"})
"""Fields that are given without the name of an option."""


def prepared_settings() -> Settings:
    """The settings, with logs set up as they say."""
    settings = load_settings()
    set_up_logs(settings.log_level, settings.log_format)
    return settings


def make_data_dir(settings: Settings) -> None:
    """Make the folder for what Rasad keeps, if it is not there yet."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableSettings(f"RASAD_DATA_DIR: {settings.data_dir} cannot be made: {error.strerror}") from error


@contextmanager
def database(settings: Settings) -> Iterator[Engine]:
    """The database of this process, at the revision this version needs."""
    engine = create_engine_for(settings.database_url)
    try:
        require_current(engine)
        yield engine
    finally:
        engine.dispose()


def fails_clearly(command: Callable[P, R]) -> Callable[P, R]:
    """Turn an error that Rasad can name into one line on stderr, and exit code 1 or 2."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except InvalidFilter as error:
            fail(f"{_option(error.field)}: {error}", MISUSED)
        except InvalidContent as error:
            fail("; ".join(f"{_option(place.strip('/'))}: {why}" for place, why in error.problems), MISUSED)
        except RasadError as error:
            fail(str(error))
        except StoreFailure as error:
            fail(f"the database failed: {getattr(error, 'orig', error)}")

    return run


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Say what went wrong and what to do, and leave."""
    errors.print(f"[bold red]error:[/] {escape(message)}")
    raise SystemExit(code)


def _option(field: str) -> str:
    return field if field in ARGUMENTS else f"--{field.replace('_', '-')}"


def instant(field: str, text: str | None) -> int | None:
    """What an option such as `--from` names, seconds since the epoch; None where it was not given."""
    return None if text is None else read_instant(field, text)
