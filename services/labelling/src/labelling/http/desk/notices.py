"""What a reviewer reads where something is refused: by what was raised, the status, the title and the sentence."""

from __future__ import annotations

from collections.abc import Mapping

from backbone.http.access import NotAllowed
from backbone.http.session import ForeignForm

from ...reviews import InAppeal, OwnCause, OwnRefusal, ReviewMissing
from ...workbench.access import AlreadyHeld, BeingCorrected, Claimed
from ...workbench.holds import TooLate
from ...workbench.talk import NoSuchColleague, NotAsked

UNREADABLE = (
    "Nous n’avons pas compris cette demande",
    "L’adresse ou le formulaire n’est pas de ceux que nous connaissons.",
)
NOTICES: Mapping[type[Exception], tuple[int, str, str]] = {
    NotAllowed: (
        403,
        "Cette page n’est pas la vôtre",
        "Votre compte ne permet pas de la voir, ou l’événement est d’une autre région. Si elle devrait vous être "
        "ouverte, écrivez à l’administrateur de la plateforme.",
    ),
    ForeignForm: (
        403,
        "Ce formulaire ne vient pas de nos pages",
        "Rien n’a été fait. Si vous êtes arrivé ici par nos pages, rechargez-les et recommencez.",
    ),
    ReviewMissing: (
        404,
        "Cet événement n’attend pas de décision",
        "Une décision a été prise entre-temps, ou l’organisateur l’a retiré. Rien n’a été fait.",
    ),
    OwnCause: (
        403,
        "Cet événement est celui de votre organisation",
        "Personne ne décide en sa propre cause : une autre personne de la région, ou un administrateur, en décide. "
        "Rien n’a été fait.",
    ),
    OwnRefusal: (
        403,
        "Ce recours conteste votre propre refus",
        "Une autre personne en décide. Rien n’a été fait.",
    ),
    InAppeal: (
        409,
        "Cet événement est un recours",
        "Son organisateur demande une décision sur le texte tel qu’il est : donnez le label, ou refusez-le en disant "
        "quoi corriger. Rien n’a été fait.",
    ),
    BeingCorrected: (
        409,
        "Une correction est déjà demandée",
        "L’organisateur a été prié de corriger cet événement : attendez sa nouvelle version, donnez le label ou "
        "refusez-le. Rien n’a été fait.",
    ),
    AlreadyHeld: (
        409,
        "Une décision vient d’être prise",
        "Elle va être transmise à l’organisateur dans la minute. Rien d’autre n’a été fait.",
    ),
    TooLate: (
        409,
        "Il est trop tard pour annuler",
        "La décision a été transmise à l’organisateur, ou annulée auparavant : on peut l’annuler pendant une minute.",
    ),
    NoSuchColleague: (422, "Cette personne ne peut pas être consultée", "Choisissez un collègue de la liste."),
    NotAsked: (404, "Cet avis ne vous est pas demandé", "Vous l’avez peut-être déjà donné."),
    Claimed: (409, "Un collègue est sur cet événement", "{name} se l’est réservé. Rien n’a été fait."),
}
