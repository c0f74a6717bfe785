"""What an organiser changed, word by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelling.domain.changes import changes, diff
from labelling.domain.marks import marked


def shown(old, new):
    signs = {"same": "{}", "out": "[-{}-]", "in": "[+{}+]"}
    return "".join(signs[piece.kind].format(piece.text) for piece in diff(old, new))


@pytest.mark.parametrize(
    ("old", "new", "read"),
    [
        ("Visite de l’usine.", "Visite des ateliers.", "Visite [-de l’usine-][+des ateliers+]."),
        ("Entrée 5 €", "Entrée gratuite", "Entrée [-5 €-][+gratuite+]"),
        ("Visite", "Visite de l’usine", "Visite[+ de l’usine+]"),
        ("Tous les jours sauf lundi", "Tous les jours", "Tous les jours[- sauf lundi-]"),
        ("", "Visite", "[+Visite+]"),
        ("Visite", "Visite", "Visite"),
    ],
)
def test_a_text_shows_what_was_taken_out_and_what_was_put_in(old, new, read):
    assert shown(old, new) == read


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_of_either_text_is_lost(old, new):
    pieces = list(diff(old, new))
    assert "".join(piece.text for piece in pieces if piece.kind != "in") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "out") == new


def test_what_was_chosen_is_shown_as_it_was_and_as_it_is(an_event):
    before = an_event(title="La coulée", admission="named_group")
    after = before.model_copy(update={"revision": 2, "title": "La coulée à midi", "admission": "everyone"})
    title, admission = changes(before, after)
    assert [piece.text for piece in title.pieces] == ["La coulée", " à midi"]
    assert (admission.field, admission.before, admission.after) == ("admission", "named_group", "everyone")


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(-5, 50), st.integers(-5, 50)), max_size=6))
def test_marks_lose_nothing_of_the_text_wherever_rules_point_to(text, places):
    from backbone.contracts import Evidence, Verdict

    evidence = tuple(Evidence(text="x", field="title", start=start, end=end) for start, end in places)
    verdict = Verdict(condition="free", finding="doubtful", code="x", message="Un doute.", evidence=evidence)
    assert "".join(stretch.text for stretch in marked(text, "title", [verdict])) == text
