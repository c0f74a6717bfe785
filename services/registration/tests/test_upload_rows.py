"""Cells as people fill them in: days, hours, lists, numbers; and what is said of one that is not understood."""

from __future__ import annotations

import pytest

from registration.domain.draft import EventDraft
from registration.domain.sheet_columns import COLUMNS, MOMENTS, REPORT
from registration.domain.sheet_faults import Unreadable
from registration.domain.sheet_headings import find_headings
from registration.domain.sheet_moments import read_hours, read_moments
from registration.domain.sheet_rows import in_words_of_a_sheet, place_of, read_row, stable_key


def days(text):
    return [str(day)[5:] for one in read_moments(text, 2026) for day in one.days]


def said_of(read, *given) -> str:
    with pytest.raises(Unreadable) as unreadable:
        read(*given)
    return str(unreadable.value)


def row(**cells):
    """The row of a sheet that has these columns, by the names that `fills` has, with `__` for the dot."""
    headings = [COLUMNS.filling(name.replace("__", ".")).heading for name in cells]
    return read_row(find_headings([(1, [*headings, "Référence", "Site web"])]), list(cells.values()), 2026)


def slots(**cells):
    found = row(**cells)
    assert found.faults == []
    return [f"{one['starts_at'][5:]}–{one['ends_at'][5:]}" for one in found.draft["slots"]]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("17/11/2026", "11-17"), ("17-11-26", "11-17"), ("17.11.2026", "11-17"), ("2026-11-17", "11-17"),
        ("17 nov. 2026", "11-17"), ("Mardi 17 NOVEMBRE", "11-17"), ("1er décembre 2026", "12-01"), ("46343", "11-17"),
        ("44881", "11-17"), ("mar. 17/11", "11-17"), ("17/11/2026 et 19/11/2026", "11-17 11-19"),
        ("17, 18 et 20 novembre", "11-17 11-18 11-20"), ("du 16 au 18/11/2026", "11-16 11-17 11-18"),
        ("30 novembre - 2 décembre", "11-30 12-01 12-02"), ("Du lundi 16 au mardi 17 novembre 2026", "11-16 11-17"),
        ("17 août", "08-17"), ("17 févr.", "02-17"), ("17\u00a0novembre\u00a02026", "11-17"),
    ],
)  # fmt: skip
def test_a_day_is_read_in_all_the_ways_in_which_people_write_one(typed, read):
    assert days(typed) == read.split()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("lundi 17 novembre 2026", "Le 17/11/2026 est un mardi : corrigez le jour ou la date."),
        ("11/17/2026", "Écrivez le jour avant le mois : 17/11/2026."),
        ("31/11/2026", "Ce jour n’existe pas ; indiquez-en un, par exemple 17/11/2026."),
        ("17", "Indiquez le mois, par exemple 17/11/2026."),
        ("courant novembre", "Indiquez un jour, par exemple 17/11/2026."),
        ("du 20 au 16 novembre", "La fin de la période vient avant son début : vérifiez les dates."),
        ("du 1er mars au 30 juin", "Cette période dépasse 30 jours : vérifiez les dates."),
    ],
)
def test_a_day_that_is_none_is_told_with_what_is_wanted(typed, said):
    assert said_of(days, typed) == said


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("9h", "09:00"), ("9h30", "09:30"), ("9 h 30", "09:30"), ("09:30:00", "09:30"), ("14H", "14:00"),
        ("9", "09:00"), ("9,5", "09:30"), ("0.375", "09:00"), ("0,5", "12:00"), ("1400", "14:00"), ("midi", "12:00"),
        ("24:00", "00:00"), ("9 heures", "09:00"), ("9h et 14h", "09:00 14:00"),
    ],
)  # fmt: skip
def test_an_hour_is_read_in_all_the_ways_in_which_people_write_one(typed, read):
    assert [f"{hour:%H:%M}" for hour in read_hours(typed)] == read.split()


@pytest.mark.parametrize("typed", ["le matin", "25h", "9h75", "9.3", "toute la journée", "-1"])
def test_an_hour_that_is_none_is_told_with_what_is_wanted(typed):
    assert said_of(read_hours, typed) == "Indiquez une heure, par exemple 9h30."


def test_openings_are_read_from_whatever_columns_say_them():
    nine_to_twelve = ["11-17T09:00–11-17T12:00"]
    assert slots(day="17/11/2026", starts="9h", ends="12h") == nine_to_twelve
    assert slots(day="17/11/2026 00:00", starts="0.375", ends="0.5") == nine_to_twelve
    assert slots(day="17/11/2026", hours="de 9h à midi") == nine_to_twelve
    assert slots(day="17/11/2026", starts="9h-12h") == nine_to_twelve
    assert slots(starts="17/11/2026 09:00", ends="17/11/2026 12:00") == nine_to_twelve
    assert slots(slots="mardi 17 novembre 2026, 9h – 12h") == nine_to_twelve
    assert slots(day="17/11 9h-12h") == nine_to_twelve
    assert slots(day="17/11", starts="20h", ends="minuit") == ["11-17T20:00–11-18T00:00"]


def test_one_day_may_open_several_times_and_several_days_at_the_same_hours():
    twice = ["11-17T09:00–11-17T12:00", "11-17T14:00–11-17T17:00"]
    assert slots(day="17/11", hours="9h-12h / 14h-17h") == twice
    assert slots(day="17/11", starts="9h ; 14h", ends="12h ; 17h") == twice
    assert slots(day="17/11", starts="9h", ends="12h", slots="14h-17h") == twice
    assert slots(slots="17/11 de 9h à 12h et de 14h à 17h") == twice
    assert slots(day="du 16 au 17/11", starts="9h", ends="12h") == [
        "11-16T09:00–11-16T12:00",
        "11-17T09:00–11-17T12:00",
    ]
    assert slots(day="16/11", last_day="17/11", starts="9h", ends="12h")[1] == "11-17T09:00–11-17T12:00"
    assert slots(day="17/11", starts="9h", ends="10h", slots="17/11 9h-10h\n18/11 9h-10h ; 19/11 8h-9h") == [
        "11-17T09:00–11-17T10:00", "11-18T09:00–11-18T10:00", "11-19T08:00–11-19T09:00",
    ]  # fmt: skip


def test_openings_side_by_side_are_each_their_own():
    headings = ["Titre", "Date", "Début", "Fin", "Date", "Début", "Fin", "Date 3", "Heure de début 3", "Fin 3"]
    cells = ["A", "17/11", "9h", "10h", "18/11", "10h", "11h", "", "14h", "15h"]
    found = read_row(find_headings([(1, headings)]), cells, 2026).draft["slots"]
    assert [one["starts_at"][5:] for one in found] == ["11-17T09:00", "11-18T10:00", "11-18T14:00"]


@pytest.mark.parametrize(
    ("cells", "heading", "read"),
    [
        ({"day": "17/11"}, "Date", "17/11"),
        ({"starts": "9h", "ends": "12h"}, "Heure de début", "9h"),
        ({"day": "17/11", "starts": "9h", "ends": ""}, "Heure de début", "9h"),
        ({"day": "17/11", "starts": "9h ; 14h", "ends": "12h"}, "Heure de fin", "12h"),
        ({"day": "17/11", "hours": "9h et 14h"}, "Horaires", "9h et 14h"),
    ],
)
def test_half_an_opening_is_told_in_its_cell(cells, heading, read):
    [fault, *_] = row(**cells).faults
    assert (fault.heading, fault.read) == (heading, read)
    assert fault.message.startswith("Indiquez un")


def test_lists_are_read_by_their_french_names_and_by_what_people_call_them():
    found = row(
        kind="VISITE D'USINE",
        audiences="Scolaires, familles et étudiants | RH",
        admission="sur réservation",
        is_free="x",
    )
    assert found.faults == []
    assert found.draft == {
        "kind": "company_visit", "audiences": ["pupils", "families", "students", "hr_professionals"],
        "admission": "on_registration", "is_free": True,
    }  # fmt: skip
    assert row(audiences="Collégiens et lycéens").draft["audiences"] == ["pupils"]
    assert [row(is_free=typed).draft["is_free"] for typed in ("Oui", "1", "vrai", "✓", "non", "0", "NON", "faux")] == [
        True, True, True, True, False, False, False, False,
    ]  # fmt: skip


def test_each_fault_names_its_column_what_was_read_and_what_is_wanted():
    found = row(title="A", kind="Kermesse", audiences="familles ; martiens", is_free="peut-être", description="#REF!")
    assert [(fault.column, fault.heading, fault.read) for fault in found.faults] == [
        (1, "Type d’événement", "Kermesse"), (2, "Publics", "familles ; martiens"), (3, "Gratuit", "peut-être"),
        (4, "Description", "#REF!"),
    ]  # fmt: skip
    assert found.faults[0].message.startswith("Choisissez parmi : « Visite d’entreprise », « Portes ouvertes »")
    assert found.faults[2].message == "Répondez par oui ou non."
    assert found.draft == {"title": "A"}


def test_what_a_spreadsheet_has_made_of_numbers_is_mended_or_told():
    found = row(external_id="12.0", venue__postcode="1000", venue__city="Bourg")
    assert (found.external_id, found.draft["venue"]["postcode"]) == ("12", "01000")
    assert found.notes == ["Code postal lu 01000 : le tableur avait retiré le zéro."]
    assert row(venue__postcode="69003.0").draft["venue"] == {"postcode": "69003"}
    [fault] = row(external_id="1,23457E+13").faults
    assert "Mettez la colonne au format Texte" in fault.message


def test_what_looks_like_a_formula_is_a_text():
    assert row(title="=HYPERLINK(1)").draft["title"] == "=HYPERLINK(1)"
    assert row(title="'=1+1").draft["title"] == "=1+1"
    assert row(title="'Le temps des fondeurs'").draft["title"] == "'Le temps des fondeurs'"


def test_an_event_without_a_reference_is_known_by_its_title_place_and_day_and_its_rank_among_equals():
    one = row(title="Visite", description="a", venue__postcode="44550", day="17/11", starts="9h", ends="12h").draft
    other = row(title="VISITE ", description="b", venue__postcode="44550", day="17/11", starts="10h", ends="12h").draft
    content, first = stable_key(one, {})
    assert stable_key(other, {content: 1}) == (content, f"{content}-1")
    assert first == f"{content}-0"
    assert stable_key({**one, "title": "Autre"}, {})[0] != content


def test_the_apis_names_of_fields_are_headings_to_who_reads_a_sheet():
    assert (
        in_words_of_a_sheet("par un lien (website), dans « city »")
        == "par un lien (colonne « Site web »), dans « Commune »"
    )
    layout = find_headings([(1, ["Titre", "Date", "Heure de début", "Heure de fin", "CP"])])
    where = [place_of(layout, path) for path in ("slots.0.ends_at", "slots", "venue.postcode", "venue.city", "kind")]
    assert [one and one.heading for one in where] == ["Heure de fin", "Date", "CP", "CP", None]


def test_every_column_fills_a_field_of_a_draft_and_every_list_is_that_of_the_contract():
    filled = {one.fills.split(".")[0] for one in COLUMNS.all} - {*MOMENTS, REPORT}
    assert filled <= EventDraft.model_fields.keys()
    assert EventDraft.model_fields.keys() - filled == {
        "slots",
        "status",
        "status_note",
        "status_url",
        "copied_from",
        "picture",
    }
    example = row(**{one.fills.replace(".", "__"): one.example for one in COLUMNS.offered if one.example})
    assert example.faults == []
    EventDraft.model_validate(example.draft)


def test_telephones_and_places_are_read_from_what_a_spreadsheet_leaves_of_them():
    assert row(booking_telephone="240001122").draft["booking_telephone"] == "0240001122"
    assert row(booking_telephone="+33 2 40 00 11 22").draft["booking_telephone"] == "+33 2 40 00 11 22"
    assert row(capacity="25 personnes").draft["capacity"] == 25
    [fault] = row(capacity="une vingtaine").faults
    assert fault.message == "Indiquez un nombre entier, par exemple 25."
