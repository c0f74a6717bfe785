"""What a file may be, and what is said of one that may not."""

from __future__ import annotations

MOST_BYTES = 50 * 1024 * 1024
MOST_ROWS = 10_000
MOST_COLUMNS = 200
MOST_KEPT = 5001
"""Characters of a cell; one more than any field takes, so that too long a text is still told."""
MOST_UNPACKED = 400 * 1024 * 1024
"""Bytes of a workbook's parts that are read, once unpacked: its pictures are none of them."""
MOST_MEMORY = 320
"""MiB of addresses that reading a file takes; a workbook of 30 MB takes half of it."""
MOST_CELLS = 4_000_000
"""Between the first and the last cell of a sheet: the library lays out them all (tafia/calamine#693)."""

TOO_MANY_ROWS = f"Ce fichier a plus de {MOST_ROWS:,} lignes : partagez-le en plusieurs fichiers.".replace(",", "\u202f")
TOO_LARGE = "Ce classeur est trop grand une fois décompressé : gardez la feuille des événements, et elle seule."
TOO_HEAVY = (
    "Ce fichier est trop lourd pour être lu : gardez la feuille des événements, et elle seule, ou partagez-le "
    "en plusieurs fichiers."
)
TOO_WIDE = (
    "La feuille « {sheet} » a des cellules remplies très loin (ligne {row}, colonne {column}) : supprimez les lignes "
    "et les colonnes qui ne servent pas, puis enregistrez à nouveau."
)
NO_HEADINGS = (
    "Les titres des colonnes n’ont pas été reconnus. Partez du modèle à télécharger, ou nommez vos colonnes "
    "comme lui : « Titre », « Description », « Date », « Heure de début », « Heure de fin », « Code postal »…"
)
ONLY_HIDDEN = "Les événements sont dans la feuille masquée « {sheet} » : affichez-la, puis enregistrez à nouveau."
RIVALS = "Plusieurs feuilles ont des titres de colonnes : celle qui est lue est « {sheet} »."
NO_ROWS = "Ce fichier n’a aucune ligne sous les titres des colonnes."
EMPTY = "Ce fichier est vide."
HAS_NUL = "Ce fichier n’est pas un texte lisible. Enregistrez-le en « CSV UTF-8 » ou en classeur Excel (.xlsx)."
OLD_EXCEL = (
    "Ce fichier est d’un ancien Excel (.xls), ou protégé par un mot de passe. Enregistrez-le, sans mot de passe, en "
    "« Classeur Excel (.xlsx) »."
)
OTHER_OFFICE = (
    "Ce fichier n’est pas un classeur Excel (.xlsx). Dans LibreOffice : « Enregistrer sous », format .xlsx ou CSV."
)
BROKEN = "Ce classeur ne se laisse pas lire. Ouvrez-le, enregistrez-le à nouveau en .xlsx, puis réessayez."
UNBALANCED = (
    "À la ligne {row}, un guillemet ouvert n’est pas refermé : le reste du fichier serait lu comme une cellule."
)


class SheetRefused(Exception):
    """The file cannot be read; the words (in French) say why, and what to do."""
