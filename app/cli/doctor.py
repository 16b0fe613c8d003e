"""`rasad doctor`: examine what the service needs, and say what to do where something is wrong."""

import ssl
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import typer
from sqlalchemy import Engine

from app.cli.context import FAILED, database, errors, fails_clearly, prepared_settings
from app.cli.output import AsJson, print_json
from app.clocks import NoClock
from app.dependencies import atlas_clock, atlas_label, make_clock
from app.doors import asks_credits, make_atlas, make_notifiers
from app.notifying import UnusableAddress
from app.operations.examine import Finding, Verdict, examine_database, examine_surroundings, judge_skew, worst
from app.operations.gather_facts import Times
from app.settings import Settings, UnusableSettings
from app.store.engine import reading
from app.store.failures import StoreFailure
from app.store.tend import clock_of
from measurements.atlas.endpoint import Limits
from measurements.atlas.failures import AtlasFailure
from measurements.errors import StoreError
from measurements.units import seconds

PATIENCE_S = 10
HURRIED = Limits(retry_s=PATIENCE_S)
"""Whoever waits for the answer sees at once what cannot be reached."""
STYLES = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "bold red"}


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("doctor")(doctor)


@fails_clearly
def doctor(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Examine everything that the service needs: a line each, ok, warn or fail, and what to do.

    Asks RIPE Atlas for its time, and with a key that reads for its credits; nothing else leaves this machine, and
    nothing is changed. Ends with exit code 1 where something fails.

    Example: rasad doctor
    """
    settings = prepared_settings()
    here_at = seconds(make_clock().now())
    found = [
        *examine_surroundings(settings, here_at),
        *_database(settings, here_at),
        *_atlas(settings),
        _notifiers(settings),
    ]
    if as_json:
        print_json({"verdict": worst(found), "findings": [one._asdict() for one in found]})
    for one in () if as_json else found:
        errors.print(f"{one.verdict:4}", style=STYLES[one.verdict], end="  ")
        remedy = f" → {one.remedy}" if one.remedy else ""
        errors.print(f"{one.name}: {one.words}{remedy}", markup=False)
    if worst(found) is Verdict.FAIL:
        raise SystemExit(FAILED)


def _database(settings: Settings, here_at: int) -> Iterator[Finding]:
    try:
        with database(settings) as engine:
            yield Finding("database", Verdict.OK, "it is there, at the newest revision")
            yield from _in_database(settings, engine, here_at)
    except StoreError as error:
        yield Finding("database", Verdict.FAIL, str(error), "the message says what to do")
    except StoreFailure as error:
        yield Finding("database", Verdict.FAIL, str(getattr(error, "orig", error)), "see the database's log")


def _in_database(settings: Settings, engine: Engine, here_at: int) -> Iterator[Finding]:
    now_at = here_at
    try:
        with atlas_clock(settings) as clock:
            now_at = seconds(clock.now())
    except NoClock as error:
        yield Finding("rehearsal", Verdict.WARN, str(error), "start `rasad rehearsal serve`")
    with reading(engine) as connection:
        theirs = clock_of(connection)
        if theirs is not None:
            yield judge_skew("the database", make_clock().now().timestamp() - theirs)
        yield from examine_database(connection, settings, atlas_label(settings), Times(now_at, here_at))


def _atlas(settings: Settings) -> Iterator[Finding]:
    try:
        yield _date_of(settings)
    except (URLError, OSError, ValueError) as error:
        why = getattr(error, "reason", error)
        yield Finding(
            "RIPE Atlas", Verdict.FAIL, f"{settings.atlas_url}: {why}", "see to the network, or RASAD_ATLAS_URL"
        )
        return
    if asks_credits(settings):
        yield _credits(settings)


def _date_of(settings: Settings) -> Finding:
    """How far the clock is from what the platform's answers are dated; a rehearsal's time is its own."""
    request = Request(f"{settings.atlas_url}/api/v2/", method="HEAD")  # noqa: S310 - http or https: the settings say so
    context = ssl.create_default_context(cafile=settings.atlas_ca_file) if settings.atlas_ca_file else None
    try:
        with urlopen(request, timeout=PATIENCE_S, context=context) as answer:  # noqa: S310 - the same
            told = answer.headers.get("Date")
    except HTTPError as refused:  # an answer, too
        told = refused.headers.get("Date")
        refused.close()
    if settings.atlas_is_rehearsal or told is None:
        return Finding("RIPE Atlas", Verdict.OK, f"{settings.atlas_url} answers")
    return judge_skew("RIPE Atlas", make_clock().now().timestamp() - parsedate_to_datetime(told).timestamp())


def _credits(settings: Settings) -> Finding:
    try:
        with atlas_clock(settings) as clock, make_atlas(settings, clock, limits=HURRIED) as atlas:
            left = atlas.credits()
    except (AtlasFailure, NoClock, UnusableSettings) as failure:
        return Finding(
            "key that reads", Verdict.FAIL, str(failure), "give it “get information about your credits” at RIPE Atlas"
        )
    return Finding("key that reads", Verdict.OK, f"it reads credits: {left.balance:,} are left")


def _notifiers(settings: Settings) -> Finding:
    try:
        notifiers = make_notifiers(settings)
    except UnusableAddress as error:
        return Finding("alerts", Verdict.FAIL, str(error), "correct it; `rasad alerts test` tries it")
    n_told = len(notifiers.alerts.receivers)
    if not n_told:
        return Finding("alerts", Verdict.WARN, "nobody is told what is wrong", "set RASAD_ALERT_URLS")
    return Finding("alerts", Verdict.OK, f"{n_told} are told what is wrong")
