from __future__ import annotations

import pytest

from registration.domain.names import NO_ADDRESS, NO_CODE, a_name


@pytest.mark.parametrize(
    "name",
    [
        "Gagnez 500 euros : https://arnaque.example/x",
        "HTTPS://ARNAQUE.EXAMPLE",
        "http:arnaque",
        "Gagnez ! www.arnaque.example",
        "Gagnez sur www .arnaque",
        "arnaque.example",
        "Gagnez sur Arnaque.Example/x dès ce soir",
        "gagnez-vite.fr",
        "x.com",
        "t.co/abc",
        "aciérie.fr",
        "xn--acirie-dva.example",
        "arnaque。example",
        "arnaque．example",
        "arnaque\u200d.example",
        "ａｒｎａｑｕｅ．ｅｘａｍｐｌｅ",
        "192.0.2.1/x",
        "//arnaque.example",
        "ftp://x",
        "mailto:tous",
        "javascript:alert(1)",
        "Inès <ines@fonderie.example>",
        "ines@fonderie",
        "Jean.Dupont",
    ],
)
def test_an_address_is_no_name(name):
    with pytest.raises(ValueError, match=r"^Indiquez un nom, sans adresse") as refused:
        a_name(name)
    assert str(refused.value) == NO_ADDRESS


@pytest.mark.parametrize("name", ["=?utf-8?q?A=0D=0ASubject=3A_x=0D=0A=0D=0Atext?=", "Inès =?", "＝？utf-8？q？A？＝"])
def test_what_readers_of_mails_decode_is_no_name(name):
    with pytest.raises(ValueError, match=r"^Retirez") as refused:
        a_name(name)
    assert str(refused.value) == NO_CODE


@pytest.mark.parametrize(
    "name",
    [
        "Inès Payet",
        "J.-P. Martin",
        "J.P. Martin",
        "J.P.Martin",
        "M. Dupont, directeur",
        "Dr. Martin",
        "S.N.C.F.",
        "S.N.C.F. Réseau",
        "U.I.M.M. Loire-Atlantique",
        "Éts. Dupont & Fils (S.A.R.L.)",
        "Direction de la communication, service des relations avec les etablissements scolaires, pole Nord",
        "Élodie d’Œuvre-Ÿ",
        "Saint-Gobain : site de Pont-à-Mousson",
        "Usine 4.0",
        "L’Atelier @ Nantes",
        "Visites... et rencontres",
        "王秀英",
        "Le 1er… et le 2e",
    ],
)
def test_a_name_that_people_bear_is_one(name):
    assert a_name(name) == name
