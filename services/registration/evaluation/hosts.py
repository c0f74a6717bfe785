"""Those who invite, as `pairs.py` plays them: invented, each with its names, and what it offers in several wordings.

The two halves have nothing in common but the language: whoever writes the rule reads `OPEN` only.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Host:
    """Who invites. `names`: as it is written by itself and by others; `offers`: for each event, its titles, which all
    say the same one; `series`: workshops of which no two are the same, however alike their titles are."""

    names: tuple[str, ...]
    street: str
    place: str
    offers: tuple[tuple[str, ...], ...]
    series: tuple[str, ...]


OPEN = (
    Host(
        ("Fonderie de l’Erdre", "Fonderie de l'Erdre SAS", "FDE"),
        "12 rue de l’Industrie",
        "44550 Montoir-de-Bretagne",
        (
            (
                "Du métal en fusion à la pièce finie",
                "Visite de la fonderie : du métal en fusion à la pièce finie",
                "Fonderie de l’Erdre : suivez une pièce, du métal en fusion à la finition",
            ),
            ("Job dating à la fonderie", "Job dating Fonderie de l’Erdre", "La fonderie recrute : job dating"),
        ),
        ("Atelier soudure", "Atelier peinture", "Atelier moulage", "Atelier contrôle qualité"),
    ),
    Host(
        ("Lycée Gustave-Eiffel", "Lycée polyvalent Gustave Eiffel", "LPO Eiffel"),
        "143 rue Ferdinand-Buisson",
        "33000 Bordeaux",
        (
            (
                "Portes ouvertes du plateau technique",
                "Journée portes ouvertes – plateau technique",
                "JPO : le plateau technique du lycée Gustave-Eiffel",
            ),
            (
                "Concours de robots des lycéens",
                "Le concours de robots des élèves",
                "Semaine de l’industrie : concours de robots au lycée Eiffel",
            ),
        ),
        ("Atelier usinage", "Atelier impression 3D", "Atelier robotique", "Atelier électrotechnique"),
    ),
    Host(
        ("Papeterie des Deux-Vallées", "Papeteries des 2 Vallées", "Groupe Valpap"),
        "3 chemin du Moulin",
        "38190 Villard-Bonnot",
        (
            (
                "Dans les coulisses de la machine à papier",
                "Les coulisses de la machine à papier",
                "Visite guidée de la papeterie et de sa machine à papier",
            ),
            (
                "Rencontre avec nos conducteurs de ligne",
                "Rencontrez les conducteurs de ligne",
                "Métier : conducteur de ligne, rencontre",
            ),
        ),
        (
            "Visite des cuves",
            "Visite du laboratoire",
            "Visite de l’atelier bobinage",
            "Visite de la station d’épuration",
        ),
    ),
    Host(
        ("Mécanique de précision Vernay", "MP Vernay", "Vernay SA"),
        "27 avenue du Mont-Blanc",
        "74300 Cluses",
        (
            (
                "Le décolletage, un métier de précision",
                "Découvrir le décolletage, métier de précision",
                "Décolletage : un métier de haute précision",
            ),
            (
                "Visite de nos ateliers d’usinage",
                "Visitez les ateliers d’usinage de Vernay",
                "Ateliers d’usinage MP Vernay : visite commentée",
            ),
        ),
        (
            "Démonstration de tournage",
            "Démonstration de fraisage",
            "Démonstration de rectification",
            "Démonstration de métrologie",
        ),
    ),
    Host(
        ("Chantiers navals Kerouan", "Kerouan Marine", "Chantier naval Kérouan"),
        "Quai des Forges",
        "29200 Brest",
        (
            (
                "Visite du chantier naval et de la forme de radoub",
                "Le chantier naval et sa forme de radoub : visite",
                "Chantiers Kerouan : visitez la forme de radoub",
            ),
            (
                "Devenir chaudronnier naval",
                "Comment devenir chaudronnière ou chaudronnier naval",
                "Chaudronnier naval : un métier d’avenir, venez l’essayer",
            ),
        ),
        ("Essayez la chaudronnerie", "Essayez la tuyauterie", "Essayez la soudure TIG", "Essayez la peinture marine"),
    ),
    Host(
        ("Verrerie du Pays de Bresle", "Verreries de la Bresle", "Bresle Verre"),
        "8 rue des Verriers",
        "76340 Blangy-sur-Bresle",
        (
            (
                "Flacons de luxe : de la goutte de verre au parfum",
                "De la goutte de verre au flacon de luxe",
                "Visite de la verrerie : comment naît un flacon de luxe",
            ),
            (
                "Table ronde : les femmes dans l’industrie du verre",
                "Les femmes dans l’industrie du verre, table ronde",
                "Femmes et industrie du verre",
            ),
        ),
        ("Initiation au soufflage", "Initiation à la gravure", "Initiation au dépolissage", "Initiation au décor"),
    ),
    Host(
        ("Laiterie du Haut-Doubs", "Laiterie Haut Doubs", "Coopérative laitière du Haut-Doubs"),
        "1 route de Besançon",
        "25300 Pontarlier",
        (
            (
                "De la traite au comté : visite de la laiterie",
                "Visite de la laiterie, de la traite au comté",
                "Comté : du lait à la meule, visite de la laiterie",
            ),
            (
                "Les métiers de la maintenance agroalimentaire",
                "Maintenance agroalimentaire : les métiers",
                "Zoom sur les métiers de la maintenance en agroalimentaire",
            ),
        ),
        ("Dégustation et affinage", "Le laboratoire d’analyses", "La salle des pressoirs", "Les caves d’affinage"),
    ),
    Host(
        ("Aérostructures Garonne", "Aérostructures de la Garonne", "ASG"),
        "5 impasse Clément-Ader",
        "31700 Blagnac",
        (
            (
                "Assemblage d’un fuselage : la chaîne en direct",
                "La chaîne d’assemblage du fuselage en direct",
                "Visite : assemblage d’un fuselage d’avion",
            ),
            (
                "Forum de l’alternance aéronautique",
                "Alternance dans l’aéronautique : le forum",
                "Forum alternance – aéronautique",
            ),
        ),
        ("Rivetage pour débutants", "Drapage composite", "Câblage", "Ajustage"),
    ),
    Host(
        ("Textiles Roubaisiens Réunis", "TRR", "Les Textiles Roubaisiens"),
        "60 boulevard d’Armentières",
        "59100 Roubaix",
        (
            (
                "Un jean fabriqué en France, étape par étape",
                "Fabriquer un jean en France, étape par étape",
                "Le jean made in France : visite de l’atelier de confection",
            ),
            (
                "Escape game : sauvez la filature",
                "Sauvez la filature ! Escape game",
                "Jeu d’évasion « Sauvez la filature »",
            ),
        ),
        ("Atelier couture", "Atelier teinture", "Atelier patronage", "Atelier broderie"),
    ),
    Host(
        ("Batteries du Douaisis", "Gigafactory du Douaisis", "BDD SAS"),
        "200 rue de la Gare",
        "59553 Lambres-lez-Douai",
        (
            (
                "Comment fabrique-t-on une batterie de voiture ?",
                "La fabrication d’une batterie de voiture électrique",
                "Au cœur de l’usine de batteries : la fabrication",
            ),
            (
                "Recrutement : opérateurs de production",
                "Nous recrutons des opérateurs de production",
                "Journée de recrutement – opératrices et opérateurs de production",
            ),
        ),
        (
            "Réalité virtuelle : salle blanche",
            "Réalité virtuelle : logistique",
            "Réalité virtuelle : sécurité",
            "Réalité virtuelle : maintenance",
        ),
    ),
)

APART = (
    Host(
        ("Sidérurgie de Fos", "Aciérie de Fos-sur-Mer", "SidFos"),
        "40 route du Quai-Minéralier",
        "13270 Fos-sur-Mer",
        (
            (
                "La coulée continue vue de près",
                "Au plus près de la coulée continue",
                "Visite de l’aciérie : la coulée continue",
            ),
            (
                "L’acier décarboné expliqué aux familles",
                "Expliquer l’acier décarboné aux familles",
                "Acier décarboné : ce que les familles veulent savoir",
            ),
        ),
        ("Atelier laminage", "Atelier métallurgie", "Atelier pont roulant", "Atelier électricité"),
    ),
    Host(
        ("Campus des métiers Jean-Prouvé", "CFA Jean Prouvé", "Campus Prouvé"),
        "18 rue Albert-Lebrun",
        "54000 Nancy",
        (
            (
                "Journée d’immersion en chaudronnerie",
                "Immersion en chaudronnerie : une journée au CFA",
                "Une journée pour découvrir la chaudronnerie",
            ),
            (
                "Olympiades des métiers : entraînement public",
                "Entraînement public aux Olympiades des métiers",
                "Venez voir l’entraînement des Olympiades des métiers",
            ),
        ),
        ("Découverte du tournage", "Découverte du pliage", "Découverte de la soudure", "Découverte de l’automatisme"),
    ),
    Host(
        ("Brasserie des Trois-Ponts", "Brasserie des 3 Ponts", "Les Trois Ponts SCOP"),
        "9 quai de la Bruche",
        "67120 Molsheim",
        (
            (
                "Les secrets du brassage industriel",
                "Brassage industriel : tous les secrets",
                "Visite de la brasserie et secrets du brassage",
            ),
            (
                "Café-rencontre avec les techniciennes qualité",
                "Rencontre autour d’un café : les techniciennes qualité",
                "Techniciennes qualité : café-rencontre à la brasserie",
            ),
        ),
        (
            "Visite de la malterie",
            "Visite de l’embouteillage",
            "Visite des cuves de garde",
            "Visite de la chaufferie biomasse",
        ),
    ),
    Host(
        ("Horlogerie Comtoise", "Manufacture horlogère comtoise", "HC Besançon"),
        "2 rue du Balancier",
        "25000 Besançon",
        (
            (
                "Dans la peau d’une horlogère",
                "Une heure dans la peau d’une horlogère",
                "Métier d’horlogère : glissez-vous dans sa peau",
            ),
            (
                "Microtechniques : portes ouvertes de la manufacture",
                "Portes ouvertes de la manufacture de microtechniques",
                "La manufacture ouvre ses portes : microtechniques",
            ),
        ),
        ("Initiation au remontage", "Initiation au polissage", "Initiation à la CAO", "Initiation à la mesure"),
    ),
    Host(
        ("Éoliennes du Ponant", "Ponant Éolien", "EDP Saint-Nazaire"),
        "Terminal des Darses",
        "44600 Saint-Nazaire",
        (
            (
                "Visite du hall des nacelles d’éoliennes en mer",
                "Éoliennes en mer : visite du hall des nacelles",
                "Le hall des nacelles, visite guidée",
            ),
            (
                "Speed meeting avec les technicien·nes de l’éolien",
                "Speed meeting : techniciens et techniciennes de l’éolien",
                "Rencontres express avec les technicien(ne)s de l’éolien",
            ),
        ),
        ("Simulateur de grue", "Simulateur de nacelle", "Simulateur de navigation", "Simulateur de travail en hauteur"),
    ),
    Host(
        ("Câbleries de la Loire", "Câblerie de la Loire", "CDL Groupe Nexor"),
        "71 rue Bergson",
        "42000 Saint-Étienne",
        (
            (
                "Du fil de cuivre au câble sous-marin",
                "Le câble sous-marin, du fil de cuivre à la mise à l’eau",
                "Câble sous-marin : visite de la câblerie",
            ),
            (
                "Atelier CV et simulation d’entretien",
                "CV et simulations d’entretiens à la câblerie",
                "Atelier : votre CV et un entretien simulé",
            ),
        ),
        ("Essai de tréfilage", "Essai d’extrusion", "Essai de torsadage", "Essai de gainage"),
    ),
    Host(
        ("Cosmétiques du Val de Loire", "Val de Loire Cosmétique", "CVL"),
        "14 rue Blaise-Pascal",
        "45800 Saint-Jean-de-Braye",
        (
            (
                "Formuler une crème : du laboratoire à l’usine",
                "Du laboratoire à l’usine, comment formuler une crème",
                "Une crème, du labo à l’usine",
            ),
            (
                "Quiz géant de la cosmétique",
                "Le grand quiz de la cosmétique",
                "Cosmétique : quiz géant ouvert à tous",
            ),
        ),
        ("Atelier parfum", "Atelier conditionnement", "Atelier pesée", "Atelier maintenance"),
    ),
    Host(
        ("Rail Industrie Nord", "RIN Crespin", "Rail Industries du Nord"),
        "1 place des Ateliers",
        "59154 Crespin",
        (
            (
                "Construire un métro : visite des halls d’assemblage",
                "Visite des halls d’assemblage du métro",
                "Comment construit-on un métro ? Visite des halls",
            ),
            (
                "Conférence : l’hydrogène sur les rails",
                "L’hydrogène sur les rails – conférence",
                "Trains à hydrogène, conférence-débat",
            ),
        ),
        ("Atelier bogies", "Atelier câblage", "Atelier peinture", "Atelier essais"),
    ),
    Host(
        ("Céramiques du Limousin", "Céramique Limousine", "Manufacture Céralim"),
        "33 avenue Saint-Éloi",
        "87000 Limoges",
        (
            (
                "Porcelaine technique : de la table à la fusée",
                "De la table à la fusée : la porcelaine technique",
                "La céramique technique, de l’assiette à la fusée",
            ),
            (
                "Chasse au trésor dans la manufacture",
                "Grande chasse au trésor à la manufacture",
                "Manufacture Céralim : chasse au trésor",
            ),
        ),
        ("Visite des fours", "Visite du coulage", "Visite de l’émaillage", "Visite du showroom"),
    ),
    Host(
        ("Recyclage Métaux Isère", "RMI Grenoble", "Recyclage des métaux de l’Isère"),
        "6 rue du Béal",
        "38400 Saint-Martin-d’Hères",
        (
            (
                "Que deviennent nos vieux téléphones ?",
                "Nos vieux téléphones : que deviennent-ils ?",
                "Recyclage des téléphones : visite de l’usine",
            ),
            (
                "Rencontre avec une ingénieure en recyclage",
                "Une ingénieure en recyclage raconte son métier",
                "Ingénieure en recyclage : rencontre métier",
            ),
        ),
        ("Tri des alliages", "Broyage", "Analyse chimique", "Conduite d’engins"),
    ),
)

OTHERS = (
    "CCI territoriale",
    "Mission locale",
    "UIMM",
    "France Travail",
    "Maison de l’emploi",
    "Conseil régional",
    "Communauté d’agglomération",
    "Association Territoire d’industrie",
)
"""Who announces what others hold."""
