"""The command line of Rasad: `rasad --help`."""


def main() -> None:
    """Run it."""
    # Here and not above: every worker process of an ingest begins by importing what it was started from, and
    # would load the web service and all commands to read records.
    from app.cli.main import app  # noqa: PLC0415 - for the reason above

    app()
