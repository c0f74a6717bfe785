"""Where the pin of an event stands, as geocoding has told it, and in words how precisely: pure."""

from __future__ import annotations

from typing import Self

from backbone.contracts import Contract, EventLocated, Precision


class Pin(Contract):
    """A point on the map, of the address of one revision."""

    revision: int
    longitude: float
    latitude: float
    precision: str
    radius_m: int | None = None
    commune: str = ""
    label: str = ""
    """What the address was taken for."""
    is_confirmed: bool = False
    doubts: tuple[str, ...] = ()
    """What the organiser is asked to look at, in sentences."""
    is_asked_again: bool = False
    """Whether their own pin is not believed until they say again that it is there."""

    @classmethod
    def of(cls, fact: EventLocated) -> Self:
        at = fact.location
        return cls(
            revision=fact.revision,
            longitude=at.longitude,
            latitude=at.latitude,
            precision=at.precision,
            radius_m=at.radius_m,
            commune=at.commune_name,
            label=at.matched_label or "",
            is_confirmed=at.is_confirmed,
            doubts=tuple(doubt.message for doubt in at.doubts),
            is_asked_again=any(doubt.code == PIN_ELSEWHERE for doubt in at.doubts),
        )

    @property
    def is_rough(self) -> bool:
        """Whether it says the commune alone."""
        return self.precision == Precision.MUNICIPALITY and not self.is_confirmed

    @property
    def words(self) -> str:
        """How precisely it stands where it stands, and what is doubted."""
        said = BY_HAND if self.is_confirmed else PRECISELY.get(self.precision, SOMEHOW)
        if self.is_rough:  # what it is called says it: « Paris 13e Arrondissement »
            return " ".join((said.format(commune=self.label or self.commune), *self.doubts))
        understood = f"L’adresse est comprise ainsi : « {self.label} »." if self.label and not self.is_confirmed else ""
        return " ".join(filter(None, (said.format(commune=self.commune), understood, *self.doubts)))


PIN_ELSEWHERE = "pin-elsewhere"
"""Geocoding's doubt of a pin outside the commune."""
BY_HAND = "Le repère a été placé à la main, à {commune}."
SOMEHOW = "Le repère est placé à {commune}."
PRECISELY: dict[str, str] = {
    Precision.HOUSENUMBER: "Le repère est placé au numéro de la rue, à {commune}.",
    Precision.STREET: "Le repère est placé dans la rue, sans le numéro exact, à {commune}.",
    Precision.LOCALITY: "Le repère est placé au lieu-dit, sans l’endroit exact, à {commune}.",
    Precision.MUNICIPALITY: "Seule la commune est reconnue : le repère est au milieu de {commune}, et la carte le dit.",
}
"""By how fine a point is. Readers accept others."""
