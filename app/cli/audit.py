"""`rasad audit`: what was done, by whom and why, and whether anybody has tampered with it since."""

from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.acting import acting
from app.cli.context import FAILED, NUMBER, database, errors, fail, fails_clearly, instant, prepared_settings
from app.cli.output import (
    TABLE_ROWS,
    AsJson,
    AsListFormat,
    AtMost,
    Column,
    ListFormat,
    print_csv,
    print_json,
    print_ndjson,
    print_table,
)
from app.dependencies import make_clock
from app.durable import read_lines
from app.operations.acting import require_role
from app.operations.audit_entries import entry_on_the_wire, entry_with_its_proof, findings_on_the_wire
from app.operations.list_accesses import walk_accesses
from app.operations.make_evidence import make_evidence
from app.operations.quarantine_entries import safe_text
from app.operations.verify_audit import verify_audit
from app.operations.write_checkpoint import write_checkpoint
from app.settings import Settings
from app.signing import PublicKey, load_or_make_key, load_public_key
from app.store.audit import Wanted, find_entry, walk_entries
from app.store.engine import reading
from app.store.tend import make_durable
from measurements.agreements.audit import Act, Entry, Subject, SubjectKind
from measurements.agreements.chain import Findings
from measurements.agreements.checkpoints import on_the_wire
from measurements.agreements.people import Act as Allowed
from measurements.errors import InvalidFilter

TABLE = (
    Column("number"),
    Column("at_utc"),
    Column("at_dushanbe", is_spared=True),
    Column("act"),
    Column("actor"),
    Column("party", is_spared=True),
    Column("subject"),
    Column("reason", is_prose=True),
)
COLUMNS = (
    "number", "at_utc", "at_dushanbe", "act", "actor", "party", "designation_id", "subject_kind", "subject_id",
    "version", "digest", "reason", "request_id", "answer", "details", "previous", "hash",
)  # fmt: skip
ACCESSES = ("number", "at", "person_id", "what", "n_rows", "filters")
LONGEST_REASON = 200
NOTHING_DONE = "nothing of that kind was done; rasad audit list shows all that was"
NOBODY_READ = "nobody has read values of single probes yet; rasad audit list shows what was done"
Checkpoints = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The checkpoints: a copy of yours; the service's own unless given.")
]
PublicKeyFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The key that signed them, as `rasad audit key` printed it.")
]
app = typer.Typer(
    help="See what was done, by whom and why, and prove that it is as it was written.", no_args_is_help=True
)


@app.command("list")
@fails_clearly
def list_entries(
    subject: Annotated[str | None, typer.Option(metavar="KIND:ID", help="Only about this, as agreement:3.")] = None,
    act: Annotated[Act | None, typer.Option(help="Only of this kind.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="From this instant or day (UTC) on.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Before this instant or day (UTC).")] = None,
    limit: AtMost = None,
    as_format: AsListFormat = ListFormat.TABLE,
) -> None:
    """List the entries of the audit trail, the last one first.

    Examples:
        rasad audit list --subject agreement:3

        rasad audit list --act vote_cast --from 2026-11-01 --format csv > votes.csv

    """
    wanted = Wanted(subject=_subject(subject), act=act, from_at=instant("from", since), to_at=instant("to", until))
    most = limit or (TABLE_ROWS if as_format is ListFormat.TABLE else None)
    with database(prepared_settings()) as engine, reading(engine) as connection:
        entries = walk_entries(connection, wanted, is_newest_first=True)
        shown = islice(entries, most)
        if as_format is ListFormat.NDJSON:
            print_ndjson(map(entry_on_the_wire, shown))
        elif as_format is ListFormat.CSV:
            print_csv(COLUMNS, map(entry_on_the_wire, shown))
        else:
            n_shown = print_table(TABLE, map(_row, shown), "audit trail", if_none=NOTHING_DONE)
            if next(entries, None) is not None:
                errors.print(
                    f"only the last {n_shown} are shown; --limit shows more, --format csv or ndjson all of them"
                )


@app.command("accesses")
@fails_clearly
def accesses(limit: AtMost = None, as_format: AsListFormat = ListFormat.TABLE) -> None:
    """List who read values of single probes that are held under agreements, the last reading first.

    Example: rasad audit accesses --format csv > readings.csv
    """
    most = limit or (TABLE_ROWS if as_format is ListFormat.TABLE else None)
    with acting() as unit:
        require_role(unit.caller, Allowed.READ_AUDIT)
        rows = islice(walk_accesses(unit.connection), most)
        if as_format is ListFormat.NDJSON:
            print_ndjson(rows)
        elif as_format is ListFormat.CSV:
            print_csv(ACCESSES, rows)
        else:
            print_table([Column(name) for name in ACCESSES], rows, "readings of single probes", if_none=NOBODY_READ)


@app.command("show")
@fails_clearly
def show_entry(number: Annotated[int, typer.Argument(help="As `rasad audit list` counts.", **NUMBER)]) -> None:
    """Show one entry: what it says exactly as it was hashed, and its place in the chain.

    Examples:
        rasad audit show 12

        rasad audit show 12 | jq -cjS .says | sha256sum

        rasad audit show 12 | jq -cjS '{number,previous,content}+(.says|{subject_kind,subject_id})' | sha256sum

    The second gives the content of the entry, the third its hash.

    """
    with database(prepared_settings()) as engine, reading(engine) as connection:
        entry = find_entry(connection, number)
    if entry is None:
        fail(f"there is no entry {number} in the audit trail")
    print_json(entry_with_its_proof(entry))


@app.command("verify")
@fails_clearly
def verify(
    checkpoints: Checkpoints = None,
    public_key: PublicKeyFile = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Recompute the whole trail, compare it with all checkpoints, and name what was altered, removed or moved.

    Ends with exit code 1 where anything does not fit. Who keeps copies of the checkpoints and of the public key
    somewhere else trusts nobody here.

    Examples:
        rasad audit verify

        rasad audit verify --checkpoints ours.ndjson --public-key rasad.pem

    """
    settings = prepared_settings()
    lines = _lines(settings, checkpoints)
    with database(settings) as engine, reading(engine) as connection:
        findings = verify_audit(connection, lines, _public_key(settings, public_key))
    if as_json:
        print_json(findings_on_the_wire(findings))
    else:
        _tell(findings)
    if not findings.is_intact:
        raise SystemExit(FAILED)


@app.command("checkpoint")
@fails_clearly
def checkpoint(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Sign how long the trail is and where it ends, and keep that in a file beside the database.

    The worker does so once a day. Keep copies of the file where nobody here can reach them.

    Example: rasad audit checkpoint
    """
    settings = prepared_settings()
    now_at = int(make_clock().now().timestamp())
    with database(settings) as engine, reading(engine) as connection:
        made = write_checkpoint(
            connection, settings.audit_key_file, settings.checkpoints_file, now_at, partial(make_durable, engine)
        )
    if as_json:
        print_json(None if made is None else on_the_wire(made))
    elif made is None:
        errors.print("the audit trail is empty: there is nothing to sign yet")
    else:
        errors.print(
            f"signed: {made.n_entries:,} entries; the checkpoint is in {settings.checkpoints_file}", markup=False
        )


@app.command("key")
@fails_clearly
def key() -> None:
    """Print the public key by which anybody can tell that a checkpoint is genuine; the key is made if need be.

    Example: rasad audit key > rasad.pem
    """
    typer.echo(load_or_make_key(prepared_settings().audit_key_file).public.pem, nl=False)


@app.command("evidence")
@fails_clearly
def evidence(
    kind: Annotated[SubjectKind, typer.Argument(help="What it is about.")],
    subject_id: Annotated[str, typer.Argument(metavar="ID", help="Its number or name.")],
    checkpoints: Checkpoints = None,
    public_key: PublicKeyFile = None,
) -> None:
    """Print everything that the trail says about one thing, with what proves it, as JSON.

    The document says how it is verified; it needs no Rasad for that, and tells nothing of what others have done.

    Example: rasad audit evidence agreement 3 > agreement-3.json
    """
    settings = prepared_settings()
    lines, public = _lines(settings, checkpoints), _public_key(settings, public_key)
    now_at = int(make_clock().now().timestamp())
    with database(settings) as engine, reading(engine) as connection:
        document = make_evidence(connection, lines, public, Subject(kind, subject_id), now_at)
    print_json(document)
    if not document["is_sealed"]:
        errors.print(document["sealing"], markup=False)


def _subject(text: str | None) -> Subject | None:
    if text is None:
        return None
    kind, _, name = text.partition(":")
    if kind not in set(SubjectKind) or not name:
        kinds = ", ".join(SubjectKind)
        raise InvalidFilter("subject", f"{text!r} names nothing; write agreement:3; there are {kinds}")
    return Subject(SubjectKind(kind), name)


def _lines(settings: Settings, named: Path | None) -> list[bytes]:
    if named is not None and not named.exists():
        fail(f"{named}: no such file")
    return read_lines(named or settings.checkpoints_file)


def _public_key(settings: Settings, named: Path | None) -> PublicKey | None:
    """The key that was named, or else this installation's own, where it has one."""
    if named is not None:
        return load_public_key(named)
    return load_or_make_key(settings.audit_key_file).public if settings.audit_key_file.exists() else None


def _row(entry: Entry) -> dict[str, Any]:
    """For people: nothing in it may harm a terminal."""
    told = entry_on_the_wire(entry)
    told["subject"] = f"{told['subject_kind']} {told['subject_id']}"
    return {
        name: safe_text(value.encode(), LONGEST_REASON) if isinstance(value, str) else value
        for name, value in told.items()
    }


def _tell(findings: Findings) -> None:
    for fault in findings.faults:
        typer.echo(safe_text(fault.says.encode("utf-8", "backslashreplace"), 4 * LONGEST_REASON))
    verdict = "nothing was altered, removed or moved" if findings.is_intact else f"faults: {len(findings.faults)}"
    errors.print(f"entries: {findings.n_entries:,}; checkpoints: {findings.n_checkpoints:,}; {verdict}")
    if findings.n_unsealed > 0:
        errors.print(
            f"entries newer than any checkpoint: {findings.n_unsealed:,}; "
            "whether there were more of them, nobody can tell until the next one"
        )
