"""Where an event is, and why: on the map or not, what comes next and by when, and which mails have left.

Every state that the five services can leave it in has its sentence here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from backbone.campaign.dates import in_full, moment
from backbone.campaign.words import ZONES

from .story import State
from .timeline import Step
from .word import Why, Word

PARIS = "Europe/Paris"
MAILS = ("KitSent", "KitFailed", "NoticeSent", "NoticeFailed")


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


@dataclass(frozen=True)
class Whereabouts:
    """What an organiser is told."""

    state: str
    """In a sentence."""
    on_the_map: str
    is_on_the_map: bool
    whys: tuple[Why, ...]
    about_whys: str
    """What is above them."""
    next: tuple[str, ...]
    how: str
    remedies: tuple[str, ...]
    may_appeal: bool
    mails: tuple[Step, ...]
    """What left for the organiser's mailbox, or could not."""
    no_mail: str
    """Why none has; empty if one did."""


def whereabouts(known: Known) -> Whereabouts:
    """All of it."""
    word, (on_the_map, is_there) = known.word, _on_the_map(known)
    mails = tuple(step for step in known.steps if step.kind in MAILS)
    return Whereabouts(
        state=_state(known),
        on_the_map=on_the_map,
        is_on_the_map=is_there,
        whys=word.whys if word and known.state in EXPLAINED else (),
        about_whys=ABOUT_WHYS.get(known.state, "Pourquoi"),
        next=tuple(NEXT[known.state](known)),
        how=word.how if word and known.state in DECIDED else "",
        remedies=word.remedies if word and known.state in DECIDED else (),
        may_appeal=bool(word and word.may_appeal and known.state in DECIDED),
        mails=mails,
        no_mail="" if mails else _no_mail(known),
    )


def _state(known: Known) -> str:
    if known.state is State.REJECTED and known.word and known.word.had_label:
        return STATES[State.LABEL_WITHDRAWN]  # it had the label until this decision
    if known.state is State.LABELLED and not known.takes_place:
        return "Il a le label de la Semaine de l’industrie, et il est annoncé comme n’ayant pas lieu."
    return STATES[known.state]


STATES: Mapping[State, str] = {
    State.DRAFT: "C’est un brouillon : vous ne l’avez pas encore déposé.",
    State.SUBMITTED: "Il est déposé, et son examen est en cours.",
    State.LABELLED: "Il a le label de la Semaine de l’industrie.",
    State.REJECTED: "Il n’a pas le label, en l’état.",
    State.IN_REVIEW: "Une personne le relit.",
    State.CORRECTION_ASKED: "Une correction vous est demandée.",
    State.IN_APPEAL: "Une personne l’examine de nouveau, à votre demande.",
    State.SUSPENDED: "Son label est suspendu, le temps qu’une personne relise.",
    State.LABEL_WITHDRAWN: "Son label est retiré.",
    State.WITHDRAWN: "Vous l’avez retiré.",
}
EXPLAINED = frozenset(
    {State.REJECTED, State.IN_REVIEW, State.CORRECTION_ASKED, State.IN_APPEAL, State.SUSPENDED, State.LABEL_WITHDRAWN}
)
"""Where there is something to explain."""
ABOUT_WHYS: Mapping[State, str] = {
    State.CORRECTION_ASKED: "Ce qui est à corriger",
    State.IN_REVIEW: "Ce qu’elle regarde",
    State.SUSPENDED: "Ce qu’elle regarde",
    State.IN_APPEAL: "Ce qu’elle examine de nouveau",
}
"""What is explained, where it is not why something is refused."""
DECIDED = frozenset({State.REJECTED, State.LABEL_WITHDRAWN})
"""Where something is decided against the organiser."""


# --- on the map ------------------------------------------------------------------------------------


def _on_the_map(known: Known) -> tuple[str, bool]:
    if known.keeps_label and known.word and known.word.is_asked_once_more:
        return "Oui : il garde son label, tant que la personne n’a pas décidé.", True
    if known.keeps_label:
        return "Oui : le public y lit la version qui a le label, tant que la nouvelle n’est pas décidée.", True
    if known.state is not State.LABELLED:
        return NOT_THERE[known.state], False
    if known.today < known.map_opens:
        return f"Pas encore : la carte ouvre le {in_full(known.map_opens)}, et il y sera.", False
    if not known.takes_place:
        return "Oui, et la carte dit qu’il n’a pas lieu comme prévu.", True
    return _placed(known), True


def _placed(known: Known) -> str:
    if known.word and not known.word.is_on_site:
        return "Oui, parmi les événements en ligne : il n’a pas de repère, puisqu’il n’a pas de lieu."
    newest = _looked_up(known)
    if newest is None:
        return "Oui, dans la liste ; son repère suit dès que son adresse est trouvée."
    if newest.kind == "EventNotLocated":
        return f"Oui, dans la liste, mais sans repère. {newest.text}"
    return "Oui."


def _looked_up(known: Known) -> Step | None:
    steps = (step for step in known.steps if step.kind in ("EventLocated", "EventNotLocated"))
    return max(steps, key=lambda step: (step.revision, step.sequence), default=None)


_NO_LABEL = "Non : la carte montre les événements qui ont le label."
NOT_THERE: Mapping[State, str] = {
    State.DRAFT: "Non : il n’est pas déposé.",
    State.SUBMITTED: "Pas encore : son examen est en cours.",
    State.REJECTED: _NO_LABEL,
    State.IN_REVIEW: "Pas encore : il y sera s’il a le label.",
    State.CORRECTION_ASKED: "Pas encore : il y sera s’il a le label.",
    State.IN_APPEAL: "Non : le refus demeure jusqu’à la réponse.",
    State.SUSPENDED: "Non : il y revient si le label est rendu.",
    State.LABEL_WITHDRAWN: _NO_LABEL,
    State.WITHDRAWN: "Non : il est retiré.",
}


# --- what comes next -------------------------------------------------------------------------------


def _mend(known: Known) -> Iterable[str]:
    if known.is_amendable:
        until = in_full(known.amendable_until)
        yield f"Corrigez-le jusqu’au {until} et déposez-le de nouveau : il est examiné aussitôt."
    else:
        yield "Les dépôts sont clos : il ne peut plus être corrigé."
    if known.word and known.word.may_appeal:
        yield "Si vous pensez que nous nous trompons, demandez qu’une personne regarde, par le formulaire ci-dessous."


def _draft(known: Known) -> Iterable[str]:
    if known.is_amendable:
        yield f"Déposez-le avant la fin du {in_full(known.amendable_until)}."
    else:
        yield "Les dépôts sont clos."


def _submitted(_: Known) -> Iterable[str]:
    yield "La réponse vient d’ordinaire en quelques secondes. Si rien ne vient d’ici une heure, écrivez-nous."


def _labelled(known: Known) -> Iterable[str]:
    until = in_full(known.amendable_until)
    if known.takes_place and _has_no_pin(known):
        if known.is_amendable:
            yield f"Corrigez son adresse jusqu’au {until} et déposez-le de nouveau : son repère paraîtra sur la carte."
        else:
            yield "Si son adresse est à corriger, écrivez-nous."
        return
    yield "Vous n’avez rien à faire."
    if known.is_amendable and not known.takes_place:
        yield f"S’il a lieu finalement, modifiez-le jusqu’au {until} : il est examiné, et un kit vous parvient."
    elif known.is_amendable:
        yield f"Si une information change, modifiez-le jusqu’au {until} : un nouveau kit vous parviendra."


def _has_no_pin(known: Known) -> bool:
    newest = _looked_up(known)
    return newest is not None and newest.kind == "EventNotLocated" and (known.word is None or known.word.is_on_site)


def _waiting(known: Known) -> Iterable[str]:
    if known.word and known.word.due_at:
        zone = known.word.timezone
        by = moment(known.word.due_at.astimezone(ZoneInfo(zone)))
        clock = f" ({ZONES[zone]})" if zone != PARIS and zone in ZONES else ""
        yield f"Vous aurez la réponse au plus tard le {by}{clock}. Vous n’avez rien à faire d’ici là."
    else:
        yield "Vous aurez la réponse par courriel."
    if known.is_amendable and known.state is State.IN_APPEAL:
        yield "Si vous le modifiez, c’est le nouveau texte qui est examiné, et cette demande prend fin."
    elif known.is_amendable:
        yield "Une précision peut suffire : si vous le modifiez, c’est le nouveau texte qui est examiné."


def _correcting(known: Known) -> Iterable[str]:
    if known.is_amendable:
        yield f"Modifiez-le jusqu’au {in_full(known.amendable_until)} et déposez-le de nouveau : il est examiné à neuf."
        yield "Rien n’est refusé : le délai de réponse est arrêté, et reprend avec votre correction."
    else:
        yield "Les dépôts sont clos : écrivez-nous, et dites ce qui est à corriger."


def _taken_back(known: Known) -> Iterable[str]:
    if known.is_amendable:
        until = in_full(known.amendable_until)
        yield f"Si vous changez d’avis, déposez-le de nouveau jusqu’au {until} : il est examiné comme la première fois."
    else:
        yield "Les dépôts sont clos."


NEXT: Mapping[State, Callable[[Known], Iterable[str]]] = {
    State.DRAFT: _draft,
    State.SUBMITTED: _submitted,
    State.LABELLED: _labelled,
    State.REJECTED: _mend,
    State.IN_REVIEW: _waiting,
    State.CORRECTION_ASKED: _correcting,
    State.IN_APPEAL: _waiting,
    State.SUSPENDED: _waiting,
    State.LABEL_WITHDRAWN: _mend,
    State.WITHDRAWN: _taken_back,
}


# --- why there is no mail --------------------------------------------------------------------------


def _no_mail(known: Known) -> str:
    if known.state is State.DRAFT:
        return "Aucun : nous écrivons quand une décision est prise."
    if known.state is State.WITHDRAWN:
        return "Aucun : de ce que vous faites vous-même, nous ne vous écrivons pas."
    if known.state is State.SUBMITTED:
        return "Pas encore : nous écrivons dès qu’une décision est prise."
    if known.state is State.LABELLED and not known.takes_place:
        return "Aucun : d’un événement qui n’a pas lieu comme prévu, aucun kit n’est envoyé."
    return "Pas encore : le courriel est en préparation. Si rien ne vient d’ici une heure, écrivez-nous."
