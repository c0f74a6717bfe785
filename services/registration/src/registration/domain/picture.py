"""A picture of an event, as its draft names it. The picture itself came before, and was made anew (`pictures`)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backbone.contracts import Picture
from backbone.texts.pasted import AS_ONE_LINE, WITH_WORDS

SMALL = 640
NOT_THERE = "Cette image n’est pas là : envoyez-la d’abord (PUT /v1/events/{id}/picture)."
NO_CREDIT = "Dites de qui est l’image, par exemple « Photo : Fonderie de l’Erdre »."
NO_WORDS = "Décrivez l’image pour qui ne la voit pas : ce qu’elle montre, en une phrase."

Credit = Annotated[str, StringConstraints(min_length=2, max_length=200), AS_ONE_LINE, WITH_WORDS]
AlternativeText = Annotated[str, StringConstraints(min_length=2, max_length=300), AS_ONE_LINE, WITH_WORDS]


class DraftPicture(BaseModel):
    """The picture, whose it is, and what it shows. Where it is reached is ours to say: what is given is passed over."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    credit: Credit | None = None
    alternative_text: AlternativeText | None = None
    url: Annotated[str, Field(max_length=2000)] | None = None
    thumbnail_url: Annotated[str, Field(max_length=2000)] | None = None
    width: int | None = None
    height: int | None = None

    @property
    def is_told_of(self) -> bool:
        """Whether it may be shown."""
        return bool(self.url and self.credit and self.alternative_text)


def address_of(public_url: str, picture_id: UUID, *, side: int | None = None) -> str:
    """Where a picture is reached, or its small one: never another one there, and nobody guesses it."""
    return f"{public_url}/images/{picture_id}{f'-{side}' if side else ''}.jpg"


def public(picture: DraftPicture | None) -> Picture | None:
    """The picture as everybody sees it."""
    return Picture.model_validate(picture.model_dump()) if picture and picture.is_told_of else None
