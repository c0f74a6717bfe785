"""The timeline of an event: what has become of it, step by step, as its organiser reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Self

from backbone.campaign.dates import whole_day
from backbone.campaign.geography import ONLINE
from backbone.campaign.typography import listed
from backbone.contracts import (
    AppealReceived,
    Contract,
    CorrectionRequested,
    DecidedBy,
    DecisionFact,
    EventFact,
    EventLabelled,
    EventLocated,
    EventNotLocated,
    EventRejected,
    EventStatus,
    EventSubmitted,
    EventWithdrawn,
    Finding,
    JudgedFact,
    KitFailed,
    KitSent,
    Label,
    LabelWithdrawn,
    NoticeFailed,
    NoticeName,
    NoticeSent,
    ReviewRequested,
    SlotStatus,
)


class Step(Contract):
    """One step of the timeline. `kind` names the fact that it tells of, `sequence` its place in its writer's story."""

    kind: str
    revision: int
    sequence: int = 0
    at: datetime
    text: str

    @classmethod
    def of(cls, fact: EventFact) -> Self:
        """The step that a fact adds, in the organiser's language. Raises KeyError for a fact not told to them."""
        at, text = SENTENCES[type(fact)](fact)
        return cls._at(fact, at, text)

    @classmethod
    def reinstated(cls, fact: EventSubmitted) -> Self:
        """The step of an event that takes place after all; what a measure still says of it is said."""
        _, text = _submitted(fact)
        is_so = fact.event.status not in ANNOUNCED
        return cls._at(fact, fact.submitted_at, REINSTATED if is_so else f"{REINSTATED_BY_YOU} {text}")

    @classmethod
    def _at(cls, fact: EventFact, at: datetime, text: str) -> Self:
        return cls(kind=type(fact).__name__, revision=fact.revision, sequence=fact.sequence, at=at, text=text)


REINSTATED = "Votre événement est de nouveau annoncé aux visiteurs comme ayant lieu."
REINSTATED_BY_YOU = "Vous avez rétabli votre événement, mais une mesure le concerne."


def handed_over(revision: int, sequence: int, at: datetime) -> Step:
    """The step of an event that somebody else keeps from now on. It names nobody."""
    return Step(kind="HandedOver", revision=revision, sequence=sequence, at=at, text=HANDED_OVER)


HANDED_OVER = "Une autre personne suit désormais cet événement, et reçoit les courriels à son sujet."


def _submitted(fact: EventSubmitted) -> tuple[datetime, str]:
    event = fact.event
    if event.status in ANNOUNCED:
        return fact.submitted_at, _joined(ANNOUNCED[event.status], event.status_note or "")
    told = {slot.status for slot in event.slots}
    if words := listed(*(word for status, word in OF_SLOTS.items() if status in told)):
        return fact.submitted_at, f"Votre événement est déposé ; certains de ses créneaux sont annoncés comme {words}."
    return fact.submitted_at, "Votre événement est déposé ; l’examen commence."


ANNOUNCED: dict[str, str] = {
    EventStatus.CANCELLED: "Votre événement est annoncé aux visiteurs comme annulé.",
    EventStatus.POSTPONED: "Votre événement est annoncé aux visiteurs comme reporté.",
    EventStatus.RESCHEDULED: "Votre événement est annoncé aux visiteurs à une nouvelle date, qui est examinée.",
    EventStatus.MOVED_ONLINE: "Votre événement est annoncé aux visiteurs comme déplacé en ligne.",
}
"""What is said of an event that was told with a status."""


OF_SLOTS: dict[str, str] = {SlotStatus.CANCELLED: "annulés", SlotStatus.FULL: "complets"}


def _withdrawn(fact: EventWithdrawn) -> tuple[datetime, str]:
    return fact.withdrawn_at, "Vous avez retiré votre événement."


def _decided(fact: DecisionFact) -> tuple[datetime, str]:
    # by the label that it says, whatever its type is called
    return fact.decided_at, LABELS[fact.label](fact) if fact.label in LABELS else ANOTHER_DECISION


def _correction_asked(fact: CorrectionRequested) -> tuple[datetime, str]:
    if fact.label not in (Label.UNDER_REVIEW, Label.SUSPENDED):
        return _decided(fact)
    asked = f"La personne qui relit votre événement vous demande une correction : {fact.correction.message}"
    then = "Modifiez-le et déposez-le de nouveau : il est alors examiné à neuf."
    return fact.decided_at, _joined(asked, then, _kept(fact))


def _appeal_received(fact: AppealReceived) -> tuple[datetime, str]:
    if fact.label != Label.REFUSED:
        return _decided(fact)
    again = "Votre demande est reçue : une personne, qui n’a pas pris part au refus, regarde de nouveau votre événement"
    return fact.decided_at, f"{again}, au plus tard le {whole_day(fact.due_at.date())}. D’ici là, le refus demeure."


ANOTHER_DECISION = "Une décision a été prise sur votre événement ; notre équipe vous dira ce qu’elle change."
"""What is said of a label that a later version knows, and this one does not."""


def _granted(fact: DecisionFact) -> str:
    return f"{_yours(fact)} événement est labellisé. Le kit de communication arrive par courriel."


def _refused(fact: DecisionFact) -> str:
    said = f"{_yours(fact)} événement n’est pas labellisé en l’état."
    if fact.had_label:
        said = f"{_yours(fact)} événement perd le label : il n’en remplit plus les conditions."
    return _joined(said, _reasons(fact, Finding.NOT_MET))


def _under_review(fact: DecisionFact) -> str:
    return _joined(_reviewed(fact), _reasons(fact, Finding.DOUBTFUL), _kept(fact))


def _suspended(fact: DecisionFact) -> str:
    review = _reviewed(fact) if isinstance(fact, ReviewRequested) else ""
    reasons = _reasons(fact, Finding.NOT_MET, Finding.DOUBTFUL)
    return _joined("Le label de votre événement est suspendu.", review, reasons)


def _reviewed(fact: DecisionFact) -> str:
    if not isinstance(fact, ReviewRequested):
        return "Une personne de votre région relit votre événement."
    who = "Une personne de l’équipe nationale" if fact.region == ONLINE else "Une personne de votre région"
    return f"{who} relit votre événement, au plus tard le {whole_day(fact.due_at.date())}."


def _kept(fact: DecisionFact) -> str:
    if not (fact.had_label and fact.label == Label.UNDER_REVIEW):
        return ""
    return "D’ici là, il garde son label, et le public lit la version labellisée."


def _label_withdrawn(fact: DecisionFact) -> str:
    return _joined("Le label est retiré.", _reasons(fact, Finding.NOT_MET))


LABELS: dict[str, Callable[[DecisionFact], str]] = {
    Label.GRANTED: _granted,
    Label.REFUSED: _refused,
    Label.UNDER_REVIEW: _under_review,
    Label.SUSPENDED: _suspended,
    Label.WITHDRAWN: _label_withdrawn,
}


AFTER: dict[str, str] = {
    DecidedBy.REVIEW: "Après relecture, votre",
    DecidedBy.APPEAL: "Après recours, votre",
    DecidedBy.REJUDGEMENT: "Après un nouvel examen, votre",
    DecidedBy.SILENCE: "Personne n’ayant répondu à temps, votre",
}
"""How a second word on one revision is told from the first."""


def _yours(fact: DecisionFact) -> str:
    return AFTER.get(fact.decided_by, "Votre")


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _reasons(fact: DecisionFact, *findings: str) -> str:
    if isinstance(fact, JudgedFact):
        return " ".join(verdict.words for verdict in fact.verdicts if verdict.finding in findings)
    return fact.reason.message if isinstance(fact, LabelWithdrawn) else ""


def _located(fact: EventLocated) -> tuple[datetime, str]:
    return fact.located_at, f"Votre lieu est placé sur la carte ({fact.location.commune_name})."


def _not_located(fact: EventNotLocated) -> tuple[datetime, str]:
    return fact.looked_up_at, fact.reason.message


def _kit_sent(fact: KitSent) -> tuple[datetime, str]:
    return fact.sent_at, "Le kit de communication est parti par courriel."


def _kit_failed(fact: KitFailed) -> tuple[datetime, str]:
    return fact.failed_at, fact.reason.message


def _notice_sent(fact: NoticeSent) -> tuple[datetime, str]:
    return fact.sent_at, NOTICES.get(fact.notice, "Un courriel sur votre événement est parti à votre adresse.")


def _notice_failed(fact: NoticeFailed) -> tuple[datetime, str]:
    return fact.failed_at, fact.reason.message


NOTICES: dict[str, str] = {
    NoticeName.NOT_LABELLED: "Un courriel vous dit pourquoi votre événement n’a pas le label, et comment y remédier.",
    NoticeName.UNDER_REVIEW: "Un courriel vous dit ce qu’une personne relit, et quand vous aurez sa réponse.",
    NoticeName.CORRECTION_ASKED: "Un courriel vous dit ce qui est à corriger.",
    NoticeName.LABEL_WITHDRAWN: "Un courriel vous dit pourquoi le label est retiré, et comment y remédier.",
    NoticeName.LABEL_SUSPENDED: "Un courriel vous dit pourquoi le label est suspendu, et pour combien de temps.",
    NoticeName.LABEL_RETURNED: "Un courriel vous dit que votre événement a de nouveau le label.",
    NoticeName.LABEL_KEPT: "Un courriel vous dit que votre événement garde le label.",
    NoticeName.APPEAL_RECEIVED: "Un courriel vous confirme que votre demande est reçue.",
    NoticeName.APPEAL_DECIDED: "Un courriel vous dit ce qui est décidé après votre demande.",
}
"""What each mail about the label says, once it has left."""


SENTENCES: dict[type[EventFact], Callable[[Any], tuple[datetime, str]]] = {
    EventSubmitted: _submitted,
    EventWithdrawn: _withdrawn,
    EventLabelled: _decided,
    EventRejected: _decided,
    ReviewRequested: _decided,
    CorrectionRequested: _correction_asked,
    AppealReceived: _appeal_received,
    LabelWithdrawn: _decided,
    EventLocated: _located,
    EventNotLocated: _not_located,
    KitSent: _kit_sent,
    KitFailed: _kit_failed,
    NoticeSent: _notice_sent,
    NoticeFailed: _notice_failed,
}
