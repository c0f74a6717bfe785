"""What a picture may be, and what is said of one that may not."""

from __future__ import annotations

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
LEAST_SIDE = 320
MOST_RATIO = 5
FORMATS = ("JPEG", "PNG", "WEBP")
MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp")
LARGE, SMALL = 1600, 640
"""Pixels of the longer side of what is shown; a picture that is smaller is not blown up."""

TOO_HEAVY = "Cette image dépasse 8 Mo : réduisez-la, ou enregistrez-la en JPEG."
NO_PICTURE = "Ce fichier n’est pas une image JPEG, PNG ou WebP : enregistrez votre image dans l’un de ces formats."
BROKEN = "Cette image ne se laisse pas lire : ouvrez-la, enregistrez-la à nouveau, puis réessayez."
TOO_LARGE = "Cette image a plus de 40 millions de pixels : réduisez-la, 1 600 pixels de large suffisent."
TOO_MUCH = "Cette image demande trop de mémoire : réduisez-la, 1 600 pixels de large suffisent."
TOO_SMALL = "Cette image est trop petite : il faut au moins 320 pixels de haut et de large."
TOO_LONG = "Cette image est trop étirée : recadrez-la, un côté fait plus de cinq fois l’autre."
MOVES = "Cette image est animée : choisissez une image fixe."


class PictureRefused(Exception):
    """The picture cannot be shown; the words (in French) say why, and what to do."""
