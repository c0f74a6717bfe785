"""Where an event is, and why: on the map or not, what comes next and by when, and which mails have left.

Every state that the five services can leave it in has its sentence here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backbone.campaign.dates import in_full

from .kit import KitNews, kit_news
from .known import Known
from .story import State
from .then import Then, what_then
from .timeline import Step
from .word import Why

MAILS = ("KitSent", "KitFailed", "NoticeSent", "NoticeFailed")


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
    then: Then
    how: str
    remedies: tuple[str, ...]
    may_appeal: bool
    mails: tuple[Step, ...]
    """What left for the organiser's mailbox, or could not."""
    no_mail: str
    """Why none has; empty if one did."""
    kit: KitNews
    place: str
    """Where its pin stands, and how precisely; empty where there is nothing to say of one."""


def whereabouts(known: Known) -> Whereabouts:
    """All of it."""
    then, word, (on_the_map, is_there) = what_then(known), known.word, _on_the_map(known)
    mails = tuple(step for step in known.steps if step.kind in MAILS)
    return Whereabouts(
        state=_state(known),
        on_the_map=on_the_map,
        is_on_the_map=is_there,
        whys=word.whys if word and known.state in EXPLAINED else (),
        about_whys=ABOUT_WHYS.get(known.state, "Pourquoi"),
        then=then,
        how=word.how if word and known.state in DECIDED else "",
        remedies=word.remedies if word and known.state in DECIDED else (),
        may_appeal=bool(word and word.may_appeal and known.state in DECIDED),
        mails=mails,
        no_mail="" if mails else _no_mail(known),
        kit=kit_news(known),
        place=_place(known),
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
    return "Oui, à la commune." if known.pin and known.pin.is_rough else "Oui."


def _place(known: Known) -> str:
    if known.state in (State.DRAFT, State.WITHDRAWN) or (known.word and not known.word.is_on_site):
        return ""
    if known.pin:
        return known.pin.words
    newest = _looked_up(known)
    return newest.text if newest and newest.kind == "EventNotLocated" else ""


def _looked_up(known: Known) -> Step | None:
    return known.newest(lambda step: step.kind in ("EventLocated", "EventNotLocated"))


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
