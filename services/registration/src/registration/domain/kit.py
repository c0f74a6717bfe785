"""Where the communication kit of an event is, in words: pure. It is commskit that makes it, and hands it out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from backbone.campaign.dates import moment

from .known import Known
from .story import State


class KitState(StrEnum):
    """`none`: there is none, yet or any more. `making`: it is being made, or waits to be mailed. `failed`: its mail
    could not be sent, or it could not be made."""

    NONE = "none"
    MAKING = "making"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True)
class KitNews:
    """What is known of a kit. `revision`: of the text that it shows; 0: there is none."""

    state: KitState
    words: str
    revision: int = 0

    @property
    def is_handed_out(self) -> bool:
        """Whether it may be downloaded: it is made as it is asked for, whatever became of its mail."""
        return self.state is not KitState.NONE


def kit_news(known: Known) -> KitNews:
    """The kit of the revision that has the label."""
    revision = known.labelled_revision
    if not (revision and known.takes_place):
        return KitNews(KitState.NONE, _none(known))
    newest = known.newest(lambda step: step.kind in ("KitSent", "KitFailed") and step.revision == revision)
    if newest is None:
        was_sent = known.newest(lambda step: step.kind == "KitSent" and step.revision < revision)
        return KitNews(KitState.MAKING, REPLACING if was_sent else MAKING, revision)
    if newest.kind == "KitFailed":
        return KitNews(KitState.FAILED, newest.text, revision)
    at = moment(newest.at.astimezone(ZoneInfo("Europe/Paris")))
    words = f"{SENT.format(at=at)} {MEANWHILE if known.keeps_label else ''}"
    return KitNews(KitState.SENT, words.strip(), revision)


SENT = "Il est parti par courriel le {at} : une affiche, un guide, un QR code et un fichier d’agenda."
MEANWHILE = "Il montre la version qui a le label, tant que la nouvelle n’est pas décidée."
MAKING = "Il se prépare, et part par courriel d’ordinaire en une minute. Vous pouvez déjà le télécharger."
REPLACING = (
    "Celui que vous avez reçu ne vaut plus : il montre une version d’avant. Le nouveau se prépare, et part par "
    "courriel d’ordinaire en une minute. Vous pouvez déjà le télécharger."
)
NO_MORE = {
    State.SUSPENDED: "Ne l’utilisez pas tant que le label est suspendu.",
    State.WITHDRAWN: "Il n’est plus à utiliser : l’événement est retiré.",
}
GONE = "Il n’est plus à utiliser : l’événement n’a plus le label."
CALLED_OFF = "Il n’y en a pas : l’événement est annoncé comme n’ayant pas lieu."
NOT_YET = "Il vous parviendra par courriel, et se téléchargera ici, dès que l’événement aura le label."


def _none(known: Known) -> str:
    if known.labelled_revision:
        return CALLED_OFF
    was_sent = any(step.kind == "KitSent" for step in known.steps)
    if not was_sent or known.state in (State.DRAFT, State.SUBMITTED):
        return NOT_YET
    return NO_MORE.get(known.state, GONE)
