"""The words that the rules look for, folded (no case, no accents). `*` stands for any end of a word.

Of our own making, from the sample events. Measuring them on more cases is what will make them better.
"""

from __future__ import annotations

INDUSTRY = (
    "industri*", "usine", "usinage", "usiner", "manufactur*", "fabricant", "fabrication", "fabriquer",
    "fabrique", "fabriquons", "fabriquent", "production", "produisons", "productique", "chaine de montage",
    "ligne de production", "ligne d'assemblage", "assemblage", "atelier de production",
    "atelier de fabrication", "site de production", "fonderie", "fonderies", "fondeur", "forge", "forgeron",
    "forgeage", "acierie", "siderurg*", "metallurg*", "metallerie", "chaudronn*", "soudure", "soudage",
    "soudeur", "soudeuse", "tolerie", "tournage", "fraisage", "decolletage", "commande numerique",
    "emboutissage", "moulage", "mouliste", "injection plastique", "plasturgi*", "caoutchouc", "pneumatique",
    "mecanique de precision", "mecatronique", "robot", "robotique", "robotise*", "cobot", "automate",
    "automaticien*", "automatisme", "electrotechni*", "electronique", "semi-conducteur", "semiconducteur",
    "microelectronique", "salle blanche", "batterie", "gigafactory", "aeronauti*", "aerospatial*", "avionneur",
    "automobile", "equipementier", "ferroviaire", "chantier naval", "construction navale", "navale", "chimie",
    "chimique", "petrochimi*", "raffinerie", "pharmaceutique", "pharmaceutiques", "cosmetique", "verrerie",
    "verrier", "cristallerie", "ceramique", "porcelaine", "faience", "tuilerie", "briqueterie", "cimenterie",
    "cimentier", "papeterie", "papetier", "cartonnerie", "emballage", "imprimerie", "textile", "tissage",
    "filature", "teinture", "confection", "maroquinerie", "tannerie", "megisserie", "ganterie", "horloger*",
    "lunett*", "coutellerie", "coutelier", "scierie", "ameublement", "menuiserie industrielle",
    "agroalimentaire", "agro-alimentaire", "conserverie", "laiterie", "fromagerie industrielle", "sucrerie",
    "rhumerie", "distillerie", "minoterie", "brasserie industrielle", "embouteillage", "conditionnement",
    "nucleaire", "centrale", "hydrogene", "eolienne", "barrage", "hydroelectri*", "methanis*", "geothermie",
    "photovoltaique", "valorisation des dechets", "recyclage", "tri des dechets", "station d'epuration",
    "traitement des eaux", "bureau d'etudes", "maintenance", "technicien de maintenance", "operateur",
    "operatrice", "regleur", "conducteur de ligne", "conducteur de machine", "impression 3d",
    "fabrication additive", "prototyp*", "machine-outil", "machines-outils", "jumeau numerique", "bac pro",
    "lycee professionnel", "reindustrialis*", "made in france", "savoir-faire", "uimm", "dispositifs medicaux",
    "dispositif medical", "prothese", "outillage", "hauts fourneaux", "haut-fourneau", "laminoir", "cablerie",
    "parfumerie", "flaconnage", "composite", "moteur", "turbine", "satellite", "lanceur", "fusee",
)  # fmt: skip

ELSEWHERE = (
    "yoga", "meditation", "sophrologie", "brocante", "vide-grenier", "loto", "bal", "kermesse", "concert",
    "chorale", "karaoke", "spectacle", "theatre", "one-man-show", "dj", "soiree dansante", "cours de cuisine",
    "marche de noel", "randonnee", "marathon", "tournoi", "football", "petanque", "belote", "tarot", "salsa",
    "zumba", "pilates", "vernissage", "dedicace", "poesie", "degustation", "oenolog*", "astrologie", "tombola",
    "vin chaud", "pere noel", "bien-etre", "massage", "coiffure", "jardinage", "bourse aux jouets",
    "don du sang", "messe", "camping", "aquarelle", "tricot", "scrapbooking", "mariage", "immobilier",
)  # fmt: skip

PAYING = (
    "tarif", "payant", "payante", "participation aux frais", "participation financiere",
    "participation demandee", "a la charge", "billet d'entree", "billetterie payante", "droit d'entree",
    "prix d'entree", "prix de l'entree", "caution", "cotisation", "plein tarif", "tarif reduit", "paf",
    "a regler", "reglement sur place", "frais d'inscription", "consommation",
)  # fmt: skip

CLOSED = (
    "reserve aux salaries", "reserve aux collaborateurs", "reserve au personnel", "reservee aux salaries",
    "reservee au personnel", "reservee aux collaborateurs", "sur invitation", "invitation nominative",
    "evenement interne", "en interne", "nos salaries et leurs familles", "reserve aux adherents",
    "reservee aux adherents", "reserve aux membres", "reservee aux membres", "reserve a nos clients",
    "reservee a nos clients", "non ouvert au public", "non ouverte au public", "ferme au public", "huis clos",
    "comite d'entreprise",
)  # fmt: skip
