"""Each rule on its own. The sentences are such as organisers write; every one is a case of something general."""

from __future__ import annotations

import pytest

from backbone.contracts import Finding
from labelling.domain.criteria import Reading, dates, free, industry, judge, public

MET, DOUBTFUL, NOT_MET = Finding.MET, Finding.DOUBTFUL, Finding.NOT_MET


def slot(start: str, end: str) -> dict[str, str]:
    return {"starts_at": start, "ends_at": end}


def test_the_four_conditions_are_judged_in_the_order_shown_with_the_version_of_each_rule(an_event, edition) -> None:
    verdicts = judge(an_event(), edition)
    assert [(v.condition, v.finding, f"{v.rule}/{v.rule_version}") for v in verdicts] == [
        ("dates", "met", "dates/1"),
        ("public", "met", "public/1"),
        ("industry", "met", "industry/1"),
        ("free", "met", "free/1"),
    ]


# Dates: the window of 2026 is Monday 16 to Sunday 22 November.


@pytest.mark.parametrize(
    ("start", "end", "finding"),
    [
        ("2026-11-16T00:00:00+01:00", "2026-11-16T01:00:00+01:00", MET),
        ("2026-11-22T20:00:00+01:00", "2026-11-23T00:00:00+01:00", MET),  # until midnight is until the end of the day
        ("2026-11-22T22:00:00+01:00", "2026-11-23T02:00:00+01:00", DOUBTFUL),  # a night that ends after the week
        ("2026-11-15T22:00:00+01:00", "2026-11-16T02:00:00+01:00", DOUBTFUL),
        ("2026-11-15T20:00:00+01:00", "2026-11-16T00:00:00+01:00", NOT_MET),
        ("2026-11-01T09:00:00+01:00", "2026-11-30T18:00:00+01:00", DOUBTFUL),  # one slot over the whole month
        ("2026-11-23T00:00:00+01:00", "2026-11-23T01:00:00+01:00", NOT_MET),
        ("2027-11-17T09:00:00+01:00", "2027-11-17T12:00:00+01:00", NOT_MET),
    ],
)
def test_a_slot_is_inside_the_window_by_its_days(an_event, edition, start: str, end: str, finding: Finding) -> None:
    assert dates(an_event(slots=[slot(start, end)]), edition).finding == finding


@pytest.mark.parametrize(
    ("start", "end", "finding"),
    [
        ("2026-11-16T01:00:00+04:00", "2026-11-16T03:00:00+04:00", MET),  # Réunion: still Sunday in Paris
        ("2026-11-22T22:00:00-04:00", "2026-11-22T23:30:00-04:00", MET),  # Guadeloupe: already Monday in Paris
        ("2026-11-23T01:00:00+04:00", "2026-11-23T02:00:00+04:00", NOT_MET),  # still Sunday in Paris
        ("2026-11-15T21:00:00-04:00", "2026-11-15T22:00:00-04:00", NOT_MET),  # already Monday in Paris
    ],
)
def test_days_are_those_of_the_place(an_event, edition, start: str, end: str, finding: Finding) -> None:
    assert dates(an_event(slots=[slot(start, end)]), edition).finding == finding


def test_some_dates_outside_are_a_doubt_that_names_them(an_event, edition) -> None:
    inside = slot("2026-11-19T09:00:00+01:00", "2026-11-19T12:00:00+01:00")
    outside = slot("2026-11-26T09:00:00+01:00", "2026-11-26T12:00:00+01:00")
    verdict = dates(an_event(slots=[inside, outside]), edition)
    assert (verdict.finding, [shown.text for shown in verdict.evidence]) == (DOUBTFUL, ["2026-11-26"])
    assert verdict.words == (
        "Une partie des dates est hors de la période, du 16 au 22\u00a0novembre 2026. "
        "Une personne de votre région regarde."
    )


def test_all_dates_outside_say_how_to_mend_it(an_event, edition) -> None:
    outside = slot("2026-11-26T09:00:00+01:00", "2026-11-26T12:00:00+01:00")
    assert dates(an_event(slots=[outside]), edition).words == (
        "L’événement doit avoir lieu dans la période, du 16 au 22\u00a0novembre 2026. Modifiez ses dates."
    )


# Open to the public.


@pytest.mark.parametrize(
    ("admission", "finding"),
    [
        ("everyone", MET),
        ("on_registration", MET),
        ("named_group", DOUBTFUL),
        ("invitation_only", NOT_MET),
        ("on_tuesdays", DOUBTFUL),  # a word that this version does not know
    ],
)
def test_what_the_organiser_declares_of_the_admission_counts(an_event, admission: str, finding: Finding) -> None:
    assert public(Reading(an_event(admission=admission))).finding == finding


@pytest.mark.parametrize(
    ("says", "finding"),
    [
        ("Journée interne, réservée au personnel de l’usine.", NOT_MET),
        ("Réservé exclusivement à nos salariés et intérimaires.", NOT_MET),
        ("Accès strictement réservé aux adhérents du groupement : réservé strictement aux membres.", NOT_MET),
        ("Inscription par l’intranet, aucun accès extérieur.", NOT_MET),
        ("Le matin, visite réservée à nos clients.", DOUBTFUL),
        ("Matin réservé au personnel, badge obligatoire ; l’après-midi est ouvert à tous.", DOUBTFUL),
        ("Les salariés montrent leur poste à leur famille.", DOUBTFUL),
        ("Les candidats sont présélectionnés.", DOUBTFUL),
        ("Le site, habituellement fermé au public, ouvre ses portes.", MET),
        ("L’atelier est fermé au public le reste de l’année.", MET),
        ("Ouvert aux élèves et à leurs familles.", MET),
        ("Réservé aux plus de 16 ans, inscription nominative, pièce d’identité.", MET),
        ("Réservez vite, les places partent.", MET),
        ("Formation interne de six semaines pour les recrues.", MET),
    ],
)
def test_signs_that_not_everyone_may_come(an_event, says: str, finding: Finding) -> None:
    assert public(Reading(an_event(admission="everyone", description=says))).finding == finding


# About industry.


@pytest.mark.parametrize(
    ("organisation", "title", "says"),
    [
        ("Laiterie des Monts", "Du lait au fromage", "Dégustation offerte à la fin."),
        ("Cuirs Rivière", "Chaussures de sécurité : visite", "De la découpe à la couture."),
        ("Lycée Mermoz", "Portes ouvertes de la chaudronnerie", "Élèves et enseignants vous attendent."),
        ("Campus des Deux-Vallées", "Escape game : panne à l’usine", "Robotique et maintenance en énigmes."),
        ("Ville de Saint-Claude", "Le prix de l’innovation industrielle", "Dix robots en compétition."),
        ("Filature du Gier", "Visite de la filature", "Pas de concert cette année, seulement des machines !"),
        ("Aubert", "Visite", "Trois usines de chimie de la vallée ouvrent, ingénieurs et opératrices racontent."),
    ],
)
def test_words_of_the_branches_and_trades_make_an_event_about_industry(
    an_event, organisation: str, title: str, says: str
) -> None:
    verdict = industry(Reading(an_event(organisation=organisation, title=title, description=says)))
    assert (verdict.finding, verdict.words) == (MET, "L’événement parle d’industrie.")


@pytest.mark.parametrize(
    ("organisation", "title", "says"),
    [
        ("Espace Zen", "Sophrologie au travail", "Massage assis pour toutes et tous."),
        ("Amicale des Pins", "Bal folk", "Musique, parquet et buvette."),
        ("Comité des fêtes", "Brocante", "Livres, outils anciens, machines à coudre."),
        ("Agence Soleil", "Portes ouvertes immobilier", "Visitez nos appartements."),
        ("Club de la Baie", "Tournoi de football", "Seize équipes, un trophée."),
    ],
)
def test_leisure_and_far_trades_alone_are_not_about_industry(
    an_event, organisation: str, title: str, says: str
) -> None:
    verdict = industry(Reading(an_event(organisation=organisation, title=title, description=says)))
    assert (verdict.finding, verdict.words) == (
        NOT_MET,
        "L’événement ne semble pas parler d’industrie. Dites ce qu’on y apprend des métiers ou des produits.",
    )


@pytest.mark.parametrize(
    ("organisation", "title", "says"),
    [
        ("Sté Gauthier", "Visite", "Visite de l’entreprise."),  # nothing is said
        ("Pôle danse", "Zumba à l’usine", "Concert et zumba dans la halle."),  # industrial words, but leisure
        ("Compagnie du Rêve", "L’Usine à contes", "Marionnettes et musique, puis goûter avec les artistes."),
        ("Banque de la Baie", "Soirée carrières", "Financer les robots et les machines de l’industrie."),  # a neighbour
        ("Logis Express", "Visite de l’entrepôt", "Robots, convoyeurs et maintenance industrielle."),
        ("Studio Pixel", "Dans la fabrique des dessins animés", "Une industrie culturelle, ses ateliers, ses métiers."),
        ("Théâtre du Port", "Paroles d’usine", "Des ouvrières de la conserverie racontent."),
    ],
)
def test_a_person_decides_where_the_words_do_not(an_event, organisation: str, title: str, says: str) -> None:
    verdict = industry(Reading(an_event(organisation=organisation, title=title, description=says)))
    assert (verdict.finding, verdict.words) == (
        DOUBTFUL,
        "Le lien avec l’industrie n’est pas clair. Une personne de votre région regarde.",
    )


def test_the_words_that_led_to_the_finding_are_shown(an_event) -> None:
    event = an_event(organisation="Martin", title="Visite de l’usine", description="Soudage et métallurgie.")
    shown = [(each.text, each.field, each.start, each.end) for each in industry(Reading(event)).evidence]
    assert shown == [
        ("usine", "title", 12, 17),
        ("métallurgie", "description", 11, 22),
        ("Soudage", "description", 0, 7),
    ]


# Free of charge.


def test_an_event_declared_as_paying_is_not_free(an_event) -> None:
    verdict = free(Reading(an_event(is_free=False)))
    assert (verdict.finding, verdict.evidence) == (NOT_MET, ())
    assert verdict.words == "L’événement doit être gratuit pour les visiteurs. Supprimez le prix d’entrée."


@pytest.mark.parametrize(
    ("says", "price"),
    [
        ("Entrée : 8 €, réduit 5 €, gratuit pour les moins de 7 ans.", "Entrée : 8 €"),
        ("Tarif unique de 6 euros.", "Tarif unique de 6 euros"),
        ("Billet adulte 9,50 €.", "Billet adulte 9,50 €"),
        ("Petit train et goûter : 22 € par adulte.", "22 € par adulte"),
        ("L’atelier dure 20 minutes et coûte 25 €.", "atelier dure 20 minutes et coûte 25 €"),
        ("Colloque : 1 200 € par participant.", "1 200 € par participant"),
    ],
)
def test_a_price_at_the_door_is_not_free(an_event, says: str, price: str) -> None:
    verdict = free(Reading(an_event(description=says)))
    assert (verdict.finding, [shown.text for shown in verdict.evidence]) == (NOT_MET, [price])


@pytest.mark.parametrize(
    "says",
    [
        "Participation de 2 € pour l’assurance.",
        "Repas facultatif à 12 € par personne.",
        "Visite gratuite. Le kit, si on veut le garder, coûte 45 €, moyennant quoi il est à vous.",
        "Sortie au chapeau.",
        "Réservation et tarifs en ligne.",
        "Adultes : nous consulter.",
        "Une caution de 10 € est rendue à la sortie.",
        "Gratuit ! Tarif du spectacle du soir : 8 €.",  # said to be free, and a price: which is which?
    ],
)
def test_a_payment_beside_the_entrance_is_a_doubt(an_event, says: str) -> None:
    verdict = free(Reading(an_event(description=says)))
    assert (verdict.finding, verdict.words) == (
        DOUBTFUL,
        "Le texte parle d’un paiement. Précisez que la participation est gratuite, ou ce qui est payant.",
    )


@pytest.mark.parametrize(
    "says",
    [
        "Gratuit.",
        "Entrée : 0 €.",
        "Rien à payer, rien à préparer.",
        "Aucune participation n’est demandée, aucuns frais.",
        "Gratuité totale, participation libre et gratuite.",
        "Visite libre de droits d’entrée.",
        "Gratuit, d’habitude 8 €.",
        "Entrée gratuite au lieu de 12 € par personne.",
        "La visite est gratuite cette semaine (le reste de l’année, entrée : 9 €).",
        "Salaire d’entrée 24 500 €, primes, tickets restaurant de 9 €.",
        "Rémunération : de 486 à 1 400 € par mois.",
        "Investissement de 6 800 000 € dans une ligne de 60 m.",
        "On ne casse pas un fauteuil à 60 000 € tous les jours, ni une pièce de 3 €.",
        "Remise du prix de l’apprentie de l’année : un chèque de 500 € par famille gagnante.",
        "Les prix littéraires s’impriment ici ; entrée gratuite, lots d’une valeur de 50 €.",
        "Budget de 38 000 €, financé par la cotisation des adhérents.",
    ],
)
def test_awards_wages_investments_and_odd_ways_to_say_free_are_no_price(an_event, says: str) -> None:
    assert free(Reading(an_event(description=says))).finding == MET


# The organiser's own words.


@pytest.mark.parametrize(
    ("description", "word"),
    [
        ("Pas de fonderie ici, mais la fonderie d’à côté, et ses fondeurs.", "fonderie"),
        ("Dans la manœuvre :\n\n  les FONDERIES\u00a0d’aluminium.", "FONDERIES"),
        ("Une u\u200bsine, ｆonderie et chaudronnerie.", "ｆonderie"),
        ("Hauts\n\nfourneaux et laminoirs de l’aciérie.", "Hauts\n\nfourneaux"),
    ],
)
def test_what_is_shown_is_what_was_written_there(an_event, description: str, word: str) -> None:
    event = an_event(title="Visite", organisation="Martin", description=description)
    shown = [each for each in industry(Reading(event)).evidence if each.field == "description"]
    assert [event.description[each.start : each.end] for each in shown] == [each.text for each in shown]
    assert word in {each.text for each in shown}
    if description.startswith("Pas de"):
        assert next(each.start for each in shown if each.text == word) == description.rindex(word)


def test_all_that_is_shown_of_the_demonstrations_events_stands_where_it_is_said_to(edition, samples) -> None:
    shown = [(event, each) for event in samples for verdict in judge(event, edition) for each in verdict.evidence]
    placed = [(event, each) for event, each in shown if each.start is not None]
    assert [
        (event.title, each.text)
        for event, each in placed
        if getattr(event, each.field)[each.start : each.end] != each.text
    ] == []
    written = [each for _, each in shown if each.field not in ("slots", "admission")]
    assert len(placed) > 500
    assert len(placed) > 0.98 * len(written)
