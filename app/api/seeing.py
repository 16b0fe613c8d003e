"""What whoever asks sees of what is held under agreements; and the log of what it reads of single probes."""

from typing import Annotated, NamedTuple

from fastapi import Depends

from app.api.callers import caller
from app.api.schemas.base import Filters
from app.api.service import ReadConnection, TheService
from app.operations.note_reading import Log
from app.operations.sight import Sight, sight_of
from measurements.agreements.people import Caller
from measurements.agreements.release import Viewer


class Seeing(NamedTuple):
    """The eyes of one request."""

    sight: Sight
    log: Log

    def note(self, what: str, filters: Filters, n_rows: int) -> None:
        """Note that so many rows are about to be read; what cannot be noted is not read."""
        self.log.note(what, filters.model_dump(mode="json", by_alias=True, exclude_defaults=True), n_rows)


def seeing(found: Annotated[Caller | None, Depends(caller)], service: TheService, connection: ReadConnection) -> Seeing:
    """As of the snapshot that is answered from."""
    viewer, now_at = Viewer(found), service.now_at()
    return Seeing(sight_of(connection, viewer, now_at), Log(service.transaction, viewer, now_at))


TheSeeing = Annotated[Seeing, Depends(seeing)]
