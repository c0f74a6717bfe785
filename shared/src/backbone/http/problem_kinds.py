"""The kinds of problems (RFC 9457): each has an address, which is a page that says what it means and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"
PAGES = "/problemes"
"""Where the pages of the kinds are; every service has them at the same address."""


@dataclass(frozen=True)
class Kind:
    """One kind of problem. `slug` is part of its address, for ever: programs compare it."""

    status: int
    slug: str
    title: str
    meaning: str
    remedy: str

    @property
    def address(self) -> str:
        """The `type` of a problem: relative to the service, as each service has the page."""
        return f"{PAGES}/{self.slug}"

    @property
    def phrase(self) -> str:
        """The status line's words."""
        return HTTPStatus(self.status).phrase


KINDS = (
    Kind(
        400,
        "demande-incorrecte",
        "Demande incorrecte",
        "La demande n’est pas lisible : son format, ou un de ses en-têtes, n’est pas celui attendu.",
        "Comparez-la avec l’exemple de la documentation, puis renvoyez-la.",
    ),
    Kind(
        401,
        "connexion-necessaire",
        "Connexion nécessaire",
        "Cette page ou cette action est réservée à qui a un compte, et le jeton manque, a expiré (il vaut quinze "
        "minutes) ou n’est pas de nous.",
        "Demandez un jeton avec votre adresse et votre mot de passe, et envoyez-le dans l’en-tête Authorization.",
    ),
    Kind(
        403,
        "acces-refuse",
        "Accès refusé",
        "Nous savons qui vous êtes, mais votre compte ne permet pas cette action, ou pas dans cette région.",
        "Si elle devrait vous être ouverte, écrivez à votre comité régional.",
    ),
    Kind(
        404,
        "introuvable",
        "Introuvable",
        "Rien de ce que vous pouvez voir ne se trouve à cette adresse.",
        "Vérifiez l’adresse et l’identifiant ; la documentation liste toutes les adresses.",
    ),
    Kind(
        405,
        "methode-non-prise-en-charge",
        "Méthode non prise en charge",
        "Cette adresse existe, mais pas pour cette méthode (GET, POST, PUT…).",
        "L’en-tête Allow de la réponse dit lesquelles elle accepte.",
    ),
    Kind(
        408,
        "demande-trop-lente",
        "Demande trop lente",
        "La demande n’était pas arrivée en entier après le temps prévu. Rien n’a été enregistré.",
        "Renvoyez-la ; si cela se répète, votre connexion au réseau est sans doute en cause.",
    ),
    Kind(
        409,
        "conflit",
        "Conflit",
        "La demande est claire, mais elle ne va pas avec l’état présent de ce qu’elle concerne.",
        "Relisez cet état, puis décidez s’il y a encore quelque chose à faire.",
    ),
    Kind(
        410,
        "plus-disponible",
        "Plus disponible",
        "Ce lien a été valable, et ne l’est plus.",
        "Demandez-en un nouveau.",
    ),
    Kind(
        412,
        "a-change-entretemps",
        "Changé entre-temps",
        "L’événement n’est plus à la version que nomme If-Match : vous, ou une autre personne, l’avez modifié depuis.",
        "Relisez-le (`GET`), reportez vos changements, et renvoyez-les avec l’ETag reçu.",
    ),
    Kind(
        413,
        "envoi-trop-volumineux",
        "Envoi trop volumineux",
        "L’envoi dépasse la taille que cette adresse accepte.",
        "Raccourcissez-le.",
    ),
    Kind(
        415,
        "format-non-pris-en-charge",
        "Format non pris en charge",
        "Le type du contenu envoyé n’est pas celui attendu.",
        "Envoyez du JSON, avec l’en-tête Content-Type: application/json.",
    ),
    Kind(
        422,
        "saisie-a-corriger",
        "Saisie à corriger",
        "La demande est lisible, mais certains champs ne conviennent pas. Rien n’a été enregistré.",
        "La liste « errors » nomme chaque champ et dit quoi faire ; corrigez, puis renvoyez le tout.",
    ),
    Kind(
        428,
        "version-attendue",
        "Version attendue",
        "Qui remplace ce qu’une autre personne suit dit quelle version il en a lue : rien n’est effacé sans être vu.",
        "Lisez l’événement, et renvoyez son ETag dans l’en-tête If-Match.",
    ),
    Kind(
        429,
        "trop-de-demandes",
        "Trop de demandes",
        "Trop de demandes sont venues du même endroit, ou pour le même compte, en peu de temps.",
        "Attendez le nombre de secondes que dit l’en-tête Retry-After, puis réessayez.",
    ),
    Kind(
        500,
        "erreur-de-notre-cote",
        "Erreur de notre côté",
        "Une faute nous a échappé. Elle est notée sous le numéro que porte la réponse (« instance »).",
        "Réessayez plus tard ; si cela se répète, écrivez-nous avec ce numéro.",
    ),
    Kind(
        503,
        "service-momentanement-indisponible",
        "Service momentanément indisponible",
        "Le service attend quelque chose dont il a besoin, ou a trop à faire.",
        "Renvoyez la même demande après le nombre de secondes que dit l’en-tête Retry-After.",
    ),
)
_BY_STATUS = {kind.status: kind for kind in KINDS}


def kind_of(status: int) -> Kind:
    """The general kind of a status."""
    return _BY_STATUS.get(status) or _BY_STATUS[500 if status >= 500 else 400]


def body_of(
    kind: Kind, detail: str, errors: Sequence[Mapping[str, Any]] = (), instance: str | None = None
) -> dict[str, Any]:
    """A problem as JSON tells it."""
    body: dict[str, Any] = {"type": kind.address, "title": kind.title, "status": kind.status, "detail": detail}
    if instance:
        body["instance"] = instance
    if errors:
        body["errors"] = list(errors)
    return body


def by_slug(kinds: Iterable[Kind]) -> dict[str, Kind]:
    return {kind.slug: kind for kind in kinds}
