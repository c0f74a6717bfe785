from __future__ import annotations

import pytest

from backbone.texts.lettering import leaves_something, set_in_type


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Tubes ⌀ 20 mm", "Tubes Ø 20 mm"),
        ("Porte\u2011à\u2011porte", "Porte-à-porte"),
        ("① Visite ② Atelier ❸ Forge", "(1) Visite (2) Atelier (3) Forge"),
        ("Atelier Ⅳ, 20 ㎡ à 30 ℃", "Atelier IV, 20 m² à 30 °C"),
        ("Ｖｉｓｉｔｅ 𝗱𝗲 𝓵’𝘂𝘀𝗶𝗻𝗲", "Visite de l’usine"),
        ("Lyon ↔ Paris ⇒ Brest", "Lyon – Paris → Brest"),
        ("✔ gratuit ★ ouvert", "✓ gratuit • ouvert"),
        ("e\u0301te\u0301", "été"),
        ("Ωmega, Ђура, Đặng, Ẽwe Ɛ", "Ωmega, Ђура, Đặng, Ẽwe ɛ"),
        ("1\ufe0f\u20e3 visite", "1 visite"),
        ("fon\u00adderie\u200b\ufeff", "fonderie"),
        ("un\u3000deux\u2002trois", "un deux trois"),
        ("ḁ", "a"),
        ("ƛ et usine", " et usine"),  # whose name, without its stroke, is no letter's
        ("Z\u0301\u0302\u0303\u0304\u0305algo", "Ź\u0302\u0303algo"),
        ("Visite 🏭", "Visite "),
    ],
)
def test_what_the_typefaces_lack_is_set_as_its_like(written, printed):
    assert set_in_type(written).text == printed


def test_a_replacement_is_told_and_what_looks_the_same_is_not():
    setting = set_in_type("⌀ 20 et ⌀ 30, porte\u2011à\u2011porte,\u3000\u200b")
    assert (setting.replaced, setting.left_out) == ((("⌀", "Ø"),), ())


def test_a_letter_that_is_left_out_is_missed_and_a_picture_is_not():
    setting = set_in_type("工場 : visite 🏭🏭")
    assert (setting.left_out, setting.lost_letters) == (("工", "場", "🏭"), ("工", "場"))


@pytest.mark.parametrize(
    "title", ["🏭🏭🏭", "工場見学", "\u3164\u3164\u3164", "\u2800\u2800\u2800", "—…!", "\u200b\u2060", ""]
)
def test_nothing_is_left_of_pictures_blanks_and_marks_alone(title):
    assert not leaves_something(title)


@pytest.mark.parametrize("title", ["🏭 Forge", "3D", "Ω", "①"])
def test_a_letter_or_a_digit_is_something(title):
    assert leaves_something(title)
