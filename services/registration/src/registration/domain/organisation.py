"""An organisation: what its people say of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from stdnum.exceptions import ValidationError
from stdnum.fr import siret

from backbone.contracts import OrganisationKind

from .account import Name

WRONG_SIRET = (
    "Ce n’est pas un numéro SIRET : il a quatorze chiffres, et le dernier dit si les autres sont justes. Vérifiez-le, "
    "ou laissez-le vide."
)


def a_siret(typed: str) -> str:
    """Its fourteen digits. Raises ValueError (in French) if its checksum is wrong (La Poste has one of its own)."""
    try:
        number: str = siret.validate(typed)
    except ValidationError:
        raise ValueError(WRONG_SIRET) from None
    return number


Siret = Annotated[str, StringConstraints(max_length=30), AfterValidator(a_siret)]


class OrganisationRequest(BaseModel):
    """What is said of an organisation."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    kind: OrganisationKind | None = None
    siret: Siret | None = None
