"""The campaign's French: the same words on a page, on paper, in a mail and in a verdict."""

from __future__ import annotations

import ast
import re
from datetime import date, time
from pathlib import Path

import pytest

from backbone.campaign.dates import hour, in_full, period, short_day, short_month, whole_day
from backbone.campaign.geography import DEPARTMENTS, timezone_of, timezone_of_commune
from backbone.campaign.palette import contrast, readable
from backbone.campaign.typography import capital, counted, in_french, listed, uncapital
from backbone.campaign.words import ADMISSIONS, AUDIENCES, KINDS, ZONES
from backbone.contracts.event import Admission, Audience, EventKind

ROOT = Path(__file__).parents[2]
UNDECIDED = re.compile(r"(?!(?:len|set|str|list|sorted)\b)\b[a-zé]{3,}\((?:s|e|es)\)")


def test_every_word_of_the_contract_has_a_french_name():
    assert (set(KINDS), set(AUDIENCES), set(ADMISSIONS)) == (set(EventKind), set(Audience), set(Admission))


def test_every_zone_of_france_has_a_name():
    nuku_hiva, rikitea = timezone_of_commune("98731"), timezone_of_commune("98719")
    assert {timezone_of(code) for code in DEPARTMENTS} | {nuku_hiva, rikitea} == ZONES.keys()


def test_a_day_is_told_in_full_and_in_short():
    first, tuesday = date(2026, 2, 1), date(2026, 11, 17)
    assert in_full(first) == "1er\u00a0février 2026"
    assert whole_day(tuesday) == "mardi\u00a017\u00a0novembre 2026"
    assert (short_day(tuesday), short_month(tuesday)) == ("mar.\u00a017", "nov.")


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 11, 16), date(2026, 11, 22), "du 16 au 22\u00a0novembre 2026"),
        (date(2026, 11, 30), date(2026, 12, 6), "du 30\u00a0novembre au 6\u00a0décembre 2026"),
        (date(2026, 12, 28), date(2027, 1, 1), "du 28\u00a0décembre 2026 au 1er\u00a0janvier 2027"),
        (date(2026, 2, 1), date(2026, 2, 1), "1er\u00a0février 2026"),
    ],
)
def test_a_period_is_told_without_repeating_itself(first, last, words):
    assert period(first, last) == words


def test_an_hour_never_parts_from_its_minutes():
    told = [hour(time(9)), hour(time(16, 5)), hour(time(0))]
    assert told == ["9\u00a0h", "16\u00a0h\u00a005", "minuit"]


def test_spaces_and_apostrophes_are_french():
    typed = "L'atelier « à l'ancienne » : qui vient ? Nous ! Vous ; http://a.example:80/?b"
    assert in_french(typed) == (
        "L’atelier «\u00a0à l’ancienne\u00a0»\u00a0: qui vient\u202f? Nous\u202f! Vous\u202f; http://a.example:80/?b"
    )


def test_a_list_ends_with_et():
    assert [listed(), listed("a"), listed("a", "b"), listed("a", "b", "c")] == ["", "a", "a et b", "a, b et c"]


def test_what_is_counted_takes_its_plural_from_two_on():
    told = [counted(number, "autre", "jour") for number in (0, 1, 2)]
    assert told == ["0 autre jour", "1 autre jour", "2 autres jours"]


def test_nobody_is_left_to_choose_between_one_and_several():
    written = [file for kind in ("py", "html", "txt") for file in (ROOT / "services").glob(f"*/src/**/*.{kind}")]
    written += (ROOT / "shared/src").glob("**/*.py")
    told = {f"{file.name}: {found[0]}" for file in written if (found := UNDECIDED.search(file.read_text()))}
    assert told == set(), "say « 1 champ », « 2 champs »: counted"


def test_a_capital_leaves_the_others_as_they_are():
    assert capital("heure de La Réunion") == "Heure de La Réunion"
    assert uncapital("Étudiants") == "étudiants"


def test_a_colour_is_led_no_further_than_it_must():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert readable("#777777", on="#ffffff", towards="#000000") == "#757575"
    assert readable("#333333", on="#ffffff", towards="#000000") == "#333333"


def test_no_service_has_words_of_its_own_for_what_all_of_them_say():
    ours = {*KINDS.values(), *AUDIENCES.values(), *ADMISSIONS.values(), *ZONES.values(), "janvier", "lundi"}
    files = [file for file in (ROOT / "services").glob("*/src/**/*.py") if "common_passwords" not in file.name]
    told = {
        f"{file.relative_to(ROOT)}: {node.value}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in ours
    }
    assert told == set()
