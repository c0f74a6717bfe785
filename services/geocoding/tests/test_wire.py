"""What is handed to the national service as a CSV, and what is read of the CSV that comes back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocoding.domain import Hit
from geocoding.wire import Question, hits_in, rows_of

COLUMNS = (
    "row,q,citycode,postcode,latitude,longitude,result_label,result_score,result_type,result_citycode,result_status"
)
ASKED = [
    Question("12 rue de l’Église 59100 Roubaix", {"citycode": "59512"}),
    Question("1 quai Rambaud 69002 Lyon", {"postcode": "69002"}),
    Question("rue du Néant 99999 Nulle Part", {}),
]
ROWS = [
    '0,12 rue de l’Église 59100 Roubaix,59512,,50.69,3.18,"12 Rue de l’Église, Roubaix",0.93,housenumber,59512,ok',
    "1,1 quai Rambaud 69002 Lyon,,69002,45.74,4.81,Quai Rambaud 69002 Lyon,0.71,street,69382,ok",
    "2,rue du Néant 99999 Nulle Part,,,,,,,,,not-found",
]
CHURCH = Hit("housenumber", 0.93, "59512", 3.18, 50.69, "12 Rue de l’Église, Roubaix")
QUAY = Hit("street", 0.71, "69382", 4.81, 45.74, "Quai Rambaud 69002 Lyon")


def told(*rows: str, columns: str = COLUMNS) -> str:
    return "".join(f"{row}\r\n" for row in (columns, *rows))


@settings(deadline=None)
@given(st.lists(st.builds(Question, st.text(st.characters(codec="utf-8")), st.just({"postcode": "59100"})), min_size=1))
def test_whatever_is_written_an_address_is_one_row_and_the_same_when_it_is_read(questions: list[Question]) -> None:
    first, *rows = csv.reader(io.StringIO(rows_of(questions).decode(), newline=""))
    assert first == ["row", "q", "citycode", "postcode"]
    assert rows == [[str(number), question.text, "", "59100"] for number, question in enumerate(questions)]


def test_every_cell_is_quoted_and_no_line_ends_the_last_row() -> None:
    assert rows_of([Question('3 "Le Port", bât. B; A', {"citycode": "59512"})]).decode() == (
        '"row","q","citycode","postcode"\r\n"0","3 ""Le Port"", bât. B; A","59512",""'
    )


@pytest.mark.parametrize(
    "text",
    [
        told(*ROWS),
        told(*reversed(ROWS)),
        "\N{BYTE ORDER MARK}" + told(*ROWS),
        told(*ROWS).replace("\r\n", "\n"),
        told(*ROWS, '7,12 rue de l’Église 59100 Roubaix,,,1,1,Ailleurs,1,street,01001,"ok"', "x,,,,,,,,,,ok"),
    ],
    ids=["as they were asked", "in another order", "behind a byte order mark", "by another system", "with more rows"],
)
def test_each_row_answers_the_question_of_its_number(text: str) -> None:
    assert hits_in(text, ASKED) == {0: CHURCH, 1: QUAY, 2: None}


def test_a_service_that_tells_no_state_has_no_such_place_where_it_found_nothing() -> None:
    rows = [row.rpartition(",")[0] for row in ROWS]
    assert hits_in(told(*rows, columns=COLUMNS.rpartition(",")[0]), ASKED) == {0: CHURCH, 1: QUAY, 2: None}


@pytest.mark.parametrize(
    "alter",
    [
        lambda row: "",
        lambda row: f"{row}\r\n{row}",
        lambda row: row.replace("0,12", "1,12"),
        lambda row: row.replace("l’Église 59", "lâ€™Ã‰glise 59", 1),
        lambda row: row.replace(",ok", ",error"),
        lambda row: row.replace(",ok", ",skipped"),
        lambda row: row.replace(",ok", ","),
        lambda row: row.replace(",ok", ""),
        lambda row: row.replace("50.69", ""),
        lambda row: row.replace("50.69", "nan"),
        lambda row: row.replace("50.69", "500.69"),
        lambda row: row.replace("0.93", "93"),
        lambda row: row.replace(",59512,ok", ",,ok"),
        lambda row: row.replace("housenumber", ""),
    ],
    ids=[
        "missing",
        "twice",
        "another's number",
        "another's words",
        "failed at",
        "passed over",
        "no state",
        "a cell too few",
        "no latitude",
        "not a number",
        "on no globe",
        "no score",
        "no commune",
        "no kind",
    ],
)
def test_a_row_that_is_no_plain_answer_is_none(alter: Callable[[str], str]) -> None:
    hits = hits_in(told(alter(ROWS[0]), *ROWS[1:]), ASKED)
    assert 0 not in hits
    assert hits.items() <= {1: QUAY, 2: None}.items()


@pytest.mark.parametrize("row", [0, 2])
def test_a_row_that_was_cut_off_anywhere_is_no_answer(row: int) -> None:
    others, last = [one for one in ROWS if one != ROWS[row]], ROWS[row]
    whole = told(*others, last)
    for length in range(len(told(*others)), len(whole)):
        assert row not in hits_in(whole[:length], ASKED), whole[:length]


@pytest.mark.parametrize(
    "text",
    ["", "\n", "<!doctype html>\n<title>Maintenance</title>\n", '{"code": 500}\n', '"row,q\n', "row\n0\n", "a\0\n"],
)
def test_what_is_no_csv_of_ours_answers_nothing(text: str) -> None:
    assert hits_in(text, ASKED) == {}
