"""Every mail that commskit sends, made of one sample event, so that a person can look at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Any
from uuid import UUID

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
_DATED = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
_DUE = datetime(2026, 9, 7, 16, tzinfo=UTC)
_PRICE = Verdict(
    condition="free",
    finding=Finding.NOT_MET,
    code="free-price-stated",
    message="Votre texte indique « entrée : 8 € ».",
    hint="Si l’entrée est gratuite, corrigez-le ; sinon, rendez-la gratuite pour tous.",
    evidence=(Evidence(text="entrée : 8 €", field="description", start=64, end=76),),
)
_DATES = Verdict(
    condition="dates",
    finding=Finding.NOT_MET,
    code="dates-outside-window",
    message="Le 25\u00a0novembre 2026 est hors de la période, du 16 au 22\u00a0novembre 2026.",
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


def _event() -> PublicEvent:
    slot = {"starts_at": "2026-11-17T09:00:00+01:00", "ends_at": "2026-11-17T11:30:00+01:00"}
    place = {"street": "12 rue de l’Industrie", "postcode": "44550", "city": "Montoir-de-Bretagne"}
    return PublicEvent.model_validate(
        {
            "event_id": _EVENT,
            "revision": 1,
            "edition": "2026",
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


def _decision(kind: type[DecisionFact], label: Label, by: DecidedBy = DecidedBy.RULES, **said: Any) -> DecisionFact:
    event = _event()
    about = {"event_id": event.event_id, "revision": 1, "sequence": 1, "edition": event.edition}
    decided = {"decision_id": UUID(int=1), "label": label, "decided_by": by, "automated": by == DecidedBy.RULES}
    judged = {"event": event, "verdicts": (_PRICE,), "region": "52", "due_at": _DUE} if "reason" not in said else {}
    return kind.model_validate({**about, **decided, "decided_at": _DATED, **judged, **said})


_CORRECTION = Correction(kind="incomplete", message="Dites à quelle heure la visite commence le mardi 17 novembre.")
_DECISIONS: Mapping[str, tuple[NoticeName, DecisionFact]] = MappingProxyType(
    {
        "not-labelled": (
            NoticeName.NOT_LABELLED,
            _decision(EventRejected, Label.REFUSED, verdicts=(_DATES, _PRICE, _GROUP)),
        ),
        "not-labelled-by-a-person": (
            NoticeName.NOT_LABELLED,
            _decision(EventRejected, Label.REFUSED, DecidedBy.REVIEW),
        ),
        "under-review": (
            NoticeName.UNDER_REVIEW,
            _decision(ReviewRequested, Label.UNDER_REVIEW, verdicts=(_GROUP,)),
        ),
        "under-review-again": (
            NoticeName.UNDER_REVIEW,
            _decision(ReviewRequested, Label.UNDER_REVIEW, verdicts=(_GROUP,), had_label=True),
        ),
        "correction-asked": (
            NoticeName.CORRECTION_ASKED,
            _decision(CorrectionRequested, Label.UNDER_REVIEW, DecidedBy.REVIEW, correction=_CORRECTION),
        ),
        "label-suspended": (
            NoticeName.LABEL_SUSPENDED,
            _decision(ReviewRequested, Label.SUSPENDED, verdicts=(_GROUP,), had_label=True),
        ),
        "label-withdrawn": (
            NoticeName.LABEL_WITHDRAWN,
            _decision(EventRejected, Label.REFUSED, had_label=True),
        ),
        "label-withdrawn-by-new-rules": (
            NoticeName.LABEL_WITHDRAWN,
            _decision(
                LabelWithdrawn,
                Label.WITHDRAWN,
                DecidedBy.REJUDGEMENT,
                reason=Reason(code="rules-changed", message="Les dates de la campagne ont changé."),
            ),
        ),
        "under-review-by-new-rules": (
            NoticeName.UNDER_REVIEW,
            _decision(
                ReviewRequested, Label.UNDER_REVIEW, DecidedBy.REJUDGEMENT, verdicts=(_RESERVED,), had_label=True
            ),
        ),
        "label-kept": (NoticeName.LABEL_KEPT, _decision(EventLabelled, Label.GRANTED, DecidedBy.REVIEW)),
        "label-kept-by-the-rules": (
            NoticeName.LABEL_KEPT,
            _decision(EventLabelled, Label.GRANTED, DecidedBy.REJUDGEMENT),
        ),
        "label-returned": (NoticeName.LABEL_RETURNED, _decision(EventLabelled, Label.GRANTED, DecidedBy.REJUDGEMENT)),
        "appeal-received": (
            NoticeName.APPEAL_RECEIVED,
            _decision(AppealReceived, Label.REFUSED, DecidedBy.ORGANISER),
        ),
        "appeal-decided": (NoticeName.APPEAL_DECIDED, _decision(EventLabelled, Label.GRANTED, DecidedBy.APPEAL)),
        "appeal-decided-refused": (
            NoticeName.APPEAL_DECIDED,
            _decision(EventRejected, Label.REFUSED, DecidedBy.APPEAL),
        ),
    }
)


def _notice(name: NoticeName, decision: DecisionFact, look: Look) -> Letter:
    event = decision.event if isinstance(decision, JudgedFact) else _event()
    word = Word.of(decision, event.title, has_kit=False)
    about = (notice_id(decision, name), 1, event.event_id, event.edition, name.value, word)
    return write_notice(NoticeOrder(*about, MailState.PENDING, _INES), look, _PAGES, sender=_SENDER, dated=_DATED)


def _kit(look: Look, *, is_second: bool) -> Letter:
    event = _event()
    earlier = (event.slots,) if is_second else ()
    order = KitOrder(kit_id(event.event_id, 1), 1, event, MailState.PENDING, _DATED, _INES, earlier)
    kit = Kit(name_zip(event), (piece_of(pieces.POSTER_A4, b"%PDF"),), b"PK")  # what is attached is not looked at
    return write_letter(order, kit, look, _PAGES, sender=_SENDER, dated=_DATED)


PREVIEWS: Mapping[str, Callable[[Look], Letter]] = MappingProxyType(
    {
        "kit": partial(_kit, is_second=False),
        "kit-again": partial(_kit, is_second=True),
        **{name: partial(_notice, *what) for name, what in _DECISIONS.items()},
    }
)
"""Each mail by its name, and what makes it in the look of an edition."""
