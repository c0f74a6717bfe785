from __future__ import annotations

from io import BytesIO

import pytest
from fontTools.ttLib import TTFont

from backbone.texts.lettering import ALPHABET
from commskit.assets import FONTS, read_font


@pytest.mark.parametrize("name", [name for name in FONTS if name.startswith("text-")])
def test_every_letter_that_may_be_printed_is_in_the_typeface_that_all_others_fall_back_on(name):
    with TTFont(BytesIO(read_font(name))) as font:
        assert sorted(ALPHABET - {chr(code) for code in font.getBestCmap()}) == []
