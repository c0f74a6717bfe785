"""What labelling's rules would say of an event that is still a draft: its dry run, asked as its organiser would ask it.

It is asked only where an operator has set its address. That it is away is an answer: whoever uploads a file is told so,
and nothing else of it depends on this.
"""

from __future__ import annotations

from typing import Any, Protocol

import httpx
from pydantic import BaseModel, ValidationError

from backbone.contracts import PublicEvent, Verdict
from backbone.http.access import Caller, Signer

from .domain.sheet_upload import Assessed

TIMEOUT_SECONDS = 5.0
MET = "met"
_READ = ("organisation", "title", "description", "kind", "audiences", "admission", "is_free")


class RulesAway(Exception):
    """The rules have not answered, or not as they should."""


class Rules(Protocol):
    """Knows what the rules of the label would say."""

    async def assess(self, event: PublicEvent) -> Assessed:
        """What they would say of this event, to its organiser. Raises RulesAway."""
        ...


class RulesOfLabelling:
    """The rules at an address that an operator gave."""

    def __init__(self, url: str, signer: Signer, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url, self._signer, self._transport = url.rstrip("/"), signer, transport

    async def assess(self, event: PublicEvent) -> Assessed:
        token = self._signer.sign(Caller(event.organiser_id, "organiser"))
        try:
            # followed nowhere: what is asked is what the operator named
            async with httpx.AsyncClient(
                transport=self._transport, timeout=TIMEOUT_SECONDS, follow_redirects=False
            ) as client:
                headers = {"Authorization": f"Bearer {token}"}
                answer = await client.post(f"{self._url}/v1/assessments", json=_told(event), headers=headers)
            if answer.status_code != httpx.codes.OK:
                raise RulesAway(str(answer.status_code))
            found = _Answer.model_validate_json(answer.content)
        except (httpx.HTTPError, httpx.InvalidURL, ValidationError) as error:
            raise RulesAway(type(error).__name__) from error
        return Assessed(found.label, [verdict.words for verdict in found.verdicts if verdict.finding != MET])


class _Answer(BaseModel):
    label: str
    verdicts: tuple[Verdict, ...] = ()


def _told(event: PublicEvent) -> dict[str, Any]:
    said = event.model_dump(mode="json", include={*_READ})
    slots = [slot.model_dump(mode="json", include={"starts_at", "ends_at"}) for slot in event.slots]
    return {**said, "slots": slots}
