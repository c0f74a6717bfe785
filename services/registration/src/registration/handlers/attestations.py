"""The attestation that an organiser is given for having said who came, and the page that confirms it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from backbone.campaign.dates import in_full, period
from backbone.campaign.palette import WHITE, readable
from backbone.postgres.database import Tx
from backbone.printing.process import NotPrinted

from .. import store
from ..desk import Desk
from ..domain.attendance import Shown
from ..domain.refusals import NoAttestation, NotNow
from ..store.attendance import Kept

log = logging.getLogger(__name__)

_PARIS = ZoneInfo("Europe/Paris")


async def attested(tx: Tx, number: str) -> tuple[Kept, Shown | None]:
    """What the attestation of this number was given for; None where its organiser is erased. Raises NoAttestation."""
    kept = await store.attested(tx, number)
    if kept is None:
        raise NoAttestation
    return kept, Shown.model_validate(kept.shown) if kept.shown else None


async def attestation(desk: Desk, kept: Kept | None) -> bytes:
    """The attestation as a PDF: the same bytes whenever it is asked for, until what it says is corrected.

    Raises NoAttestation or NotNow.
    """
    if kept is None or not (kept.number and kept.shown and kept.filed_at):
        raise NoAttestation
    shown = Shown.model_validate(kept.shown)
    edition = desk.editions.get(shown.edition)
    filed_at = kept.filed_at.astimezone(_PARIS)
    words = {
        "shown": shown,
        "number": kept.number,
        "edition": edition,
        "week": period(edition.week.first, edition.week.last) if edition else "",
        "day": in_full(filed_at.date()),
        "made": filed_at.isoformat(timespec="seconds"),
        "url": f"{desk.confirmations.public_url}/attestations/{kept.number}",
    }
    templates = desk.confirmations.templates
    html = templates.get_template("attestation/page.html").render(words)
    css = templates.get_template("attestation/page.css").render(_colours(desk, shown.edition))
    try:
        return await desk.printer.pdf(html, css)
    except NotPrinted as why:
        log.warning("an attestation was not printed", extra={"event": str(kept.event_id), "why": str(why)})
        raise NotNow from why


def _colours(desk: Desk, edition: str) -> Mapping[str, str]:
    colours = desk.editions.get(edition, desk.edition).colours
    return {
        "ink": colours.ink,
        "accent": colours.accent,
        "paper": colours.paper,
        "accent_on_white": readable(colours.accent, on=WHITE, towards=colours.ink),
        "accent_on_ink": readable(colours.accent, on=colours.ink, towards=colours.paper),
    }
