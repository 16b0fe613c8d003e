"""`rasad backup` and `rasad restore`: everything in one file, and back again."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.context import FAILED, database, errors, fails_clearly, make_data_dir, prepared_settings
from app.cli.output import AsJson, print_json
from app.dependencies import make_clock
from app.operations.back_up import back_up
from app.operations.restore import restore as restore_backup


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("backup")(backup)
    app.command("restore")(restore)


@fails_clearly
def backup(
    file: Annotated[Path, typer.Argument(help="The file to make; it must not be there yet.")],
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Make a backup of everything, while the service works: one file, whole or not at all.

    It holds the database, the checkpoints of the audit trail, the tombstones of what was erased, and the public key.
    The private key of the audit and the settings are secrets: keep copies of them elsewhere. The worker makes one
    every night where RASAD_BACKUP_FOLDER is set.

    Example: rasad backup rasad-before-upgrade.backup
    """
    settings = prepared_settings()
    with database(settings):
        manifest = back_up(settings, file, make_clock().now())
    if as_json:
        print_json(manifest)
    else:
        n_rows = sum(manifest["counts"].values())
        errors.print(
            f"{file}: {n_rows:,} rows, {manifest['audit']['n_entries']:,} entries of the audit trail", markup=False
        )


@fails_clearly
def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    replace: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--replace", help="Put it in the place of a database that is not empty.")
    ] = False,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Put a backup in the place of the database, in one step; what was erased since then is erased again.

    Stop the service first. Ends with exit code 1 where the audit trail is not what its checkpoints say: what was done
    after the backup was made is not in it, and that is told.

    Example: rasad restore rasad-before-upgrade.backup --replace
    """
    settings = prepared_settings()
    make_data_dir(settings)
    restored = restore_backup(settings, file, make_clock().now(), replace=replace)
    if as_json:
        print_json({"manifest": restored.manifest, "n_erased": restored.n_erased, "missing": restored.missing})
    else:
        manifest = restored.manifest
        errors.print(f"restored as of {manifest['made_at']}: {sum(manifest['counts'].values()):,} rows", markup=False)
        if restored.n_erased:
            errors.print(f"{restored.n_erased:,} records were erased again, as agreed", markup=False)
        for words in restored.missing:
            errors.print(f"missing: {words}", markup=False)
    if restored.missing:
        raise SystemExit(FAILED)
