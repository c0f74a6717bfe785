"""What somebody does for an organiser, as the organiser reads it. It names nobody: whom one is to is enough."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from .rights import Act, Relation
from .timeline import Step

COLLEAGUES = {Relation.KEEPER, Relation.MANAGER, Relation.MEMBER}
HELPERS: Mapping[Relation, str] = {
    Relation.FEDERATION: "Votre fédération",
    Relation.COORDINATOR: "La coordination de votre région",
    Relation.ADMINISTRATOR: "L’équipe de la Semaine de l’industrie",
}


def helper_among(who: Collection[Relation]) -> Relation | None:
    """As what somebody helps with an event; None: it is their own, or their organisation's."""
    if COLLEAGUES & {*who}:
        return None
    return next((relation for relation in HELPERS if relation in who), None)


def sentence(relation: str, act: str) -> str:
    """« Votre fédération a déposé votre événement pour vous. »"""
    helper = HELPERS[Relation(relation)]
    return f"{helper} a {'déposé votre événement pour vous' if act == Act.SUBMIT else 'modifié votre brouillon'}."


def helped(relation: Relation, act: Act, revision: int, sequence: int, at: datetime) -> Step:
    """The step of it on the event's timeline."""
    kind = f"{'Submitted' if act is Act.SUBMIT else 'Edited'}By{relation.title()}"
    return Step(kind=kind, revision=revision, sequence=sequence, at=at, text=sentence(relation, act))
