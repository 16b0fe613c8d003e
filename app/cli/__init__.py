"""The command line: `rasad`. Each command is its arguments, one operation, and how the answer is shown."""

from app.cli.main import main

__all__ = ["main"]
