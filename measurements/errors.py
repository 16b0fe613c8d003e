"""What can go wrong, as one family.

RasadError
├── UnreadableResult      a record that cannot be used; carries its quarantine reason
├── InvalidFilter         a question that cannot be asked; names the field
├── InvalidDefinition     something to measure that the platform would refuse; names the field
├── InvalidCard           a measurement card that makes no sense; names every place
├── InvalidContent        something handed in that cannot be taken as it is; names every place
├── AtlasFailure          a call to RIPE Atlas that failed: measurements/atlas/failures.py
├── NotPossible           an act that the state of things does not allow; names the reason
├── RipestatFailure       a question to RIPEstat that was not answered: measurements/ripestat/failures.py
├── NotResolved           nobody said what a name resolves to: measurements/agreements/addresses.py
├── NotFound              nothing is known under that name
├── UnreadableObject      a probe or measurement object of the platform that makes no sense
├── UnreadableFile        a file that cannot be opened, decompressed or understood
├── Stopped               the process was asked to end; what was begun is left for another
└── StoreError            the database is not as this version of the code needs it
"""


class RasadError(Exception):
    """Something went wrong that Rasad can name. The message says what to do."""


class UnreadableResult(RasadError):
    """A record that cannot be used: `reason` is a member of `QuarantineReason`, the message its detail."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class InvalidFilter(RasadError):
    """A filter or parameter has no meaning here; `field` is its name on the wire."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class InvalidDefinition(RasadError):
    """A definition, a selection of probes or a plan that the platform would refuse; `field` is the one to blame."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


class InvalidCard(RasadError):
    """A measurement card that makes no sense; `problems` are JSON pointers to places in it, and why."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{pointer or '/'}: {why}" for pointer, why in problems))
        self.problems = problems


class NotPossible(RasadError):
    """An act that the state of things does not allow; `reason` is a word for programs, the message for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class InvalidContent(RasadError):
    """Something handed in that cannot be taken as it is; `problems` are JSON pointers to places in it, and why."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{pointer or '/'}: {why}" for pointer, why in problems))
        self.problems = problems


class NotFound(RasadError):
    """Nothing is known under the name or number asked for."""


class UnreadableObject(RasadError):
    """A probe or measurement object of the platform that makes no sense; `member` is the one to blame."""

    def __init__(self, member: str, detail: str) -> None:
        super().__init__(f"{member}: {detail}")
        self.member = member
        self.detail = detail


class UnreadableFile(RasadError):
    """A file cannot be opened, decompressed or understood."""


class StoreError(RasadError):
    """The database is missing, unreachable, or at another revision than the code."""


class Stopped(RasadError):
    """The process was asked to end while it waited or worked; what was begun is left for another."""
