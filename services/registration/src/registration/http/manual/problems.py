"""The problems that registration alone tells of."""

from __future__ import annotations

from backbone.http.problem_kinds import Kind

NOT_OPEN = Kind(
    409,
    "inscriptions-fermees",
    "Inscriptions fermées",
    "Les événements de cette édition se déposent entre deux dates, et se modifient jusqu’à la veille de la Semaine.",
    "La réponse dit la date. « GET /v1/calendar » les dit toutes.",
)
NEVER_SUBMITTED = Kind(
    409,
    "jamais-depose",
    "Jamais déposé",
    "Seul un événement déposé peut être retiré ; celui-ci est resté un brouillon, que vous seul voyez.",
    "Il n’y a rien à faire.",
)
NOT_ANNOUNCED = Kind(
    409,
    "rien-a-annoncer",
    "Rien à annoncer",
    "On annonce aux visiteurs ce que devient un événement déposé, qui n’est pas terminé.",
    "Un brouillon se modifie simplement ; un événement retiré se dépose de nouveau.",
)
NO_REPORT = Kind(
    409,
    "participation-fermee",
    "Participation fermée",
    "La participation se dit d’un événement labellisé qui a eu lieu, du premier créneau à soixante jours après le "
    "dernier.",
    "La réponse dit ce qui manque.",
)
KEY_REUSED = Kind(
    422,
    "cle-deja-prise",
    "Clé déjà prise",
    "Une Idempotency-Key désigne une demande, la même à chaque essai, pendant un jour.",
    "Prenez une autre clé pour une autre demande.",
)
EXTERNAL_ID_TAKEN = Kind(
    409,
    "external-id-deja-pris",
    "Identifiant externe déjà pris",
    "Un « external_id » désigne un seul événement d’une organisation.",
    "La réponse nomme l’événement qui le porte : modifiez celui-là, ou choisissez un autre identifiant.",
)
INCOMPLETE = Kind(
    422,
    "brouillon-incomplet",
    "Brouillon incomplet",
    "Un brouillon se garde à tout moment ; pour être déposé, il doit être complet et juste.",
    "La liste « errors » dit tout ce qui est à compléter ou à corriger. « POST /v1/events/validate » le dit d’avance.",
)
NAMES_AUTHOR = Kind(
    422,
    "coordonnees-dans-un-texte-public",
    "Coordonnées dans un texte public",
    "Un texte qui deviendrait public contient le nom ou l’adresse de la personne qui l’a écrit.",
    "La liste « errors » dit où, et quoi écrire à la place.",
)
ASKS_FIRST = Kind(
    422,
    "a-confirmer",
    "À confirmer",
    "Un texte qui deviendrait public contient un numéro de téléphone ou une adresse électronique.",
    "Si ce sont ceux de votre organisation, déposez à nouveau en donnant dans « confirmed » les champs de "
    "« to_confirm » ; sinon, retirez-les du texte.",
)
RESEMBLES = Kind(
    409,
    "ressemble-a-un-autre",
    "Ressemble à un autre événement",
    "Un événement déposé a lieu le même jour au même endroit, sous un titre semblable, et peut être le même.",
    "La liste « resembles » les nomme. Si c’en est un autre, déposez à nouveau en donnant leurs « token » dans "
    "« not_the_same » : la personne qui relit le saura.",
)
OF_ORGANISATION = Kind(
    409,
    "organisation",
    "Ce que l’organisation ne permet pas",
    "Une organisation qui a des membres ou des événements garde une personne qui la gère, et n’invite pas deux fois un "
    "membre.",
    "La réponse dit ce qui s’y oppose, et que faire d’abord.",
)
LINK_EXPIRED = Kind(
    410,
    "lien-expire",
    "Lien expiré",
    "Le lien reçu est trop ancien ou incomplet, a déjà servi, ou une demande plus récente l’a remplacé.",
    "Ouvrez le courriel le plus récent, ou demandez un autre lien.",
)
CODE_ASKED = Kind(
    401,
    "second-facteur",
    "Code demandé",
    "Le mot de passe est le bon ; ce compte demande aussi un code de son application, ou un code de secours.",
    "Renvoyez la même demande avec « code ». Un code ne sert qu’une fois.",
)
FACTOR_STATE = Kind(
    409,
    "double-authentification",
    "Double authentification",
    "La double authentification est déjà activée, ou ne l’est pas, alors que la demande suppose le contraire.",
    "Regardez où elle en est : `GET /v1/second-factor`.",
)
NOT_CHECKED = Kind(
    409,
    "envoi-pas-verifie",
    "Envoi pas encore vérifié",
    "Le fichier est encore en train d’être lu, ou il ne peut pas l’être : il n’y a rien à enregistrer.",
    "Relisez l’envoi (GET) jusqu’à ce que son état soit « checked ».",
)
UPLOADS_UNDER_WAY = Kind(
    409,
    "envois-en-cours",
    "Envois en cours",
    "Plusieurs de vos envois sont déjà en cours de traitement.",
    "Attendez la fin de l’un d’eux, puis envoyez ce fichier à nouveau.",
)
KINDS = (
    CODE_ASKED,
    FACTOR_STATE,
    NOT_CHECKED,
    UPLOADS_UNDER_WAY,
    OF_ORGANISATION,
    NOT_OPEN,
    NEVER_SUBMITTED,
    NOT_ANNOUNCED,
    NO_REPORT,
    KEY_REUSED,
    EXTERNAL_ID_TAKEN,
    INCOMPLETE,
    NAMES_AUTHOR,
    ASKS_FIRST,
    RESEMBLES,
    LINK_EXPIRED,
)
