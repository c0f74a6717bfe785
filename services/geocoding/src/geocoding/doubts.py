"""What an organiser is asked to look at, told with the place of their event."""

from __future__ import annotations

from backbone.contracts import Reason

STREET_UNKNOWN = Reason(
    code="street-unknown",
    message="La rue n’a été trouvée nulle part : l’événement est placé à la commune, faute de mieux.",
)


def street_guessed(label: str) -> Reason:
    """Another way of that name was found than was written: an impasse for a rue, a route for an ancienne route."""
    return Reason(
        code="street-guessed",
        message=f"Nous avons trouvé « {label} », qui n’est pas tout à fait ce que vous avez écrit : vérifiez la rue,"
        " ou posez le repère.",
    )


OF_LETTERS = Reason(
    code="postcode-of-letters",
    message="Ce code postal est celui du courrier (CEDEX), pas d’un lieu : indiquez celui du lieu.",
)


def commune_guessed(commune: str) -> Reason:
    """The organiser wrote something else, or less."""
    return Reason(
        code="commune-guessed",
        message=f"Nous avons compris « {commune} » : vérifiez le nom de la commune et le code postal.",
    )


def pin_elsewhere(kilometres: float, commune: str) -> Reason:
    """The organiser's pin is not where their address is."""
    return Reason(
        code="pin-elsewhere",
        message=f"Le repère que vous avez posé, à {far(kilometres)} de l’adresse, est hors de la commune ({commune}) :"
        " il n’est pas repris. Vérifiez l’adresse, reposez-le, ou dites que c’est bien là.",
    )


def far(kilometres: float) -> str:
    """« 800 m », « 12 km »."""
    return f"{kilometres * 1000:.0f} m" if kilometres < 1 else f"{kilometres:.0f} km"
