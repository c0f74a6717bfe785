"""What the documentation of the API says of it, in French: its models, its parameters, examples."""

from __future__ import annotations

from typing import Any

ABOUT = """
Ce qui attend une décision humaine dans vos régions (`GET /v1/reviews`), et votre décision
(`POST /v1/reviews/{event_id}/decision`). Le jeton s’obtient au service d’inscription (`POST /v1/tokens`) ; les régions
sont les vôtres.

Pour un organisateur : où en est son événement et pourquoi (`GET /v1/events/{event_id}/decision`), et la demande qu’une
personne le regarde de nouveau (`POST /v1/events/{event_id}/appeal`). Pour tous : les chiffres (`GET /v1/statistics`).
"""

WORDS = {
    "Address": "Une adresse postale.",
    "Condition": "Une des quatre conditions du label : les dates (« dates »), l’ouverture au public (« public »), "
    "l’industrie (« industry »), la gratuité (« free »).",
    "EventLabelled": "L’événement a le label.",
    "EventRejected": "L’événement n’a pas le label en l’état ; les motifs disent quoi corriger.",
    "Finding": "Le constat sur une condition : remplie, non remplie, ou en doute.",
    "Appeal": "Votre demande qu’une personne regarde de nouveau l’événement refusé.",
    "AppealFigures": "Ce que sont devenus les recours.",
    "AppealReceived": "Un recours reçu : le refus contesté, la région qui juge de nouveau et l’échéance.",
    "AppealToJudge": "Un recours à juger, avec ce que l’organisateur écrit (« words »), à ne pas diffuser.",
    "Correction": "Ce que l’organisateur doit corriger.",
    "CorrectionAsked": "La correction que vous demandez.",
    "CorrectionKind": "Ce qui manque : le texte est incomplet (« incomplete »), se contredit (« incoherent »), ou "
    "n’est plus d’actualité (« outdated »).",
    "CorrectionRequested": "Une correction demandée à l’organisateur ; le délai s’arrête jusqu’à son prochain dépôt.",
    "Explanation": "Une décision, et ce que la loi demande d’en dire.",
    "Figures": "Les chiffres d’une édition.",
    "HandOver": "La région à qui confier la décision.",
    "People": "Ce qui a été demandé à des personnes, et leurs réponses.",
    "Page_Union_ReviewRequested__AppealReceived__": "Une page de relectures et de recours. « next » : à donner comme "
    "« cursor » pour la page d’après.",
    "PublicEvent": "L’événement tel que le public le lira.",
    "ReviewRequested": "Une relecture demandée : l’événement, les constats des règles, la région et l’échéance.",
    "Slot": "Un créneau, en deux instants.",
    "Venue": "Où l’on se rend.",
    "Verdict": "Le constat des règles sur une condition, et son motif.",
    "ReviewDecision": "Votre décision : le label, ou un refus qui dit pour chaque condition en cause quoi corriger.",
    "address": "L’adresse.",
    "admission": "Comment on entre : « everyone », « on_registration », « named_group », « invitation_only ».",
    "audiences": "À qui l’événement s’adresse.",
    "city": "La commune.",
    "condition": "La condition dont il s’agit.",
    "answered": "Combien ont reçu la réponse d’une personne.",
    "answered_in_time": "Combien l’ont reçue avant l’échéance.",
    "appeals": "Les recours.",
    "asked": "Combien de fois une personne a été appelée à décider.",
    "automatic": "Combien de décisions les règles ont prises seules ; une version redéposée compte de nouveau.",
    "by_persons": "Combien une personne a prises, ou reposent sur ce qu’elle a constaté.",
    "by_silence": "Combien découlent du silence, selon la règle de l’édition.",
    "correction": "Ce qu’il faut corriger.",
    "decision": "La décision, telle qu’elle a été dite.",
    "decisions": "Combien de labels donnés ou refusés.",
    "granted": "Recours accueillis : le label est donné.",
    "had_label": "Vrai si l’événement avait le label jusqu’à cette décision.",
    "hours_p50": "En combien d’heures la moitié des réponses est donnée ; nul tant qu’il n’y en a pas.",
    "hours_p90": "En combien d’heures neuf réponses sur dix sont données ; nul tant qu’il n’y en a pas.",
    "how_decided": "Qui ou quoi a décidé, et le droit aux règles de l’algorithme.",
    "lapsed": "Recours sans objet : l’organisateur a modifié ou retiré l’événement entre-temps.",
    "may_appeal": "Si vous pouvez demander qu’une personne regarde de nouveau.",
    "open": "Recours en cours.",
    "overdue": "Combien attendent depuis plus longtemps que le délai.",
    "overturned": "Refus pris par les règles seules, et qu’une personne a jugés mal fondés.",
    "people": "Ce que des personnes ont décidé, et en combien de temps.",
    "received": "Recours reçus.",
    "remedies": "Ce que vous pouvez faire contre un refus, et dans quels délais.",
    "waiting": "Combien attendent.",
    "what_next": "Qui décide, et quand au plus tard ; vide si rien n’est en attente.",
    "words": "Ce que vous souhaitez dire à la personne qui jugera ; elle seule le lira.",
    "AppealToJudge.words": "Ce que l’organisateur vous écrit.",
    "AppealFigures.refused": "Recours rejetés.",
    "CorrectionAsked.kind": "Ce qui manque au texte.",
    "Correction.kind": "Ce qui manque au texte.",
    "CorrectionAsked.message": "La phrase qui dit à l’organisateur quoi corriger.",
    "HandOver.region": "Le code INSEE de la région ; « 00 » pour l’équipe nationale.",
    "decided_at": "Quand la décision a été prise, ou la relecture demandée.",
    "decided_by": "Qui a décidé : les règles (« rules »), une personne (« review »), une autre sur recours "
    "(« appeal »), un nouvel examen par les règles (« rejudgement »), l’organisateur (« organiser »), ou le silence "
    "selon la règle de l’édition (« silence »).",
    "description": "Ce que le public lira.",
    "due_at": "L’échéance : quatre jours ouvrés après la demande.",
    "edition": "L’édition, par exemple « 2026 ».",
    "ends_at": "La fin, un instant.",
    "event": "L’événement.",
    "evidence": "Les mots ou les dates de l’événement qui y ont conduit.",
    "Booking": "Comment un visiteur s’inscrit.",
    "Evidence": "Les mots de l’organisateur qui ont conduit au constat, et leur place.",
    "Position": "Où l’organisateur a placé l’événement.",
    "accessibility": "Pour qui le lieu est adapté : les cinq codes d’OpenAgenda (« ii », « hi », « vi », "
    "« pi », « mi »).",
    "automated": "Vrai si aucune personne n’a pris part à la décision.",
    "booking": "Comment un visiteur s’inscrit.",
    "capacity": "Combien de visiteurs à chaque créneau.",
    "code": "Le motif, pour une machine, par exemple « dates-outside-window ».",
    "commune_code": "Le code INSEE de la commune, si l’organisateur l’a choisie dans une liste.",
    "copied_from": "L’événement qu’il reprend.",
    "decision_id": "L’identifiant de la décision.",
    "email": "Une adresse électronique de l’organisation.",
    "end": "La place du caractère qui suit ces mots.",
    "external_id": "Le nom de l’événement dans le système de l’organisateur.",
    "field": "Le champ où ces mots se trouvent.",
    "hint": "Ce que l’organisateur peut corriger, ou ce qui suit ; nul si la condition est remplie.",
    "id": "Le nom du créneau, le même de version en version.",
    "is_confirmed": "Si l’organisateur a posé ou confirmé ce point sur une carte.",
    "latitude": "En degrés.",
    "longitude": "En degrés.",
    "message": "Le motif, pour l’organisateur.",
    "organisation_kind": "Le genre d’organisation.",
    "position": "Où l’organisateur l’a placé.",
    "rule_version": "La version de la règle.",
    "ruleset": "Les règles et les lexiques qui étaient en vigueur : leur empreinte.",
    "sequence": "Le rang de ce qui est dit de l’événement.",
    "siret": "Le numéro de l’établissement.",
    "start": "La place de leur premier caractère dans ce champ, à partir de 0.",
    "status": "Si l’événement a lieu comme annoncé : « scheduled », « cancelled », « postponed », « rescheduled », "
    "« moved_online ».",
    "status_note": "Ce que l’organisateur en dit aux visiteurs.",
    "supersedes": "La décision que celle-ci remplace.",
    "telephone": "Un numéro de l’organisation.",
    "text": "Les mots, tels qu’écrits.",
    "themes": "Les thèmes de l’édition dont il parle.",
    "url": "Un lien.",
    "Slot.status": "« scheduled », « cancelled » ou « full ».",
    "finding": "Le constat : « met », « not_met » ou « doubtful ».",
    "is_free": "Si l’événement est gratuit.",
    "items": "La page elle-même.",
    "kind": "Le genre d’événement.",
    "label": "Où en est le label : « granted », « refused », « under_review », « suspended ».",
    "ReviewDecision.label": "Si vous donnez le label.",
    "next": "À donner comme « cursor » pour la page d’après ; nul à la fin.",
    "online_url": "L’adresse de connexion d’un événement en ligne.",
    "organisation": "L’entreprise, l’école ou l’organisme qui invite.",
    "organiser_id": "L’identifiant du compte de l’organisateur.",
    "postcode": "Le code postal.",
    "refused": "Pour chaque condition en cause, la phrase qui dit à l’organisateur quoi corriger.",
    "region": "Le code INSEE de la région qui relit ; « 00 » pour un événement en ligne.",
    "revision": "La version de l’événement.",
    "rule": "La règle, par exemple « dates » ; « review » si une personne a tranché.",
    "slots": "Les créneaux, dans l’ordre.",
    "starts_at": "Le début, un instant.",
    "street": "Le numéro et la rue.",
    "timezone": "Le fuseau du lieu, par exemple « Indian/Reunion ».",
    "title": "Le titre de l’événement.",
    "total": "Combien attendent en tout.",
    "venue": "Où l’on se rend.",
    "verdicts": "Les constats, un par condition.",
    "website": "Une page qui en dit plus.",
    "Appeal.revision": "La version dont vous contestez le refus ; si ce n’est plus la dernière, rien n’est reçu (409).",
    "CorrectionAsked.revision": "La version que vous avez lue ; si ce n’est pas la dernière, rien n’est fait (409).",
    "HandOver.revision": "La version que vous avez lue ; si ce n’est plus la dernière, rien n’est confié (409).",
    "ReviewDecision.revision": "La version que vous avez lue ; si ce n’est plus la dernière, rien n’est décidé (409).",
    "Venue.name": "Ce que dit l’enseigne.",
    "event_id": "L’identifiant de l’événement (UUID).",
    "limit": "Combien en recevoir au plus.",
    "cursor": "Le « next » de la page d’avant ; rien pour la première.",
}

DECISIONS: Any = {
    "label": {"summary": "Donner le label", "value": {"revision": 1, "label": True}},
    "refus": {
        "summary": "Refuser, en disant pourquoi",
        "value": {"revision": 1, "label": False, "refused": {"public": "Ouvrez la visite à d’autres que la classe."}},
    },
}

CORRECTIONS: Any = {
    "correction": {
        "summary": "Demander de compléter le texte",
        "value": {"revision": 1, "kind": "incomplete", "message": "Dites qui peut venir, en dehors de la classe."},
    },
}

REGIONS: Any = {"région": {"summary": "Confier à l’équipe nationale", "value": {"revision": 1, "region": "00"}}}

APPEALS: Any = {
    "recours": {
        "summary": "Demander qu’une personne regarde",
        "value": {"revision": 1, "words": "La visite est ouverte à tous : la classe n’en est qu’un des groupes."},
    },
}
