"""Files as organisers' spreadsheets write them: which sheet, which headings, which cells."""

from __future__ import annotations

import datetime as dt
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from registration.settings import Settings
from registration.sheets.bounds import MOST_MEMORY, SheetRefused
from registration.sheets.reader import reading
from registration.sheets.reading import read_sheet

HEAD = "Titre;Description;Date;Heure de début;Heure de fin;Code postal;Commune"
ROW = "Visite de l’été;« Écouter », voir;17/11/2026;9h;12h;44550;Saint-Nazaire"
CELLS = ROW.split(";")


@pytest.fixture
def a_file(tmp_path):
    def make(content: bytes, name: str = "evenements") -> Path:
        (path := tmp_path / name).write_bytes(content)
        return path

    return make


@pytest.fixture
def a_workbook(tmp_path):
    """Makes a workbook of one sheet with these rows; `more` may do anything to it before it is saved."""

    def make(rows, more=lambda book: None) -> Path:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        more(book)
        book.save(path := tmp_path / "evenements.xlsx")
        return path

    return make


def read(path):
    sheet = read_sheet(path)
    return list(sheet.rows), sheet


def refusal(path) -> str:
    with pytest.raises(SheetRefused) as refused:
        read(path)
    return str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac-roman"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_csv_is_read_in_whatever_encoding_and_with_whatever_separator(a_file, encoding, separator):
    head, row = HEAD.replace(";", separator), separator.join(f'"{cell}"' for cell in CELLS)
    rows, sheet = read(a_file(f"{head}\r\n{row}\r\n".encode(encoding)))
    assert rows == [(2, CELLS)]
    assert [one.column.fills for one in sheet.layout.placed][:3] == ["title", "description", "day"]


def test_blank_lines_quotes_and_line_breaks_in_cells_leave_each_row_its_number(a_file):
    quoted = 'A;"dit « ""oui"" »\r\net ; encore";17/11;9h;10h;01000;Bourg'
    text = f"Mes événements\n\n{HEAD}\n\n{quoted}\n;;;;;;\nB;b;18/11;9h;10h;1000;Bourg"
    rows, sheet = read(a_file(text.encode()))
    assert sheet.layout.row == 3
    assert [(number, cells[1]) for number, cells in rows] == [(5, 'dit « "oui" »\net ; encore'), (7, "b")]


def test_excels_own_line_about_the_separator_is_no_row(a_file):
    assert read(a_file(f"sep=;\r\n{HEAD}\r\n{ROW}".encode()))[0] == [(2, CELLS)]


def test_a_file_put_together_of_two_encodings_keeps_its_accents_where_they_are_utf8(a_file):
    lines = [HEAD, *[ROW] * 20]
    rows, _ = read(a_file("\n".join(lines).encode() + "\nété;".encode("cp1252")))
    assert rows[0] == (2, CELLS)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Ce fichier est vide."),
        (b"\xef\xbb\xbf \r\n", "Ce fichier est vide."),
        (f"{HEAD}\nA\0B".encode(), "Ce fichier n’est pas un texte lisible."),
        (f"{HEAD}\nA\0B".encode("utf-16"), "Ce fichier n’est pas un texte lisible."),
        (HEAD.encode(), "Ce fichier n’a aucune ligne sous les titres des colonnes."),
        (b"nom,prix\nclou,3", "Les titres des colonnes n’ont pas été reconnus."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "Ce fichier est d’un ancien Excel (.xls), ou protégé par un mot de passe."),
        (b"PK\x03\x04rien", "Ce classeur ne se laisse pas lire."),
        (f'{HEAD}\nA;"'.encode() + b"x" * 70_000, "À la ligne 2, un guillemet ouvert n’est pas refermé"),
        (f"{HEAD}\n".encode() + b"A;b\n" * 10_001, "Ce fichier a plus de 10\u202f000 lignes"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(a_file, content, said):
    assert refusal(a_file(content)).startswith(said)


def test_another_offices_document_is_refused_with_what_to_do(tmp_path):
    with zipfile.ZipFile(path := tmp_path / "a.ods", "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert "LibreOffice" in refusal(path)


def test_cells_of_a_workbook_are_the_text_that_one_would_have_typed(a_workbook):
    values = ["=1+1", dt.date(2026, 11, 17), dt.datetime.fromisoformat("2026-11-17T09:00"), dt.time(9, 30), 69003]
    values += [12345678901234, 0.375]
    values += [True, dt.timedelta(hours=9), "'=x", "a\r\nb", 1.5]

    def as_typed(book):
        book.active["A2"].data_type = "s"  # a text that begins like a formula

    head = ["Titre", "Date", "Début", "Fin", "CP", "Réf", "a", "b", "c", "d", "e", "f"]
    [(number, cells)], _ = read(a_workbook([head, values], as_typed))
    assert number == 2
    assert cells[:7] == ["=1+1", "17/11/2026", "17/11/2026 09:00", "09:30", "69003", "12345678901234", "0.375"]
    assert cells[7:] == ["oui", "09:00", "'=x", "a\nb", "1.5"]


def test_a_day_counted_from_1904_is_the_day_that_is_shown(a_workbook):
    def of_a_mac(book):
        book.epoch = CALENDAR_MAC_1904

    rows, _ = read(a_workbook([["Titre", "Date"], ["A", dt.date(2026, 11, 17)]], of_a_mac))
    assert rows == [(2, ["A", "17/11/2026"])]


def test_errors_and_formulas_that_nobody_has_counted_are_not_empty_cells(a_workbook):
    def broken(book):
        book.active["A2"] = "#REF!"
        book.active["A2"].data_type = "e"
        book.active["B3"] = "=SUM(1,2)"  # without its value, as a program writes it

    rows, _ = read(a_workbook([["Titre", "Description"], ["?", "a"], ["b", ""]], broken))
    assert rows == [(2, ["#REF!", "a"]), (3, ["b", "#CALC!"])]


def test_what_was_written_once_for_rows_below_each_other_is_in_each_of_them(a_workbook):
    def merged(book):
        book.active.merge_cells("A3:A4")
        book.active.merge_cells("A1:C1")
        book.active.merge_cells("B5:C5")

    rows = [
        ["Nos événements"],
        ["Organisation", "Titre", "Commune"],
        ["Fonderie", "A", "Lyon"],
        [None, "B", "Brest"],
        ["X", "C"],
    ]
    assert read(a_workbook(rows, merged))[0] == [
        (3, ["Fonderie", "A", "Lyon"]), (4, ["Fonderie", "B", "Brest"]), (5, ["X", "C", ""]),
    ]  # fmt: skip


def test_the_sheet_of_events_is_found_among_others_and_hidden_ones_are_passed_over(a_workbook):
    def with_others(book):
        book.active.title = "Notes"
        old = book.create_sheet("2025")
        old.append(["Titre", "Description", "Date", "Commune", "Code postal"])
        old.append(["De l’an passé", "x", "x", "x", "x"])
        old.sheet_state = "hidden"
        ours = book.create_sheet("2026")
        ours.append(["Titre", "Date", "Commune"])
        ours.append(["De cette année", "17/11/2026", "Lyon"])
        ours.append(["Filtré", "17/11/2026", "Lyon"])
        ours.row_dimensions[3].hidden = True

    rows, sheet = read(path := a_workbook([["à faire"], ["appeler Lyon"]], with_others))
    assert [cells[0] for _, cells in rows] == ["De cette année", "Filtré"]
    assert sheet.notices == ["1 ligne masquée dans le tableur est lue aussi."]
    book = openpyxl.load_workbook(path)
    book["2025"].sheet_state = "visible"
    book.save(path)
    assert read(path)[1].notices == [
        "Plusieurs feuilles ont des titres de colonnes : celle qui est lue est « 2025 ».",
    ]


def test_events_on_a_hidden_sheet_alone_are_refused_by_its_name(a_workbook):
    def hidden(book):
        ours = book.create_sheet("Événements")
        ours.append(["Titre", "Date", "Commune"])
        ours.sheet_state = "hidden"

    assert "feuille masquée « Événements »" in refusal(a_workbook([["à faire"]], hidden))


def test_a_cell_at_the_end_of_the_world_is_refused_and_takes_no_memory(a_workbook):
    def far(book):
        book.active["XFD1048576"] = "ici"

    assert "(ligne 1048576, colonne 16384)" in refusal(a_workbook([["Titre", "Date"], ["A", "B"]], far))


def test_rows_that_are_only_coloured_down_to_the_last_are_no_rows(a_workbook):
    def coloured(book):
        book.active.cell(1_048_576, 3).fill = openpyxl.styles.PatternFill("solid", fgColor="FFFF00")

    assert read(a_workbook([["Titre", "Date"], ["A", "B"]], coloured))[0] == [(2, ["A", "B"])]


def test_a_workbook_that_unpacks_to_more_than_there_is_room_for_is_refused(a_workbook):
    path = a_workbook([["Titre", "Date"], ["A", "B"]])
    with zipfile.ZipFile(path) as packed:
        size = packed.getinfo("xl/worksheets/sheet1.xml").file_size
    # as its table of contents says it: nothing is unpacked to find out
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", size), struct.pack("<I", 401 << 20)))
    assert refusal(path).startswith("Ce classeur est trop grand une fois décompressé")


def test_an_operator_who_says_nothing_lets_a_file_take_what_its_reader_takes():
    assert Settings.model_fields["upload_mebibytes"].default == MOST_MEMORY


async def test_a_file_that_needs_more_memory_than_there_is_for_it_is_refused_in_words(a_workbook, a_file):
    """Whoever takes too much, Python or the library below it, the service beside it goes on."""
    large = [["Titre", "Date"], *([f"Visite {n}", "17/11/2026" * 300] for n in range(10_000))]
    long_line = b"Titre;Date\r\n" + b"A" * 45_000_000
    for path in (a_workbook(large), a_file(long_line)):
        with pytest.raises(SheetRefused, match="Ce fichier est trop lourd pour être lu"):
            async with reading(path, mebibytes=64) as file:
                assert [row async for row in file.rows()]


def test_a_workbook_that_lies_about_its_size_is_refused(a_workbook):
    path = a_workbook([["Titre", "Date"], *([f"A{n}", "B"] for n in range(2000))])
    content = path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        size = packed.getinfo("xl/worksheets/sheet1.xml").file_size
    path.write_bytes(content.replace(struct.pack("<I", size), struct.pack("<I", 100)))
    assert refusal(path).startswith("Ce classeur ne se laisse pas lire.")


@pytest.mark.parametrize(
    ("typed", "fills"),
    [
        ("TITRE DE L'EVENEMENT *", "title"),
        ("  heure   debut (hh:mm)", "starts"),
        ("Code  Postal", "venue.postcode"),
        ("Ville", "venue.city"),
        ("E-mail d'inscription", "booking_email"),
        ("is_free", "is_free"),
        ("Decsription", "description"),
        ("date_de_fin", "last_day"),
    ],
)
def test_headings_are_recognised_whatever_way_they_are_written(a_file, typed, fills):
    _, sheet = read(a_file(f"Organisation;Référence;{typed}\na;b;c".encode()))
    assert sheet.layout.placed[-1].column.fills == fills


def test_headings_that_are_unknown_twice_or_guessed_are_told(a_file):
    _, sheet = read(a_file(b"Titre;Titre;Budget interne;Decsription\na;b;c;d"))
    assert sheet.layout.notices() == [
        "La colonne « Budget interne » n’est pas connue : elle n’est pas lue.",
        "La colonne « Titre » est là deux fois : seule la première est lue.",
        "La colonne « Decsription » est lue comme « Description ».",
    ]


async def test_a_process_of_its_own_reads_a_file_row_by_row(a_file):
    async with reading(a_file(f"{HEAD}\n{ROW}\n{ROW}".encode())) as file:
        assert [row async for row in file.rows()] == [(2, CELLS), (3, CELLS)]
        assert file.layout.row == 1


async def test_a_process_that_is_killed_over_a_file_is_a_file_that_is_too_heavy(a_file):
    path = a_file((f"{HEAD}\n" + f"{ROW}\n" * 9000).encode())

    async def go_through():
        async with reading(path) as file:
            rows = file.rows()
            await anext(rows)
            file.process.kill()  # once: a second one would learn of the death before asyncio does
            async for _ in rows:
                pass

    with pytest.raises(SheetRefused, match="Ce fichier est trop lourd pour être lu"):
        await go_through()
