"""What may change in a text without a change of the finding, and in which way alone a change may move it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backbone.campaign.edition import Edition
from backbone.contracts import Finding, PublicEvent
from labelling.domain.criteria import free, industry, judge
from labelling.domain.reading import Reading

quietly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

RANK = {Finding.MET: 0, Finding.DOUBTFUL: 1, Finding.NOT_MET: 2}
PRICES = (
    "Entrée : {n} €.",
    "{n} € par personne.",
    "Tarif unique de {n} euros.",
    "Visite payante ({n} €).",
    "Adulte {n} €, enfant 3 €.",
    "P.A.F. : {n} EUR",
    "{n} €/pers.",
    "À partir de {n} €",
    "Participation : {n} euros",
)
CAMPAIGN = (
    "Semaine de l’industrie",
    "Dans le cadre de la Semaine de l’industrie.",
    "Avec la Chambre de commerce et d’industrie.",
    "À la Cité des sciences et de l’industrie.",
    "Zone industrielle nord.",
    "Rue de la Fonderie.",
)
STUFFING = ("soudage", "usinage", "chaudronnerie", "fonderie", "métallurgie", "plasturgie", "robotique", "usine", "CNC")
LEISURE = (
    ("Bal folk à la salle des fêtes", "Musique, parquet et buvette."),
    ("Yoga et méditation", "Un cours découverte, apportez votre tapis."),
    ("Concert de jazz", "Le quartet joue deux heures."),
    ("Atelier d’écriture", "Poésie et lecture à la médiathèque."),
    ("Les crèches recrutent", "Auxiliaires de puériculture, entretiens le matin."),
)


@quietly
@given(data=st.data(), number=st.integers(1, 300))
def test_a_price_that_is_added_moves_free_only_away_from_met(samples: list[PublicEvent], data, number: int) -> None:
    event = data.draw(st.sampled_from(samples))
    price = data.draw(st.sampled_from(PRICES)).format(n=number)
    priced = event.model_copy(update={"description": f"{event.description}\n\n{price}"})
    before, after = free(Reading(event)).finding, free(Reading(priced)).finding
    assert RANK[after] >= RANK[before]
    assert after != Finding.MET


@quietly
@given(data=st.data())
def test_the_campaigns_name_institutions_and_streets_add_nothing(samples: list[PublicEvent], data) -> None:
    event = data.draw(st.sampled_from(samples))
    name = data.draw(st.sampled_from(CAMPAIGN))
    named = event.model_copy(update={"description": f"{event.description}\n\n{name}"})
    assert industry(Reading(named)).finding == industry(Reading(event)).finding


@quietly
@given(order=st.permutations(range(3)))
def test_the_order_of_the_sessions_changes_nothing(
    an_event: Callable[..., PublicEvent], edition: Edition, order: list[int]
) -> None:
    hours = [
        {"starts_at": f"2026-11-{day}T09:00:00+01:00", "ends_at": f"2026-11-{day}T12:00:00+01:00"}
        for day in (17, 19, 26)
    ]
    plain, mixed = (judge(an_event(slots=slots), edition) for slots in (hours, [hours[place] for place in order]))
    assert [verdict.finding for verdict in mixed] == [verdict.finding for verdict in plain]


@pytest.mark.parametrize(("title", "says"), LEISURE)
def test_trade_words_never_turn_a_refusal_into_a_label(an_event: Callable[..., PublicEvent], title, says) -> None:
    plain = an_event(organisation="Ville", title=title, description=says)
    assert industry(Reading(plain)).finding == Finding.NOT_MET

    @quietly
    @given(words=st.lists(st.sampled_from(STUFFING), min_size=1, max_size=40), glue=st.sampled_from((" ", ", ", ". ")))
    def holds(words: list[str], glue: str) -> None:
        stuffed = plain.model_copy(update={"description": f"{says} {glue.join(words)}"[:1500]})
        assert industry(Reading(stuffed)).finding != Finding.MET

    holds()


@quietly
@given(
    says=st.text(
        alphabet=st.sampled_from("adulte ፩٣²①8€,.:/-\n|*’ réservé aux gratuit pour usine œﬁ\u0301\u200b🙂"),
        max_size=200,
    ),
    title=st.text(min_size=1, max_size=40),
    name=st.text(min_size=1, max_size=40),
)
def test_no_text_whatever_keeps_an_event_from_being_judged(
    an_event: Callable[..., PublicEvent], edition: Edition, says: str, title: str, name: str
) -> None:
    event = an_event(title=title, description=says or "x", organisation=name)
    verdicts = judge(event, edition)
    assert [verdict.condition for verdict in verdicts] == ["dates", "public", "industry", "free"]
    written = [each for verdict in verdicts for each in verdict.evidence if each.start is not None]
    assert [getattr(event, each.field)[each.start : each.end] for each in written] == [each.text for each in written]


@pytest.mark.parametrize("says", ["Adulte ፩.", "Entrée : ፩ €", "Tarif ፪፫", "P.A.F. : ① €", "Adulte ², enfant ³"])
def test_a_number_of_another_script_is_read_or_passed_over(an_event, edition: Edition, says: str) -> None:
    assert len(judge(an_event(description=says), edition)) == 4
