"""What a reviewer may say of an event that waits for them: a label, a refusal, a question to the organiser, another
region's desk."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, field_validator

from backbone.campaign.geography import REVIEW_REGIONS
from backbone.contracts import Condition, Correction
from backbone.texts.pasted import AS_ONE_LINE, WITH_WORDS

# what an organiser may not write in a text, nobody may write to them
Sentence = Annotated[str, StringConstraints(min_length=10, max_length=500), AS_ONE_LINE, WITH_WORDS]
# and what reviewers write to each other
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True), WITH_WORDS]
CORRECTIONS = ("incomplete", "incoherent", "outdated")


class _Word(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ToLabel(_Word):
    """The event gets the label."""

    kind: Literal["label"] = "label"


class ToRefuse(_Word):
    """It does not, for these conditions, each with the sentence that tells the organiser what to mend."""

    kind: Literal["refusal"] = "refusal"
    refused: Annotated[dict[Condition, Sentence], Field(min_length=1)]


class ToCorrect(_Word):
    """The organiser is asked to correct the event first."""

    kind: Literal["correction"] = "correction"
    fault: Literal["incomplete", "incoherent", "outdated"]
    message: Sentence

    @property
    def correction(self) -> Correction:
        """As the organiser is told it."""
        return Correction(kind=self.fault, message=self.message)


class ToHandOver(_Word):
    """Another region's desk decides."""

    kind: Literal["region"] = "region"
    region: str

    @field_validator("region")
    @classmethod
    def _is_one(cls, region: str) -> str:
        if region not in REVIEW_REGIONS:
            raise ValueError("Choisissez une région de la liste.")
        return region


Word = ToLabel | ToRefuse | ToCorrect | ToHandOver
WORDS: TypeAdapter[Word] = TypeAdapter(Annotated[Word, Field(discriminator="kind")])
