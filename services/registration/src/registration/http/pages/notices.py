"""What an organiser reads where something is refused: by what was raised, the status, the title and the sentence."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi.exceptions import RequestValidationError

from backbone.http.access import NotAllowed
from backbone.http.session import ForeignForm

from ...domain.refusals import (
    AccountGone,
    EventOver,
    LastManager,
    NeverSubmitted,
    NoFederation,
    NoMember,
    NotAnnounced,
    NotCheckedYet,
    NotYours,
    OfAnotherEdition,
    TooManyInvitations,
    UnknownEvent,
    UnknownOrganisation,
    UnknownSlot,
    UnknownUpload,
)
from ..sentences import FOREIGN

UNREADABLE = (
    "Nous n’avons pas compris cette demande",
    "L’adresse ou le formulaire n’est pas de ceux que nous connaissons. Rien n’a été fait.",
)
GONE = (
    "Ce compte n’existe plus",
    "Il a été effacé, ou son adresse n’est pas encore confirmée. Connectez-vous avec un autre compte, ou ouvrez-en un.",
)
NOTICES: Mapping[type[Exception], tuple[int, str, str]] = {
    AccountGone: (401, *GONE),
    RequestValidationError: (422, *UNREADABLE),
    NotAllowed: (403, "Cette page n’est pas la vôtre", "Votre compte ne permet pas de la voir."),
    ForeignForm: (403, *FOREIGN),
    UnknownEvent: (
        404,
        "Cet événement n’est pas dans votre compte",
        "L’adresse est peut-être incomplète, ou vous êtes connecté avec un autre compte que celui qui l’a déposé, ou "
        "que celui d’un de ses collègues.",
    ),
    NotYours: (
        403,
        "Cela ne se fait pas avec votre compte",
        "Vous pouvez lire cet événement, et non faire cela. Rien n’a été fait. Demandez-le à qui l’a déposé.",
    ),
    NeverSubmitted: (
        409,
        "Cet événement n’a jamais été déposé",
        "C’est un brouillon, que vous seul voyez : il n’y a rien à annoncer ni à retirer.",
    ),
    NotAnnounced: (
        409,
        "Cet événement n’est pas déposé",
        "Les visiteurs n’en ont rien lu encore : il n’y a rien à leur annoncer. Rien n’a été fait.",
    ),
    EventOver: (409, "Cet événement est terminé", "Il n’y a plus rien à annoncer. Rien n’a été fait."),
    OfAnotherEdition: (
        409,
        "Cet événement est d’une autre édition",
        "Son édition est close. Pour celle-ci, déposez-en un nouveau. Rien n’a été fait.",
    ),
    UnknownSlot: (409, "Ce créneau n’est plus là", "L’événement a changé entre-temps. Rien n’a été fait."),
    UnknownOrganisation: (404, "Cette organisation n’est pas la vôtre", "L’adresse est peut-être incomplète."),
    NoMember: (
        409,
        "Cette personne n’est plus de votre organisation",
        "Elle l’a quittée entre-temps. Rien n’a été fait.",
    ),
    LastManager: (
        409,
        "Il faut quelqu’un pour gérer l’organisation",
        "Rendez d’abord un collègue responsable. Rien n’a été fait.",
    ),
    TooManyInvitations: (
        409,
        "Beaucoup d’invitations attendent déjà",
        "Attendez qu’elles soient acceptées, ou annulez-en. Rien n’a été fait.",
    ),
    NoFederation: (
        409,
        "Votre organisation n’est pas une fédération",
        "Seule une fédération, une branche ou un réseau accompagne d’autres organisations. Si la vôtre en est une, "
        "dites-le sur sa page. Rien n’a été fait.",
    ),
    UnknownUpload: (404, "Ce fichier n’est plus là", "Nous gardons les fichiers un mois ; ses événements restent."),
    NotCheckedYet: (409, "Ce fichier n’est pas encore lu", "Attendez un instant, et réessayez. Rien n’a été fait."),
}
