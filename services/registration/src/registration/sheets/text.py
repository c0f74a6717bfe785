"""CSV as Excel, LibreOffice and Google Sheets write it: in four encodings, with four separators."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ..domain.sheet_headings import LOOKED_AT, find_headings, score
from .bounds import EMPTY, HAS_NUL, UNBALANCED, SheetRefused

SEPARATORS = ";,\t|"
MOST_IN_A_CELL = 64 * 1024
"""Characters: a spreadsheet's cell holds half of it. More is a quotation mark that nobody closed."""

_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",  # what Excel calls « Texte Unicode »
    codecs.BOM_UTF16_BE: "utf-16",
}
_OF_A_MAC, _OF_WINDOWS = b"\x8e\x8f\x88\x8d\x90\x9d\x99", b"\xe9\xe8\xe0\xe7\xea\xf9\xf4"  # é è à ç ê ù ô
_MIXED = re.compile("Ã[©¨ª§®´¢»]|â€™|Ã\u00a0")
_CHUNK = 1 << 20

Rows = Iterator[tuple[int, list[str]]]


def read_text(path: Path) -> Rows:
    """The rows, each with its number as a spreadsheet shows it. Raises SheetRefused."""
    encoding = _encoding(path)
    sample = _sample(path, encoding)
    told = re.match(r"sep=(.)\r?\n", sample)  # Excel obeys this line, and does not show it
    separator = told[1] if told else _separator(sample)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        lines = itertools.islice(file, 1 if told else 0, None)
        yield from _records(csv.reader(_without_nul(lines), delimiter=separator))


def _records(reader: Iterator[list[str]]) -> Rows:
    before = csv.field_size_limit(MOST_IN_A_CELL)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield number, [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in cells]
    except csv.Error as error:
        raise SheetRefused(UNBALANCED.format(row=number + 1)) from error
    finally:
        csv.field_size_limit(before)


def _without_nul(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if "\0" in line:
            raise SheetRefused(HAS_NUL)
        yield line


def _sample(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        sample = file.read(64 * 1024)
    if not sample.strip("\ufeff \r\n\t;,|"):
        raise SheetRefused(EMPTY)
    return sample


def _separator(sample: str) -> str:
    """That with which the most headings are recognised; among equals, that which stands there most."""

    def worth(separator: str) -> tuple[int, int]:
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        try:
            top = list(enumerate(itertools.islice(rows, LOOKED_AT), 1))
        except csv.Error:
            return (0, 0)
        return score(find_headings(top)), sum(len(cells) for _, cells in top)

    return max(SEPARATORS, key=worth)


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(4)
    for bom, name in _BOMS.items():
        if head.startswith(bom):
            return name
    return _without_bom(path)


def _without_bom(path: Path) -> str:
    decoder, is_utf8, counted = codecs.getincrementaldecoder("utf-8")(), True, Counter[int]()
    mixed = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if b"\0" in chunk:
                raise SheetRefused(HAS_NUL)
            if is_utf8:
                try:
                    decoder.decode(chunk, final=len(chunk) < _CHUNK)
                except UnicodeDecodeError:
                    is_utf8 = False
            counted.update(chunk.translate(None, bytes(range(128))))
            mixed += len(_MIXED.findall(chunk.decode("cp1252", "replace")))
    if is_utf8:
        return "utf-8"
    of_windows, of_a_mac = (sum(counted[byte] for byte in few) for few in (_OF_WINDOWS, _OF_A_MAC))
    if mixed > max(of_windows, of_a_mac) / 4:  # some lines are UTF-8: a file that was put together of two
        return "utf-8"
    return "mac-roman" if of_a_mac > of_windows else "cp1252"
