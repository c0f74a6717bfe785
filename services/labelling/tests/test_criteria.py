"""Each rule on its own. The sentences are such as organisers write; every one is a case of something general."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from backbone.campaign.edition import load_edition
from backbone.contracts import Finding
from labelling.domain.criteria import dates, free, industry, judge, public
from labelling.domain.reading import Reading

MET, DOUBTFUL, NOT_MET = Finding.MET, Finding.DOUBTFUL, Finding.NOT_MET


def slot(start: str, end: str) -> dict[str, str]:
    return {"starts_at": start, "ends_at": end}


def test_the_four_conditions_are_judged_in_the_order_shown_with_the_version_of_each_rule(an_event, edition) -> None:
    verdicts = judge(an_event(), edition)
    assert [(v.condition, v.finding, f"{v.rule}/{v.rule_version}") for v in verdicts] == [
        ("dates", "met", "dates/3"),
        ("public", "met", "public/3"),
        ("industry", "met", "industry/3"),
        ("free", "met", "free/3"),
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
        "Retirez les séances qui sont en dehors, ou changez leurs dates."
    )


@pytest.mark.parametrize(
    "hours",
    [
        [slot(f"2020-11-{day}T09:00:00+01:00", f"2020-11-{day}T12:00:00+01:00") for day in (19, 26)],
        [slot("2020-11-22T22:00:00+01:00", "2020-11-23T02:00:00+01:00")],
    ],
)
def test_what_lies_partly_outside_follows_the_editions_rule(an_event, hours) -> None:
    edition = load_edition(Path(__file__).parents[3] / "editions" / "2020.toml")
    verdict = dates(an_event(edition="2020", slots=hours), edition)
    assert (verdict.finding, verdict.code) == (NOT_MET, "dates-partly-outside")


def test_a_window_that_is_wider_than_the_week_lets_in_what_lies_beside_it(an_event, edition) -> None:
    wide = edition.labelling_window.model_copy(update={"first": date(2026, 11, 5), "last": date(2026, 12, 12)})
    beside = an_event(slots=[slot("2026-12-03T09:00:00+01:00", "2026-12-03T12:00:00+01:00")])
    assert dates(beside, edition).finding == NOT_MET
    assert dates(beside, edition.model_copy(update={"labelling_window": wide})).finding == MET


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
    assert public(Reading(an_event(admission=admission, audiences=("everyone",)))).finding == finding


@pytest.mark.parametrize(
    ("audiences", "finding", "code"),
    [
        (("pupils",), MET, "public-listed-group"),  # a class is the public that the campaign is for
        (("pupils", "teachers"), MET, "public-listed-group"),
        (("job_seekers",), MET, "public-listed-group"),
        (("families",), DOUBTFUL, "public-named-group"),
        (("pupils", "everyone"), DOUBTFUL, "public-named-group"),
    ],
)
def test_a_named_group_of_a_listed_public_is_no_closed_house(an_event, audiences, finding: Finding, code: str) -> None:
    verdict = public(Reading(an_event(admission="named_group", audiences=audiences)))
    assert (verdict.finding, verdict.code) == (finding, code)


def test_professionals_alone_are_a_doubt(an_event) -> None:
    verdict = public(Reading(an_event(audiences=("hr_professionals",))))
    assert (verdict.finding, verdict.words) == (
        DOUBTFUL,
        "L’événement ne s’adresse qu’à des professionnels. "
        "Précisez dans le texte qui peut venir, et comment s’inscrire.",
    )


@pytest.mark.parametrize(
    ("says", "finding"),
    [
        ("Rencontres B2B.", DOUBTFUL),
        ("Au programme : B2B, démonstrations", DOUBTFUL),
        ("Pièce Zurtolimba1b2b2e58.", MET),
        ("Réf. AB2B500, 1b2b", MET),
    ],
)
def test_letters_and_digits_inside_a_reference_are_no_word(an_event, says: str, finding: Finding) -> None:
    told = f"Suivez une pièce de fonderie, du four à l’emballage, avec qui la fabrique. {says}"
    assert public(Reading(an_event(description=told))).finding == finding


@pytest.mark.parametrize("says", ["Tarif12euros50cts", "Entrée12€50", "PAF5€50", "Ref2b2b3, entrée : 12euros50"])
def test_a_price_that_is_written_together_is_read_all_the_same(an_event, says: str) -> None:
    assert free(Reading(an_event(description=f"Visite de la fonderie. {says}"))).finding != MET


def test_a_closed_door_is_quoted_with_what_would_open_it(an_event) -> None:
    verdict = public(Reading(an_event(description="Usine. Réservé exclusivement aux salariés du groupe.")))
    assert (verdict.finding, verdict.words) == (
        NOT_MET,
        "Votre texte indique «\u00a0Réservé exclusivement aux salariés du groupe\u00a0». "
        "Ouvrez-le au public, sur inscription s’il le faut, et dites-le dans le texte.",
    )


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
        ("Fermé au public.", DOUBTFUL),
        ("La direction convie les équipes de nuit et leurs conjoints.", DOUBTFUL),
        ("Pour les membres du cercle et leurs invités.", DOUBTFUL),
        ("Réservé aux collégiens et aux demandeurs d’emploi.", MET),
        ("Le parking est réservé au personnel.", MET),
        ("Badge obligatoire remis à l’entrée.", MET),
        ("Majeurs uniquement, pour des raisons de sécurité.", MET),
        ("Nous fabriquons pour nos clients.", MET),
        ("COMPLET - inscriptions closes.", DOUBTFUL),
        ("Les candidats sont présélectionnés.", DOUBTFUL),
        ("Le site, habituellement fermé au public, ouvre ses portes.", MET),
        ("L’atelier est fermé au public le reste de l’année.", MET),
        ("Ouvert aux élèves et à leurs familles.", MET),
        ("Réservé aux plus de 16 ans, inscription nominative, pièce d’identité.", MET),
        ("Réservez vite, les places partent.", MET),
        ("Formation interne de six semaines pour les recrues.", MET),
        # who alone may come
        ("Seuls les collaborateurs munis d’un badge pourront s’inscrire.", NOT_MET),
        ("Webinaire réservé à nos revendeurs sous contrat.", NOT_MET),
        ("La journée s’adresse à nos distributeurs et à leurs équipes.", NOT_MET),
        ("La visite s’adresse aux électroniciens en exercice.", DOUBTFUL),
        ("La rencontre s’adresse aux professeurs de collège et de lycée.", MET),
        ("Réservé à nos amis. La visite est réservée aux amis de la maison.", DOUBTFUL),  # said twice, no surer
        ("Aucune personne extérieure au groupe ne sera admise.", NOT_MET),
        # what is said of a place, of a case, or by those who tell
        ("Le parking intérieur est fermé aux visiteurs.", MET),
        ("La barrière est réservée aux livraisons.", MET),
        ("Suivez en direct la cale, un lieu interdit au public.", MET),
        ("Accès interdit au public.", DOUBTFUL),
        ("En cas de crue, visite annulée.", MET),
        ("Visite annulée.", DOUBTFUL),
        ("Trois anciens élèves racontent leurs journées.", MET),
        ("Les invités officiels seront reçus la veille.", MET),
        ("Animaux non admis.", MET),
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
        # who lends the room tells nothing of what is shown
        ("Médiathèque du Parc", "L’usine se raconte", "Soudeuses et régleurs, démonstrations au musée."),
        # words that no lexicon has, and their endings tell
        ("Aubert", "Visite de la brindellerie", "Zurbage, remoldage, trissage et platinage, par celles qui le font."),
        # so much of industry that the rest is its setting
        ("Scierie Petit", "Visite de la scierie", "Sciage, un affûteur, des robots ; vin chaud devant la chapelle."),
    ],
)
def test_words_of_the_branches_and_trades_make_an_event_about_industry(
    an_event, organisation: str, title: str, says: str
) -> None:
    verdict = industry(Reading(an_event(organisation=organisation, title=title, description=says)))
    assert (verdict.finding, verdict.words) == (MET, "L’événement parle d’industrie.")


@pytest.mark.parametrize(
    ("organisation", "title", "says", "quoted"),
    [
        ("Espace Zen", "Sophrologie au travail", "Massage assis pour tous.", "« Sophrologie » et « Massage »"),
        ("Amicale des Pins", "Bal folk", "Musique, parquet et buvette.", "« Bal folk » et « Musique »"),
        ("Comité des fêtes", "Brocante", "Livres, outils, machines à coudre.", "« Brocante » et « Livres »"),
        ("Agence Soleil", "Portes ouvertes immobilier", "Visitez nos appartements.", "« immobilier »"),
        ("Club de la Baie", "Tournoi de football", "Seize équipes.", "« Tournoi de football »"),
    ],
)
def test_leisure_and_far_trades_alone_are_not_about_industry(
    an_event, organisation: str, title: str, says: str, quoted: str
) -> None:
    quoted = quoted.replace("« ", "«\u00a0").replace(" »", "\u00a0»")
    verdict = industry(Reading(an_event(organisation=organisation, title=title, description=says)))
    assert (verdict.finding, verdict.words) == (
        NOT_MET,
        f"Votre texte parle de {quoted}, et pas d’industrie. "
        "Dites ce qui est fabriqué, et ce que l’on y apprend des métiers et des produits.",
    )


@pytest.mark.parametrize(
    ("organisation", "title", "says", "code"),
    [
        ("Sté Gauthier", "Visite", "Visite de l’entreprise.", "industry-not-told"),
        ("Laiterie des Monts", "Visite", "Visite de l’entreprise.", "industry-unclear"),  # in the name alone
        ("Banque de la Baie", "Soirée carrières", "Financer les robots de l’industrie.", "industry-among-others"),
        ("Logis Express", "Visite de l’entrepôt", "Robots et maintenance industrielle.", "industry-among-others"),
        ("Théâtre du Port", "Paroles d’ateliers", "Des ouvrières de l’usine racontent.", "industry-among-others"),
        ("Pôle danse", "Zumba à l’usine", "Concert et zumba dans la halle.", "industry-among-others"),
        ("Ville", "Emplois du bâtiment et de l’industrie", "Entretiens.", "industry-among-others"),
        ("Institut", "Chimie : un laboratoire", "Doctorants et recherche fondamentale.", "industry-among-others"),
        ("Amis de la mine", "Visite de la mine", "La fosse, fermée en 1992 ; film d’époque.", "industry-among-others"),
    ],
)
def test_a_person_decides_where_the_words_do_not(an_event, organisation: str, title: str, says: str, code: str) -> None:
    verdict = industry(Reading(an_event(organisation=organisation, title=title, description=says)))
    assert (verdict.finding, verdict.code) == (DOUBTFUL, code)
    assert verdict.hint == "Dites ce qui est fabriqué, et ce que l’on y apprend des métiers et des produits."


@pytest.mark.parametrize(
    ("title", "says"),
    [
        ("Semaine de l’industrie : atelier d’écriture", "Chambre de commerce et d’industrie, zone industrielle nord."),
        ("La facture électronique", "Cité des sciences et de l’industrie, à côté de l’usine."),
        ("Bombes à graines", "Atelier de confection, rue de la Fonderie, dans une ancienne filature."),
        ("Marché aux puces", "Un atelier, des machines à coudre, un baptême de l’air."),
    ],
)
def test_names_places_and_turns_of_speech_tell_nothing_of_industry(an_event, title: str, says: str) -> None:
    verdict = industry(Reading(an_event(organisation="Ville", title=title, description=says)))
    assert verdict.finding in (DOUBTFUL, NOT_MET)
    assert verdict.code != "industry-told"


def test_the_words_that_led_to_the_finding_are_shown(an_event) -> None:
    event = an_event(organisation="Martin", title="Visite de l’usine", description="Soudage et métallurgie.")
    shown = [(each.text, each.field, each.start, each.end) for each in industry(Reading(event)).evidence]
    assert shown == [
        ("usine", "title", 12, 17),
        ("Soudage", "description", 0, 7),
        ("métallurgie", "description", 11, 22),
    ]


# Free of charge.


def test_an_event_declared_as_paying_is_not_free(an_event) -> None:
    verdict = free(Reading(an_event(is_free=False)))
    assert (verdict.finding, verdict.evidence) == (NOT_MET, ())
    assert verdict.words == (
        "Vous avez déclaré l’événement payant ; pour le label, il doit être gratuit pour les visiteurs. "
        "Rendez-le gratuit pour tous, ou corrigez votre réponse s’il l’est déjà."
    )


MEND = "Si l’entrée est gratuite, corrigez-le\u202f; sinon, rendez-la gratuite pour tous."


@pytest.mark.parametrize(
    ("says", "price"),
    [
        ("Tarif unique de 6 euros.", "Tarif unique de 6 euros"),
        ("Entrée 8 € au lieu de 12 €.", "Entrée 8 €"),
        ("Salaire du guide à votre charge, entrée : 8 €.", "entrée : 8 €"),
        ("Billet adulte 9,50 €.", "adulte 9,50 €"),
        ("Balade : 22 € par adulte.", "22 € par adulte"),
        ("L’atelier dure 20 minutes et coûte 25 €.", "L’atelier dure 20 minutes et coûte 25 €"),
        ("Colloque : 1 200 € par participant.", "1 200 € par participant"),
        ("Six euros la visite.", "Six euros la visite"),
        ("Visite 6 €/pers.", "Visite 6 €"),
        ("P.A.F. : 15 EUR", "P.A.F. : 15 EUR"),
        ("Comptez entre 16 et 25 euros.", "Comptez entre 16 et 25 euros"),
        # nothing else is said there
        ("Visite de deux heures. De 9,50 à 19 euros, à partir de 7 ans.", "De 9,50 à 19 euros"),
        ("La statue et ses ateliers. Vingt et un euros.", "Vingt et un euros"),
        ("9 € au lieu de 14 € pendant toute la semaine.", "9 €"),
        # said without an amount, by two terms
        ("Une petite participation aux frais.", "petite participation"),
        ("Tarif libre, selon vos moyens.", "Tarif libre"),
        # free for some: the others pay
        ("Plein tarif 7 €, gratuit pour les moins de 10 ans.", "Plein tarif 7 €"),
    ],
)
def test_a_price_at_the_door_is_not_free(an_event, says: str, price: str) -> None:
    verdict = free(Reading(an_event(description=says)))
    assert (verdict.finding, verdict.evidence[0].text) == (NOT_MET, price)
    assert verdict.words.startswith(f"Votre texte indique «\u00a0{price}\u00a0»")
    assert verdict.hint == MEND


@pytest.mark.parametrize(
    ("says", "shown"),
    [
        ("Participation de 2 € pour l’assurance.", "Participation de 2 €"),
        # said without an amount: it may mean something else yet
        ("Visites guidées payantes, mercredi à 14 heures.", "Visites guidées payantes"),
        ("Sortie au chapeau.", "Sortie au chapeau"),
        ("La visite est incluse dans le prix de l’atelier.", "incluse dans le prix"),
        ("Le lien est envoyé après paiement.", "après paiement"),
        ("Une caution de 10 € est rendue à la sortie.", "caution de 10 €"),
        ("Gratuit sur présentation d’un ticket de caisse.", "Gratuit sur présentation d’un ticket de"),
        ("Réservation et tarifs en ligne.", "tarifs"),
        ("Adultes : nous consulter.", "nous consulter"),
        (
            "Gratuit ! Tarif du spectacle du soir : 8 €.",
            "spectacle du soir : 8 €",
        ),  # said to be free, and a price: which is which?
        ("Gratuit pour les moins de 12 ans.", "Gratuit pour les moins de 12 ans"),
        ("Gratuit pour les adhérents.", "Gratuit pour les adhérents"),
        ("Adulte 7,50. Enfant 5.", "Adulte 7,50"),
    ],
)
def test_what_may_be_a_payment_is_a_doubt_that_quotes_it(an_event, says: str, shown: str) -> None:
    verdict = free(Reading(an_event(description=says)))
    assert (verdict.finding, verdict.evidence[0].text, verdict.hint) == (DOUBTFUL, shown, MEND)


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
        # what nobody has to take
        "Repas facultatif à 12 € par personne.",
        "Self à midi (repas 4,20 €) pour les familles qui le souhaitent.",
        "Food truck (payant) dans la cour, buvette payante.",
        # what things cost
        "Comment naît un stylo à 1,20 € ?",
        "On y gagne 13,10 € / h ; une tonne vaut 300 € la tonne.",
        # a word in passing beside « gratuit », and payments that are denied
        "Gratuit ; la tirelire à l’entrée est pour l’église.",
        "Visite non payante.",
        "La visite n’est payante à aucun titre.",
        "Participation demandée : 0 €.",
        "Coût pour l’établissement : néant.",
        "Visite libre de tout droit d’entrée.",
        "Le droit d’entrée n’est pas demandé cette semaine-là.",
        "Est-ce que c’est payant ? Non.",
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
        ("Hauts\nfourneaux et laminoirs de l’aciérie.", "Hauts\nfourneaux"),
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
