"""Note how this process is: that it lives, how its stream is, and what credits are left."""

from dataclasses import dataclass

from app.store.engine import Transaction
from app.store.vital_signs import EVERYBODYS, Sign, add_to_sign, forget_signs, note_signs
from measurements.atlas.gateway import AtlasGateway, ResultStream
from measurements.clock import Clock, Deadline
from measurements.results.outcome import Label
from measurements.units import seconds

BEAT_S = 30


@dataclass(kw_only=True, slots=True)
class VitalSigns:
    """Of one worker. `clock` is the computer's, so that signs of several processes can be compared."""

    transaction: Transaction
    clock: Clock
    label: Label
    worker: str
    _until: Deadline | None = None
    _has_begun: bool = False
    _counted: tuple[int, int] = (0, 0)
    """Of the stream that is open: what was noted of it already."""

    def beat(self) -> None:
        """It lives: said every half minute, however often it is called."""
        if self._until is None or self._until.is_over():
            self._until = self.clock.deadline(BEAT_S)
            self._note({Sign.ALIVE: 1})

    def end(self) -> None:
        """It ends as it should."""
        self._note({Sign.ALIVE: 0, Sign.STREAM_CONNECTED: 0})

    def stream_begins(self) -> None:
        """From now on a stream is tried to be opened, another one than before."""
        self._counted = (0, 0)
        begun = {} if self._has_begun else {Sign.STREAM_SEEN_AT: seconds(self.clock.now())}
        self._has_begun = True  # one that is opened again and again has not been seen again
        self._note({Sign.STREAM_CONNECTED: 0, **begun})

    def stream(self, stream: ResultStream) -> None:
        """How the stream is."""
        now_at = seconds(self.clock.now())
        before, counted = self._counted, (stream.n_reconnects, stream.n_dropped)
        values = {Sign.STREAM_CONNECTED: int(stream.is_connected)}
        if stream.is_connected:
            values[Sign.STREAM_SEEN_AT] = now_at
        with self.transaction() as connection:
            note_signs(connection, self.label, self.worker, values, now_at)
            signs = (Sign.STREAM_RECONNECTS, Sign.STREAM_DROPPED)
            for sign, now, noted in zip(signs, counted, before, strict=True):
                add_to_sign(connection, self.label, sign, now - noted, now_at)
        self._counted = counted

    def credits(self, atlas: AtlasGateway) -> None:
        """What is left on the account, and what the past day cost. Raises `AtlasFailure`."""
        told = atlas.credits()
        spent = told.spent_past_day if told.spent_past_day is not None else told.estimated_daily_expenditure
        values = {Sign.BALANCE: told.balance, Sign.SPENT_PAST_DAY: spent or 0}
        with self.transaction() as connection:
            note_signs(connection, self.label, EVERYBODYS, values, seconds(self.clock.now()))

    def _note(self, values: dict[Sign, int]) -> None:
        now_at = seconds(self.clock.now())
        with self.transaction() as connection:
            note_signs(connection, self.label, self.worker, values, now_at)
            forget_signs(connection, self.label, now_at)
