"""What registration knows of an event when its organiser asks where it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from .pin import Pin
from .story import State
from .timeline import Step
from .word import Word

LABELLED = "EventLabelled"
DECISIONS = (LABELLED, "EventRejected", "ReviewRequested", "CorrectionRequested", "AppealReceived", "LabelWithdrawn")


@dataclass(frozen=True)
class Known:
    """What registration knows of an event. `word`: the newest decision, if it is on the revision that was submitted
    last."""

    state: State
    word: Word | None
    steps: tuple[Step, ...]
    today: date
    amendable_until: date
    map_opens: date
    opens: date = date.min
    """From when on events are submitted."""
    lacking: int = 0
    """How many things a draft lacks."""
    is_changed: bool = False
    """Whether the draft differs from what was submitted last."""
    pin: Pin | None = None
    """Where the revision that was submitted last was placed."""
    days: tuple[date, date] | None = None
    """The first and the last on which one may come, there; None: none, or it cannot be read."""
    report_until: date | None = None
    """Until when it may be said who came."""
    visitors: int | None = None
    """How many came, once that is said."""
    claim_until: date | None = None
    """Until when whoever it was entered for may take it over; None: nobody is asked to."""

    @property
    def is_amendable(self) -> bool:
        return self.today <= self.amendable_until

    @property
    def takes_place(self) -> bool:
        return self.word is None or self.word.takes_place

    @property
    def keeps_label(self) -> bool:
        """Whether visitors see a revision that has the label while a newer one is judged."""
        is_open = self.state in (State.IN_REVIEW, State.CORRECTION_ASKED)
        return is_open and self.word is not None and self.word.had_label and self.word.label == "under_review"

    @property
    def has_no_pin(self) -> bool:
        """Whether its address was looked for in vain."""
        looked_up = self.newest(lambda step: step.kind in ("EventLocated", "EventNotLocated"))
        is_in_vain = looked_up is not None and looked_up.kind == "EventNotLocated"
        return is_in_vain and (self.word is None or self.word.is_on_site)

    @property
    def is_over(self) -> bool:
        """Whether nobody can come any more."""
        return self.takes_place and self.days is not None and self.today > self.days[1]

    @property
    def may_report(self) -> bool:
        """Whether it may be said who came."""
        return bool(self.days and self.report_until and self.days[0] <= self.today <= self.report_until)

    @property
    def labelled_revision(self) -> int:
        """The revision that has the label now; 0: none has."""
        decided = self.newest(lambda step: step.kind in DECISIONS)
        is_next = self.state is State.SUBMITTED and decided is not None and decided.kind == LABELLED
        if not (is_next or self.keeps_label or self.state is State.LABELLED):
            return 0
        labelled = self.newest(lambda step: step.kind == LABELLED)
        return labelled.revision if labelled else 0

    def newest(self, is_wanted: Callable[[Step], bool]) -> Step | None:
        """The newest of the steps that are wanted, in whatever order they were heard."""
        wanted = filter(is_wanted, self.steps)
        return max(wanted, key=lambda step: (step.revision, step.sequence), default=None)
