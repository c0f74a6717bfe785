"""Every mail that commskit sends, made of one sample event, so that a person can look at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import partial
from io import BytesIO
from types import MappingProxyType
from typing import Any, Protocol
from uuid import UUID
from zipfile import ZipFile
from zoneinfo import ZoneInfo

from backbone.campaign.dates import DAYS, day_and_month, in_full, period
from backbone.campaign.typography import in_french
from backbone.contracts import (
    AppealReceived,
    Correction,
    CorrectionRequested,
    DecidedBy,
    DecisionFact,
    EventLabelled,
    EventRejected,
    Evidence,
    Finding,
    JudgedFact,
    Label,
    LabelWithdrawn,
    NoticeName,
    PublicEvent,
    Reason,
    ReviewRequested,
    Verdict,
)
from backbone.mail.letter import Letter

from .domain import Kit, Look, name_zip, piece_of, pieces
from .domain.mailing import MailState
from .domain.notices import Word, notice_id
from .domain.organiser import Organiser
from .domain.standing import kit_id
from .letter import Pages, write_letter
from .notice_letter import write_notice
from .store import KitOrder, NoticeOrder

_EVENT = UUID("0b9c3f52-4a5e-4c86-9c1f-2f1f6a0f5a7e")
_INES = Organiser(UUID("7c1f0a51-90c2-4e59-8f3c-19f6d7a8b102"), "Inès Payet", "ines@fonderie.example")
_SENDER = "La Semaine de l'industrie <ne-pas-repondre@semaine-industrie.example>"
_PAGES = Pages(
    event=f"https://carte.semaine-industrie.example/evenements/{_EVENT}",
    contact="https://carte.semaine-industrie.example/contact",
    own=f"https://inscription.semaine-industrie.example/evenements/{_EVENT}",
)


def _dated(look: Look) -> datetime:
    """Some day of the summer before the week."""
    return datetime.combine(look.week_first - timedelta(days=76), time(8, 30), UTC)


def _due(look: Look) -> datetime:
    return datetime.combine(look.week_first - timedelta(days=70), time(16), UTC)


_PRICE = Verdict(
    condition="free",
    finding=Finding.NOT_MET,
    code="free-price-stated",
    message="Votre texte indique « entrée : 8 € ».",
    hint="Si l’entrée est gratuite, corrigez-le ; sinon, rendez-la gratuite pour tous.",
    evidence=(Evidence(text="entrée : 8 €", field="description", start=64, end=76),),
)


def _dates(look: Look) -> Verdict:
    outside, week = in_full(look.week_last + timedelta(days=3)), period(look.week_first, look.week_last)
    return Verdict(
        condition="dates",
        finding=Finding.NOT_MET,
        code="dates-outside-window",
        message=in_french(f"Le {outside} est hors de la période, {week}."),
        hint="Proposez une date de cette période.",
    )


_GROUP = Verdict(
    condition="public",
    finding=Finding.DOUBTFUL,
    code="public-named-group",
    message="L’événement s’adresse à un groupe que vous désignez.",
    hint="Dites de quel groupe il s’agit, et si d’autres peuvent venir.",
    evidence=(Evidence(text="la classe de 3e B du collège voisin", field="description", start=80, end=115),),
)

_RESERVED = Verdict(
    condition="public",
    finding=Finding.DOUBTFUL,
    code="public-rules-changed",
    message="Votre texte indique « compagnons du cubilot ».",
    hint="Les règles ont changé depuis qu’une personne a décidé : une personne regarde de nouveau.",
    evidence=(Evidence(text="compagnons du cubilot", field="description", start=80, end=101),),
)


def _event(look: Look) -> PublicEvent:
    day, zone = look.week_first + timedelta(days=1), ZoneInfo("Europe/Paris")
    hours = (datetime.combine(day, at, zone) for at in (time(9), time(11, 30)))
    slot = dict(zip(("starts_at", "ends_at"), (at.isoformat() for at in hours), strict=True))
    place = {"street": "12 rue de l’Industrie", "postcode": "44550", "city": "Montoir-de-Bretagne"}
    return PublicEvent.model_validate(
        {
            "event_id": _EVENT,
            "revision": 1,
            "edition": look.edition_name,
            "organiser_id": _INES.id,
            "organisation": "Fonderie de l’Erdre",
            "title": "Du métal en fusion à la pièce finie : visite de la fonderie",
            "description": "Suivez une pièce, du four à l’emballage.",
            "kind": "company_visit",
            "audiences": ("pupils", "families"),
            "admission": "on_registration",
            "is_free": True,
            "slots": (slot,),
            "timezone": "Europe/Paris",
            "venue": {"name": "Fonderie de l’Erdre, portail B", "address": place},
        }
    )


def _decision(
    kind: type[DecisionFact], label: Label, by: DecidedBy = DecidedBy.RULES, *, look: Look, **said: Any
) -> DecisionFact:
    event = _event(look)
    about = {"event_id": event.event_id, "revision": 1, "sequence": 1, "edition": event.edition}
    decided = {"decision_id": UUID(int=1), "label": label, "decided_by": by, "automated": by == DecidedBy.RULES}
    judged = (
        {"event": event, "verdicts": (_PRICE,), "region": "52", "due_at": _due(look)} if "reason" not in said else {}
    )
    return kind.model_validate({**about, **decided, "decided_at": _dated(look), **judged, **said})


class _Make(Protocol):
    def __call__(self, *, look: Look) -> DecisionFact: ...


def _not_labelled(*, look: Look) -> DecisionFact:
    return _decision(EventRejected, Label.REFUSED, look=look, verdicts=(_dates(look), _PRICE, _GROUP))


def _correction_asked(*, look: Look) -> DecisionFact:
    day = look.week_first + timedelta(days=1)
    message = f"Dites à quelle heure la visite commence le {DAYS[day.weekday()]} {day_and_month(day)}."
    asked = Correction(kind="incomplete", message=message)
    return _decision(CorrectionRequested, Label.UNDER_REVIEW, DecidedBy.REVIEW, look=look, correction=asked)


_DECISIONS: Mapping[str, tuple[NoticeName, _Make]] = MappingProxyType(
    {
        "not-labelled": (
            NoticeName.NOT_LABELLED,
            _not_labelled,
        ),
        "not-labelled-by-a-person": (
            NoticeName.NOT_LABELLED,
            partial(_decision, EventRejected, Label.REFUSED, DecidedBy.REVIEW),
        ),
        "under-review": (
            NoticeName.UNDER_REVIEW,
            partial(_decision, ReviewRequested, Label.UNDER_REVIEW, verdicts=(_GROUP,)),
        ),
        "under-review-again": (
            NoticeName.UNDER_REVIEW,
            partial(_decision, ReviewRequested, Label.UNDER_REVIEW, verdicts=(_GROUP,), had_label=True),
        ),
        "correction-asked": (
            NoticeName.CORRECTION_ASKED,
            _correction_asked,
        ),
        "label-suspended": (
            NoticeName.LABEL_SUSPENDED,
            partial(_decision, ReviewRequested, Label.SUSPENDED, verdicts=(_GROUP,), had_label=True),
        ),
        "label-withdrawn": (
            NoticeName.LABEL_WITHDRAWN,
            partial(_decision, EventRejected, Label.REFUSED, had_label=True),
        ),
        "label-withdrawn-by-new-rules": (
            NoticeName.LABEL_WITHDRAWN,
            partial(
                _decision,
                LabelWithdrawn,
                Label.WITHDRAWN,
                DecidedBy.REJUDGEMENT,
                reason=Reason(code="rules-changed", message="Les dates de la campagne ont changé."),
            ),
        ),
        "under-review-by-new-rules": (
            NoticeName.UNDER_REVIEW,
            partial(
                _decision,
                ReviewRequested,
                Label.UNDER_REVIEW,
                DecidedBy.REJUDGEMENT,
                verdicts=(_RESERVED,),
                had_label=True,
            ),
        ),
        "label-kept": (NoticeName.LABEL_KEPT, partial(_decision, EventLabelled, Label.GRANTED, DecidedBy.REVIEW)),
        "label-kept-by-the-rules": (
            NoticeName.LABEL_KEPT,
            partial(_decision, EventLabelled, Label.GRANTED, DecidedBy.REJUDGEMENT),
        ),
        "label-returned": (
            NoticeName.LABEL_RETURNED,
            partial(_decision, EventLabelled, Label.GRANTED, DecidedBy.REJUDGEMENT),
        ),
        "appeal-received": (
            NoticeName.APPEAL_RECEIVED,
            partial(_decision, AppealReceived, Label.REFUSED, DecidedBy.ORGANISER),
        ),
        "appeal-decided": (
            NoticeName.APPEAL_DECIDED,
            partial(_decision, EventLabelled, Label.GRANTED, DecidedBy.APPEAL),
        ),
        "appeal-decided-refused": (
            NoticeName.APPEAL_DECIDED,
            partial(_decision, EventRejected, Label.REFUSED, DecidedBy.APPEAL),
        ),
    }
)


def _notice(name: NoticeName, make: _Make, look: Look) -> Letter:
    decision = make(look=look)
    event = decision.event if isinstance(decision, JudgedFact) else _event(look)
    word = Word.of(decision, event.title, has_kit=False)
    about = (notice_id(decision, name), 1, event.event_id, event.edition, name.value, word)
    return write_notice(NoticeOrder(*about, MailState.PENDING, _INES), look, _PAGES, sender=_SENDER, dated=_dated(look))


def sample_kit(look: Look) -> dict[str, bytes]:
    """The files of a kit, really drawn. It takes seconds."""
    from .kit import make_kit  # here: what draws takes a second to load

    made = make_kit(_event(look), _PAGES.event, look, _dated(look))
    with ZipFile(BytesIO(made.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _kit(look: Look, *, is_second: bool) -> Letter:
    event = _event(look)
    earlier = (event.slots,) if is_second else ()
    order = KitOrder(kit_id(event.event_id, 1), 1, event, MailState.PENDING, _dated(look), _INES, earlier)
    kit = Kit(name_zip(event), (piece_of(pieces.POSTER_A4, b"%PDF"),), b"PK")  # what is attached is not looked at
    return write_letter(order, kit, look, _PAGES, sender=_SENDER, dated=_dated(look))


PREVIEWS: Mapping[str, Callable[[Look], Letter]] = MappingProxyType(
    {
        "kit": partial(_kit, is_second=False),
        "kit-again": partial(_kit, is_second=True),
        **{name: partial(_notice, *what) for name, what in _DECISIONS.items()},
    }
)
"""Each mail by its name, and what makes it in the look of an edition."""
