"""The typefaces of all that is printed: those of the packages below, and none of the machine's."""

from __future__ import annotations

from importlib.resources import files

# Both families are under the SIL Open Font License. Red Hat Display has the letters of Western Europe; Source Sans,
# named after it in every `font-family`, lends the others (Greek, Cyrillic, U+202F …). There is no third: nothing is
# printed that is not in `backbone.texts.lettering.ALPHABET`, and no typeface of the machine is ever asked.
FONTS = {
    "display-black.ttf": ("font_rhd", "RedHatDisplay-Black.ttf"),
    "display-bold.ttf": ("font_rhd", "RedHatDisplay-Bold.ttf"),
    "text-regular.ttf": ("font_source_sans_pro", "SourceSansPro-Regular.ttf"),
    "text-semibold.ttf": ("font_source_sans_pro", "SourceSansPro-Semibold.ttf"),
}


def read_font(name: str) -> bytes:
    """A typeface of ours, from the package that carries it."""
    package, file = FONTS[name]
    return (files(package) / "files" / file).read_bytes()


def faces() -> str:
    """The style sheet that names them `Display` and `Text`."""
    return (files(__package__ or "") / "templates" / "fonts.css").read_text(encoding="utf-8")
