"""A federation that hands in the events of its members as one file: the template filled in, with a few faults as they
happen, tried first, then applied."""

from __future__ import annotations

import asyncio
import csv
import io
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backbone.campaign.edition import Edition
from backbone.campaign.words import ADMISSIONS, AUDIENCES, KINDS
from registration_client.models import (
    Application,
    ApplicationAs,
    OrganisationKind,
    OrganisationRequest,
    UploadState,
    UploadView,
)

from .generator import Sample, draft_of, generate, samples
from .organisers import Organiser, person
from .program import Program

ROWS = 30
SERIES = "Adhérents"
FILE = "evenements-des-adherents.csv"
CONFIRMED = ["description", "booking_email"]
FAULTS: Mapping[int, Mapping[str, str]] = {
    4: {"Date": "31/11/2026"},
    13: {"Heure de fin": "7h30"},
    22: {"Type d’événement": "pot de départ"},
    27: {"Titre": ""},
}
"""What is wrong in the file, by row: a day November has not, an end before its start, no kind of ours, no title."""
LOOK_SECONDS = 0.3


@dataclass(frozen=True)
class Federation:
    """Who hands in the file, and what is in it: each row by the headings of the template."""

    who: Organiser
    rows: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Handed:
    """What became of a file, what there is to mend in it, row by row, and its report, a workbook."""

    rows: int
    submitted: int
    wrong: tuple[str, ...]
    report: bytes


def cast_federation(seed: int, edition: Edition, secret: str) -> Federation:
    """The federation, whose members' events are none of those that organisers post themselves."""
    chance = random.Random(f"{seed}:federation")  # noqa: S311 (no secret)
    others = list(generate(len(samples()) + 10 * ROWS, seed + 1_000_003))[len(samples()) :]
    events = [sample for _, sample in others if _fits(sample)]
    chosen = chance.sample(events, ROWS)
    who = person("federation", seed, secret)
    who.organisation = "Fédération des ateliers de France"
    rows = [_row(f"FED-{number:03}", draft_of(sample, edition)) for number, sample in enumerate(chosen, 1)]
    return Federation(who, tuple({**row, **FAULTS.get(number, {})} for number, row in enumerate(rows, 1)))


def _fits(sample: Sample) -> bool:
    """Whether it fits a row of a template, and would get its label."""
    return sample["expected"]["decision"] == "labelled" and "venue" in sample and len(sample["slots"]) == 1


def _row(reference: str, draft: Mapping[str, Any]) -> dict[str, str]:
    starts, ends = (datetime.fromisoformat(draft["slots"][0][name]) for name in ("starts_at", "ends_at"))
    venue = draft["venue"]
    return {
        "Référence": reference,
        "Organisation": draft["organisation"],
        "Titre": draft["title"],
        "Description": " ".join(draft["description"].split()),
        "Type d’événement": KINDS[draft["kind"]],
        "Publics": " ; ".join(AUDIENCES[one] for one in draft["audiences"]),
        "Accès": ADMISSIONS[draft["admission"]],
        "Gratuit": "oui" if draft["is_free"] else "non",
        "Date": f"{starts:%d/%m/%Y}",
        "Heure de début": f"{starts:%Hh%M}",
        "Heure de fin": f"{ends:%Hh%M}",
        "Nom du lieu": venue.get("name", ""),
        "Adresse": venue["street"],
        "Code postal": venue["postcode"],
        "Commune": venue["city"],
        "Site web": draft.get("website", ""),
        "Courriel d’inscription": draft.get("booking_email", ""),
    }


async def hand_in(
    program: Program, federation: Federation, note: Callable[[UploadView], None] = lambda upload: None
) -> Handed:
    """Tries the file, then has what is right in it submitted; unless that was done before. `note` hears of each look at
    it."""
    upload = await _before(program) or await _handed_in(program, federation, note)
    wrong = [
        f"{row.external_id}: {fault.message}"
        for row in await program.registration.read_rows(upload.id, limit=100)
        for fault in row.faults
    ]
    report = await program.registration.read_report_workbook(upload.id)
    return Handed(upload.counts.rows, upload.counts.outcome.get("submitted", 0), tuple(wrong), report)


async def _before(program: Program) -> UploadView | None:
    found = (await program.registration.list_uploads()).items
    return next((one for one in found if one.series == SERIES and one.state == UploadState.applied), None)


async def _handed_in(program: Program, federation: Federation, note: Callable[[UploadView], None]) -> UploadView:
    registration, name = program.registration, federation.who.organisation
    home = (await registration.list_organisations())[0].id
    await registration.change_organisation(home, OrganisationRequest(name=name, kind=OrganisationKind.federation))
    content = _filled(await registration.read_template_csv(), federation)
    upload = await registration.upload_events((FILE, content), series=SERIES)
    await _until(UploadState.checked, program, upload, note)
    wanted = Application(**{"as": ApplicationAs.submitted, "confirmed": CONFIRMED, "not_the_same": True})
    await registration.apply_upload(upload.id, wanted)
    return await _until(UploadState.applied, program, upload, note)


def _filled(template: bytes, federation: Federation) -> bytes:
    headings = next(csv.reader(io.StringIO(template.decode("utf-8-sig"), newline=""), delimiter=";"))
    text = io.StringIO(newline="")
    written = csv.DictWriter(text, headings, restval="", delimiter=";", lineterminator="\r\n")
    written.writeheader()
    written.writerows(federation.rows)
    return text.getvalue().encode("utf-8-sig")


async def _until(
    state: UploadState, program: Program, upload: UploadView, note: Callable[[UploadView], None]
) -> UploadView:
    while upload.state != state:
        if upload.state == UploadState.unreadable:
            raise RuntimeError(f"the file of the federation could not be read: {upload.problem}")
        await asyncio.sleep(LOOK_SECONDS)
        upload = await program.registration.read_upload(upload.id)
        note(upload)
    return upload
