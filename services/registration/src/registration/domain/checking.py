"""A draft held against every rule that needs no judgement, all at once: what a submission is refused for, and what the
dry run says of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from backbone.campaign.dates import in_full
from backbone.campaign.edition import Edition

from .draft import EventDraft
from .kept import Kept, read_in_part
from .missing import Missing, missing
from .privacy import Author, Disclosure, disclosures
from .questions import Question, questions
from .refusals import AsksFirst, Incomplete, NamesItsAuthor
from .slots import written_for


@dataclass(frozen=True)
class Checked:
    """What is wrong with a draft, missing in it, or asked about it. `draft`: what of it is right."""

    draft: EventDraft
    faults: Sequence[Mapping[str, Any]]
    """Pydantic's, one for each field that is wrong."""
    missing: Sequence[Missing]
    disclosures: Sequence[Disclosure]
    questions: Sequence[Question]

    @property
    def is_whole(self) -> bool:
        """Whether it may be submitted, once its questions are answered."""
        return not (self.faults or self.missing or self.disclosures)

    def accepted(self, confirmed: Collection[str]) -> EventDraft:
        """The draft, which may become public as it is. `confirmed`: the fields that are not asked about any more.

        Raises Incomplete (with all that is wrong, whatever it is), NamesItsAuthor or AsksFirst.
        """
        if self.faults or self.missing:
            said: list[Missing | Disclosure] = [*self.missing, *self.disclosures]
            raise Incomplete([*self.faults, *(_fault(one.field, one.message) for one in said)])
        if self.disclosures:
            raise NamesItsAuthor(self.disclosures)
        if asked := [question for question in self.questions if question.field not in confirmed]:
            raise AsksFirst(asked)
        return self.draft


def check(kept: Kept, author: Author, edition: Edition) -> Checked:
    """The draft by today's rules, which may have changed since it was kept."""
    with written_for(edition):
        draft, faults = read_in_part(kept)
    wrong = {fault["loc"][0] for fault in faults if fault["loc"]}
    lacking = [one for one in missing(draft) if one.field.split(".")[0] not in wrong]
    return Checked(draft, faults, lacking, disclosures(draft, author), questions(draft))


def next_steps(checked: Checked, edition: Edition, today: date) -> list[str]:
    """What its organiser does next, by when, and what follows, in French."""
    period, days = edition.registration, edition.review.working_days
    if today > period.last_day:
        return [f"Les inscriptions sont closes depuis la fin du {in_full(period.last_day)}."]
    steps = [] if checked.is_whole else ["Corrigez ou complétez ce qui est indiqué."]
    if today < period.opens:
        steps.append(f"Déposez l’événement à partir du {in_full(period.opens)}.")
    else:
        steps.append(f"Déposez l’événement avant la fin du {in_full(period.last_day)}.")
    if checked.questions:
        fields = ", ".join(f"« {question.field} »" for question in checked.questions)
        steps.append(f"En le déposant, confirmez ce qui devient public ({fields}).")
    steps.append("Son examen commence aussitôt, et la réponse vient d’ordinaire en quelques secondes.")
    each = f"{days} jours ouvrés" if days > 1 else "un jour ouvré"
    return [*steps, f"Si une personne doit le relire, sa réponse vient en {each} au plus."]


def _fault(field: str, message: str) -> Mapping[str, Any]:
    return {"type": "value_error", "loc": tuple(field.split(".")), "ctx": {"error": message}}
