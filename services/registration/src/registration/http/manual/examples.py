"""Examples: of what fields hold, by their names, and of what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EXAMPLES: Mapping[str, Any] = {
    "EventDraft.organisation": "Fonderie de l’Erdre",
    "EventDraft.title": "Du métal en fusion à la pièce finie",
    "EventDraft.description": "Suivez une pièce de fonderie, du four à l’emballage, avec qui la fabrique.",
    "EventDraft.themes": ["skills"],
    "EventDraft.website": "https://fonderie.example/visites",
    "EventDraft.online_url": "https://visio.example/fonderie",
    "EventDraft.booking_url": "https://fonderie.example/inscription",
    "EventDraft.booking_email": "visites@fonderie.example",
    "EventDraft.booking_telephone": "02 40 00 11 22",
    "EventDraft.access": "Entrée par le portail B ; parking devant l’usine.",
    "EventDraft.accessibility_note": "L’atelier est de plain-pied.",
    "EventDraft.external_id": "visite-2026-03",
    "status_url": "https://visio.example/fonderie",
    "status_note": "Une panne du four nous oblige à changer de date.",
    "starts_at": "2026-11-17T09:00",
    "ends_at": "2026-11-17T11:30",
    "DraftSlot.id": "mardi-matin",
    "DraftVenue.name": "Usine de Montoir, portail B",
    "street": "12 rue de l’Industrie",
    "postcode": "44550",
    "city": "Montoir-de-Bretagne",
    "commune_code": "44103",
    "credit": "Photo : Fonderie de l’Erdre",
    "alternative_text": "Une fondeuse verse le métal dans un moule.",
    "OrganisationRequest.name": "Fonderie de l’Erdre",
    "OrganisationRequest.siret": "732 829 320 00074",
    "LateCodeRequest.until": "2026-11-13",
}
DRAFTS: Any = {
    "visite": {
        "summary": "Une visite d’usine",
        "value": {
            "organisation": "Fonderie de l’Erdre",
            "title": "Du métal en fusion à la pièce finie",
            "description": "Suivez une pièce de fonderie, du four à l’emballage, avec qui la fabrique.",
            "kind": "company_visit",
            "audiences": ["pupils", "families"],
            "admission": "on_registration",
            "booking_email": "visites@fonderie.example",
            "is_free": True,
            "slots": [{"starts_at": "2026-11-17T09:00", "ends_at": "2026-11-17T11:30"}],
            "venue": {"street": "12 rue de l’Industrie", "postcode": "44550", "city": "Montoir-de-Bretagne"},
        },
    },
    "en-ligne": {
        "summary": "Une rencontre en ligne",
        "value": {
            "organisation": "Lycée Gustave-Eiffel",
            "title": "Une heure avec trois soudeuses",
            "description": "Trois soudeuses racontent leur métier de l’industrie et répondent à toutes vos questions.",
            "kind": "webinar",
            "audiences": ["students"],
            "admission": "everyone",
            "is_free": True,
            "slots": [{"starts_at": "2026-11-18T14:00", "ends_at": "2026-11-18T15:00"}],
            "online_url": "https://visio.example/soudeuses",
        },
    },
}
ADDRESSES: Any = {"adresse": {"summary": "Une adresse", "value": {"email": "accueil@laiterie.example"}}}
INVITATIONS: Any = {
    "collegue": {"summary": "Une collègue", "value": {"email": "paule.durand@fonderie.example", "role": "member"}}
}
ROLES: Any = {"gerer": {"summary": "Gérer l’organisation", "value": {"role": "manager"}}}
ORGANISATIONS: Any = {
    "entreprise": {
        "summary": "Une entreprise",
        "value": {"name": "Fonderie de l’Erdre", "kind": "company", "siret": "732 829 320 00074"},
    }
}
LATE_CODES: Any = {"code": {"summary": "Pour un événement de votre région, jusqu’à la Semaine", "value": {}}}
SLOT_STATUSES: Any = {"complet": {"summary": "Le créneau est complet", "value": {"status": "full"}}}
ACCOUNTS: Any = {
    "compte": {
        "summary": "Un compte d’organisateur",
        "value": {
            "email": "ines.payet@fonderie.example",
            "password": "douze lettres, ou plus",
            "name": "Inès Payet",
            "organisation": "Fonderie de l’Erdre",
        },
    }
}
REPORTS: Any = {
    "participation": {
        "summary": "Deux classes et quelques familles",
        "value": {"visitors": {"pupils": 58, "families": 12}, "word": "Les élèves ont posé mille questions."},
    }
}
CREDENTIALS: Any = {
    "identifiants": {
        "summary": "L’adresse et le mot de passe",
        "value": {"email": "ines.payet@fonderie.example", "password": "douze lettres, ou plus"},
    }
}
_CODE, _OWN = "492039", "douze lettres, ou plus"
OWN_PASSWORD: Any = {"mot-de-passe": {"summary": "Le mot de passe", "value": {"password": _OWN}}}
PASSWORD_AND_CODE: Any = {"code": {"summary": "Le mot de passe et un code", "value": {"password": _OWN, "code": _CODE}}}
CONFIRMED_CODE: Any = {"code": {"summary": "Le premier code", "value": {"ticket": "gAAAAAB…", "code": _CODE}}}
OWN_NAMES: Any = {"nom": {"summary": "Un autre nom", "value": {"name": "Inès Payet-Martin"}}}
OWN_PASSWORDS: Any = {
    "mot-de-passe": {
        "summary": "Un autre mot de passe",
        "value": {"password": _OWN, "new_password": "une tout autre phrase que celle-là"},
    }
}
NEW_ADDRESSES: Any = {
    "adresse": {"summary": "Une autre adresse", "value": {"email": "ines@forge.example", "password": _OWN}}
}
API_KEYS: Any = {
    "agenda": {
        "summary": "Une clé pour le programme qui dépose vos événements",
        "value": {"name": "Agenda du site", "scopes": ["events:read", "events:write"], "days": 180},
    }
}
