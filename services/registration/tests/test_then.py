"""At each moment of an event’s life its organiser reads one sentence of what comes next, with its day if it has one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from uuid import UUID

import pytest

from backbone.campaign.dates import in_full
from backbone.contracts import EventNotLocated, KitPiece, KitSent, Reason
from registration.domain.known import Known
from registration.domain.pin import Pin
from registration.domain.story import State
from registration.domain.then import MOMENTS, UNSUBMITTED, moment_of, what_then
from registration.domain.timeline import Step
from registration.domain.word import Word

EVENT = str(UUID(int=1))
ABOUT = {"event_id": UUID(EVENT), "revision": 1, "sequence": 1, "edition": "2026"}
DUE = datetime(2026, 6, 8, 16, tzinfo=UTC)
OPENS, MAP, UNTIL = date(2026, 1, 15), date(2026, 2, 2), date(2026, 11, 6)
DAYS, REPORT = (date(2026, 11, 17), date(2026, 11, 19)), date(2027, 1, 18)
TODAYS = [date(2026, 1, 2), date(2026, 1, 20), date(2026, 6, 3), UNTIL, date(2026, 11, 10), DAYS[0], DAYS[1]]
TODAYS += [date(2026, 11, 20), REPORT, date(2027, 2, 1)]
ROUGH = Pin(revision=1, longitude=4.4, latitude=45.4, precision="municipality", radius_m=9000, commune="Saint-Étienne")
CONFIRMED = ROUGH.model_copy(update={"is_confirmed": True})
WITHOUT_DAY = {
    *("a draft, too late", "submitted", "a correction is asked, too late", "refused, too late", "withdrawn, too late"),
    *("over", "its kit is to come"),
}
PERHAPS = {"in review", "called off", "not placed", "ahead"}
"""With a day, if one is known, or it is not over."""


@pytest.fixture
def decided(a_decision):
    """What was decided on the event, and the steps of its story, for each way in which that may be."""
    granted = a_decision(EVENT, 1, 1, "granted")
    off = a_decision(EVENT, 1, 1, "granted", event=granted.event.model_copy(update={"status": "cancelled"}))
    online = a_decision(EVENT, 1, 1, "granted", event=granted.event.model_copy(update={"status": "moved_online"}))
    asked = a_decision(EVENT, 1, 1, "under_review", due_at=DUE)
    refused = a_decision(EVENT, 1, 1, "refused")
    nowhere = Reason(code="address-unknown", message="Nous n’avons pas trouvé cette adresse.")
    kit = Step.of(KitSent(**ABOUT, kit_id=UUID(int=3), pieces=(KitPiece(name="qr.svg"),), sent_at=DUE))
    lost = Step.of(EventNotLocated(**ABOUT, reason=nowhere, looked_up_at=DUE))
    steps = [(), (kit,), (kit, lost)]
    words = [None, *map(Word.of, (granted, off, online, asked, refused))]
    return [(word, (Step.of(granted), *more)) for word in words for more in steps]


@pytest.fixture
def every(decided):
    """All that may be known of an event, also what hardly ever comes together."""
    rest = [(None, None, None, 0), (None, DAYS, None, 3), (ROUGH, DAYS, None, 0), (CONFIRMED, DAYS, None, 0)]
    rest += [(ROUGH, None, None, 0), (None, DAYS, 85, 0)]
    rest += [(ROUGH.model_copy(update={"is_asked_again": True}), DAYS, None, 0)]
    return [
        Known(
            *(state, word, steps, today, UNTIL, MAP),
            opens=OPENS,
            lacking=lacking,
            pin=pin,
            days=days,
            report_until=REPORT if days else None,
            visitors=came,
        )
        for state, (word, steps), today, (pin, days, came, lacking) in product(State, decided, TODAYS, rest)
    ]


def test_every_moment_has_one_sentence_that_names_its_day_and_every_sentence_has_its_moment(every):
    seen = Counter()
    for known in every:
        moment, then = moment_of(known), what_then(known)
        seen[moment.name] += 1
        assert then.words.endswith("."), moment.name
        assert then.words.count(". ") <= 1, moment.name
        assert all(also.endswith(".") for also in then.also)
        if then.by is None:
            assert "202" not in then.words, moment.name
            assert moment.name in WITHOUT_DAY | PERHAPS, moment.name
            continue
        assert moment.name not in WITHOUT_DAY
        assert str(then.by.day) in then.words, moment.name
        assert f"{in_full(then.by).split(chr(160), 1)[-1]}" in then.words.replace("1er", "1"), moment.name
        assert then.by >= known.today or moment.name in ("in review", "reported", "ahead"), (moment.name, known.today)
    assert set(seen) == {moment.name for moment in MOMENTS}


def at(decided, state, today, **more):
    """A labelled event, or one in this state, as it mostly is."""
    word, steps = next((word, steps) for word, steps in decided if word and word.label == "granted" and steps[1:])
    kept = Known(state, word if state is State.LABELLED else None, steps, today, UNTIL, MAP, opens=OPENS, days=DAYS)
    return what_then(replace(kept, report_until=REPORT, **more)).words.replace("\u00a0", " ")


def test_an_organiser_is_led_from_the_draft_to_the_attestation(decided):
    june = date(2026, 6, 3)
    assert [
        at(decided, State.DRAFT, date(2026, 1, 2), lacking=3),
        at(decided, State.DRAFT, june, lacking=3),
        at(decided, State.DRAFT, june),
        at(decided, State.SUBMITTED, june),
        at(decided, State.LABELLED, date(2026, 1, 20)),
        at(decided, State.LABELLED, june, pin=ROUGH),
        at(decided, State.LABELLED, june),
        at(decided, State.LABELLED, DAYS[0]),
        at(decided, State.LABELLED, date(2026, 11, 20)),
        at(decided, State.LABELLED, date(2026, 11, 20), visitors=85),
        at(decided, State.LABELLED, date(2027, 2, 1)),
    ] == [
        "Les dépôts ouvrent le 15 janvier 2026 ; d’ici là, préparez-le.",
        "Encore 3 points à compléter : déposez-le avant la fin du 6 novembre 2026.",
        "Il est complet : déposez-le avant la fin du 6 novembre 2026.",
        "La réponse vient d’ordinaire en quelques secondes.",
        "La carte ouvre le 2 février 2026, et il y sera : vous n’avez rien à faire.",
        "Placez son repère sur la carte, jusqu’au 6 novembre 2026 : les visiteurs n’y lisent encore que la commune.",
        "Vous n’avez rien à faire avant qu’il ait lieu, le 17 novembre 2026 : faites-le connaître par son kit.",
        "C’est le moment : il a lieu jusqu’au 19 novembre 2026. Dites-nous ensuite combien de personnes sont venues.",
        "Dites combien de personnes sont venues, jusqu’au 18 janvier 2027 : votre attestation est prête aussitôt.",
        "Merci : votre attestation de participation est prête. Ces nombres se corrigent jusqu’au 18 janvier 2027.",
        "Il a eu lieu. Merci ; vous n’avez plus rien à faire.",
    ]


def test_what_was_written_since_and_who_is_asked_to_take_over_is_said_besides(decided):
    word, steps = decided[1]
    kept = Known(State.LABELLED, word, steps, date(2026, 6, 3), UNTIL, MAP, is_changed=True, claim_until=UNTIL)
    also = what_then(kept).also
    assert also[0] == UNSUBMITTED
    assert also[-1].replace("\u00a0", " ").endswith("par le lien reçu, jusqu’au 6 novembre 2026.")
