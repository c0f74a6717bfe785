"""When two names are the same organisation's."""

from __future__ import annotations

import pytest

from labelling.domain.independence import is_same_organisation


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fonderie de l’Erdre", "FONDERIE DE L'ERDRE"),
        ("Fonderie de l’Erdre", "SAS Fonderie de l’Erdre"),
        ("Société des Forges du Creusot", "Forges du Creusot S.A."),
        ("Groupe Renault", "Renault SAS"),
        ("CCI Lyon Métropole", "CCI Lyon Métropole Saint-Étienne Roanne"),
        ("Lycée Diderot", "Lycée Diderot, Paris 19e"),
        ("Aciéries & Co", "Acieries et Co"),
        ("La Compagnie", "La compagnie"),
        ("Αirbus", "Airbus"),
    ],
)
def test_the_same_organisation_is_known_however_it_is_written(one: str, other: str) -> None:
    assert is_same_organisation(one, other)
    assert is_same_organisation(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lycée Diderot", "Lycée Voltaire"),
        ("Lycée", "Lycée Voltaire"),
        ("CCI Lyon Métropole", "CCI Nantes Saint-Nazaire"),
        ("Fonderie de l’Erdre", "Fonderie de la Loire"),
        ("La Compagnie", "La Société"),
        ("", "Fonderie de l’Erdre"),
        ("", ""),
        ("🏭", "🏭"),
    ],
)
def test_another_organisation_is_another(one: str, other: str) -> None:
    assert not is_same_organisation(one, other)
    assert not is_same_organisation(other, one)
