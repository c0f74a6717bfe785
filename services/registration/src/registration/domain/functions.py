"""Names that are no person's: a service, a desk, a house. « Service des visites » opens accounts too."""

from __future__ import annotations

import re

from backbone.texts.pasted import skeleton

_ARTICLES = {"le", "la", "les", "l", "un", "une", "notre", "nos", "votre", "vos", "leur", "leurs"}
_TITLES = {"m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle", "dr", "docteur", "pr", "professeur", "me"}

# What a desk, a body or an undertaking is called by; words that are first names or family names too are left out.
_WORDS = """
    acces accueil achats action administration agence agglomeration amicale animation annexe antenne apprentissage
    archives assistance assistante association atelier ateliers bienvenue boutique branche bureaux cabinet cafe
    caisse campus candidatures carrieres cellule centrale centre cfa chaine chambre chantier chantiers chargee
    chargees cheffe clients collectif college com comite commerce commercial commission communaute communication
    compagnie competences comptabilite conciergerie conseil conserverie contact contacts cooperative coordination
    correspondance correspondants courrier culture decouverte delegation departement developpement dialogue
    diffusion digital direction directrice dirigeants division documentation ecole ecoles economie editions emploi
    emplois encadrement energie enseignement entreprise entreprises environnement equipe equipes espace espaces
    etablissement etablissements etudes evenement evenementiel evenements exploitation export fabrique federation
    filiere filieres fondation fonderie forge forges formation formations forum gestion gie gip groupe groupement
    guichet hall hotesse hotline ifsi imprimerie industrie industries info information informations infos ingenierie
    innovation inscription inscriptions insertion institut intendance interim international internet iut jeunes
    jeunesse journees jury laboratoire laboratoires logistique lycee magasin maintenance mairie maison manufacture
    marketing mecenat media medias mediation membres metiers metropole ministere mobilite musee numerique office
    operations organisateur organisateurs organisation organisatrice orientation papeterie partenaires partenariat
    partenariats participation patrimoine permanence personnel personnels plateforme pole poles portail portes
    prefecture presidence presse prevention production produits programme programmes projet projets promotion public
    publics qualite raffinerie reception recherche recrutement recrutements redaction referent referente referents
    region relation relations renseignements reseau reseaux reservation reservations responsable responsables
    ressources restauration rh sa sarl sas sasu scierie scop secretaire secretariat secteur section securite semaine
    service services siege site sites societe solidarite stages stand standard station structure studio support
    surveillance syndicat technicentre technique territoire tourisme travaux tresorerie unite universite urbanisme
    usine usines vente ventes verrerie vie ville visite visites visiteurs webmaster webmestre
    """
_HEADS = frozenset(_WORDS.split())


def is_function(name: str) -> bool:
    """Whether a name is a function's or a body's by the word that it begins with."""
    words = [word for word in re.findall(r"\w+", skeleton(name)) if word not in _ARTICLES]
    return bool(words) and words[0] in _HEADS


def persons_in(name: str) -> list[str]:
    """The persons in an account's name: without titles, and without the function that some add behind a comma or in
    brackets (« Mme Inès Payet, communication »)."""
    parts = re.split(r"[,;:/|()\[\]–—]| - ", name)
    return [plain for part in parts if (plain := _untitled(part)) and not is_function(plain)]


def _untitled(name: str) -> str:
    words = name.split()
    while words and skeleton(words[0]).rstrip(".") in _TITLES:
        words = words[1:]
    return " ".join(words)
