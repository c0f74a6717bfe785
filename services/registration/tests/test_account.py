from __future__ import annotations

import pytest
from pydantic import ValidationError

from backbone.http.problems import field_errors
from registration.domain.account import AccountRequest, Credentials, address_of
from registration.domain.names import NO_ADDRESS
from registration.known_passwords import hold_against_the_commonest


@pytest.fixture(autouse=True)
async def commonest() -> None:
    await hold_against_the_commonest()


def refusals(given) -> list[dict[str, str]]:
    """What is said of a request that is refused."""
    with pytest.raises(ValidationError) as refused:
        AccountRequest.model_validate(given)
    return field_errors(refused.value.errors())


def test_an_account_is_kept_as_given_but_for_blanks_case_and_composition(an_account):
    account = AccountRequest.model_validate(
        an_account(email="Ines.PAYET@Fonderie.Example", name="  Ine\u0300s Payet ", organisation="\u00a0Forge & Cie\n")
    )
    assert (account.email, account.name, account.organisation) == (
        "ines.payet@fonderie.example",
        "In\u00e8s Payet",
        "Forge & Cie",
    )


def test_an_international_domain_is_kept_as_mail_servers_know_it(an_account):
    account = AccountRequest.model_validate(an_account(email="ines@aciérie.example"))
    assert account.email == "ines@xn--acirie-dva.example"


@pytest.mark.parametrize("typed", ["Ines@Fonderie.example", "  ines@fonderie.example\n", "ines@FONDERIE.EXAMPLE"])
def test_an_address_is_recognised_however_it_is_typed(typed):
    assert address_of(typed) == "ines@fonderie.example"


@pytest.mark.parametrize(
    "typed", ["", "ines", "ines@fonderie.example\x00", "ines@fonderie.example\nBcc: tous@x.example"]
)
def test_what_can_be_no_address_is_nobodys(typed):
    assert address_of(typed) is None


@pytest.mark.parametrize(
    "email",
    [
        "ines",
        "ines@",
        "ines@localhost",
        "ines@fonderie.example\r\nBcc: tous@x.example",
        "ines@fonderie.example,tous@x.example",
        "Inès <ines@fonderie.example>",
        "inès@fonderie.example",
        "ines@fonderie.example\x00",
    ],
)
def test_an_address_that_no_mail_reaches_is_refused(an_account, email):
    assert refusals(an_account(email=email)) == [
        {
            "field": "email",
            "message": "Indiquez une adresse électronique valable, par exemple prenom.nom@exemple.fr.",
        }
    ]


def test_an_address_that_mails_would_decode_is_refused(an_account):
    assert refusals(an_account(email="=?utf-8?q?tous=40x.example?=@fonderie.example")) == [
        {"field": "email", "message": "Cette adresse ne peut pas recevoir nos courriels ; indiquez-en une autre."}
    ]


def test_blanks_around_an_address_are_not_the_persons_fault(an_account):
    for blank in (" ", "\u00a0", "\n", "\t", "\u202f"):
        account = AccountRequest.model_validate(an_account(email=f"{blank}jean.dupont@organisateurs.example{blank}"))
        assert account.email == "jean.dupont@organisateurs.example"


@pytest.mark.parametrize("field", ["name", "organisation"])
def test_an_address_of_the_web_is_no_name_of_a_person_or_an_organisation(an_account, field):
    given = an_account(**{field: "Gagnez 500 euros : https://arnaque.example/x"})
    assert refusals(given) == [{"field": field, "message": NO_ADDRESS}]


@pytest.mark.parametrize("name", ["Inès\nBcc: tous@x.example", "Inès\tPayet", "Inès\u2028Payet", "Inès\r Payet"])
def test_a_name_is_one_line(an_account, name):
    assert refusals(an_account(name=name)) == [{"field": "name", "message": "Écrivez sur une seule ligne."}]


@pytest.mark.parametrize("name", ["Inès\x00", "Inès\x1b[31m", "Inès\u202eteyaP", "In\ue000ès"])
def test_control_characters_are_refused(an_account, name):
    assert refusals(an_account(name=name)) == [
        {"field": "name", "message": "Retirez les caractères de contrôle (souvent dus à un copier-coller)."}
    ]


@pytest.mark.parametrize("name", ["", "   ", " I "])
def test_blanks_are_no_name(an_account, name):
    assert refusals(an_account(name=name)) == [{"field": "name", "message": "Indiquez au moins 2 caractères."}]


def test_a_name_in_any_script_is_welcome(an_account):
    for name in ("Élodie d’Œuvre-Ÿ", "王秀英", "Μαρία", "👩\u200d🏭 Inès"):
        assert AccountRequest.model_validate(an_account(name=name)).name == name


def test_a_password_is_long_and_nothing_else_is_asked_of_it(an_account):
    for password in ("mon chien dort", "xkqjwpzvhrtn", "王秀英在工厂里工作了很久"):
        account = AccountRequest.model_validate(an_account(password=password))
        assert account.password.get_secret_value() == password
    for password in ("Aa1!Aa1!Aa1", "a" * 201):
        assert refusals(an_account(password=password)) == [
            {"field": "password", "message": "Choisissez un mot de passe de 12 à 200 caractères."}
        ]


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u3164", "\u2800", "\u200b"])
def test_a_password_of_blanks_is_refused(an_account, blank):
    assert refusals(an_account(password=blank * 14)) == [
        {"field": "password", "message": "Choisissez un mot de passe qui ne soit pas fait d’espaces."}
    ]


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "............",
        "123456789012",
        "987654321098",
        "abcdefghijkl",
        "abcabcabcabc",
        "azertyuiopqs",
        "qwertyuiopasdf",
        "passwordpassword",
        "Password1234!",
        "P@ssw0rd2026!",
        "motdepasse12",
        "Mot de passe 2026",
        "motdepassemotdepasse",
        "soleil123456",
        "iloveyouiloveyou",
        "Semaine de l’industrie",
        "administrateur",
        "fonderie de l’erdre",
        "InesPayet2026",
        "aaaaaaaaaaab",
        "0123456789ab",
        "Administrator!",
        "changez-moi 2026",
        "ines@fonderie.example",
    ],
)
def test_what_is_tried_first_is_no_password(an_account, password):
    assert refusals(an_account(password=password)) == [
        {
            "field": "password",
            "message": "Ce mot de passe est parmi les premiers que l’on essaie. "
            "Choisissez-en un autre, par exemple quatre mots sans lien entre eux.",
        }
    ]


def test_an_accent_is_the_same_however_it_is_typed(an_account):
    typed = "e\u0301te\u0301 en fore\u0302t 2026"
    account = AccountRequest.model_validate(an_account(password=typed))
    signing_in = Credentials(email="ines@fonderie.example", password="\u00e9t\u00e9 en for\u00eat 2026")
    assert account.password == signing_in.password
    assert account.password.get_secret_value() == "été en forêt 2026"


def test_a_password_is_not_shown_with_its_account(an_account):
    assert "douze lettres" not in repr(AccountRequest.model_validate(an_account()))
