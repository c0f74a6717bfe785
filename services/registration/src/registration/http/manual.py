"""What the documentation of the API says of it, in French: its models, its parameters, its problems, examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backbone.campaign.words import AUDIENCES
from backbone.http.problem_kinds import Kind

NOT_OPEN = Kind(
    409,
    "inscriptions-fermees",
    "Inscriptions fermées",
    "Les événements de cette édition se déposent entre deux dates, et se modifient jusqu’à la veille de la Semaine.",
    "La réponse dit la date. « GET /v1/calendar » les dit toutes.",
)
NEVER_SUBMITTED = Kind(
    409,
    "jamais-depose",
    "Jamais déposé",
    "Seul un événement déposé peut être retiré ; celui-ci est resté un brouillon, que vous seul voyez.",
    "Il n’y a rien à faire.",
)
NOT_ANNOUNCED = Kind(
    409,
    "rien-a-annoncer",
    "Rien à annoncer",
    "On annonce aux visiteurs ce que devient un événement déposé, qui n’est pas terminé.",
    "Un brouillon se modifie simplement ; un événement retiré se dépose de nouveau.",
)
NO_REPORT = Kind(
    409,
    "participation-fermee",
    "Participation fermée",
    "La participation se dit d’un événement labellisé qui a eu lieu, du premier créneau à soixante jours après le "
    "dernier.",
    "La réponse dit ce qui manque.",
)
KEY_REUSED = Kind(
    422,
    "cle-deja-prise",
    "Clé déjà prise",
    "Une Idempotency-Key désigne une demande, la même à chaque essai, pendant un jour.",
    "Prenez une autre clé pour une autre demande.",
)
EXTERNAL_ID_TAKEN = Kind(
    409,
    "external-id-deja-pris",
    "Identifiant externe déjà pris",
    "Un « external_id » désigne un seul événement d’une organisation.",
    "La réponse nomme l’événement qui le porte : modifiez celui-là, ou choisissez un autre identifiant.",
)
INCOMPLETE = Kind(
    422,
    "brouillon-incomplet",
    "Brouillon incomplet",
    "Un brouillon se garde à tout moment ; pour être déposé, il doit être complet et juste.",
    "La liste « errors » dit tout ce qui est à compléter ou à corriger. « POST /v1/events/validate » le dit d’avance.",
)
NAMES_AUTHOR = Kind(
    422,
    "coordonnees-dans-un-texte-public",
    "Coordonnées dans un texte public",
    "Un texte qui deviendrait public contient le nom ou l’adresse de la personne qui l’a écrit.",
    "La liste « errors » dit où, et quoi écrire à la place.",
)
ASKS_FIRST = Kind(
    422,
    "a-confirmer",
    "À confirmer",
    "Un texte qui deviendrait public contient un numéro de téléphone ou une adresse électronique.",
    "Si ce sont ceux de votre organisation, déposez à nouveau en donnant dans « confirmed » les champs de "
    "« to_confirm » ; sinon, retirez-les du texte.",
)
RESEMBLES = Kind(
    409,
    "ressemble-a-un-autre",
    "Ressemble à un autre événement",
    "Un événement déposé a lieu le même jour au même endroit, sous un titre semblable, et peut être le même.",
    "La liste « resembles » les nomme. Si c’en est un autre, déposez à nouveau en donnant leurs « token » dans "
    "« not_the_same » : la personne qui relit le saura.",
)
OF_ORGANISATION = Kind(
    409,
    "organisation",
    "Ce que l’organisation ne permet pas",
    "Une organisation qui a des membres ou des événements garde une personne qui la gère, et n’invite pas deux fois un "
    "membre.",
    "La réponse dit ce qui s’y oppose, et que faire d’abord.",
)
LINK_EXPIRED = Kind(
    410,
    "lien-expire",
    "Lien expiré",
    "Le lien reçu est trop ancien ou incomplet, a déjà servi, ou une demande plus récente l’a remplacé.",
    "Ouvrez le courriel le plus récent, ou demandez un autre lien.",
)
CODE_ASKED = Kind(
    401,
    "second-facteur",
    "Code demandé",
    "Le mot de passe est le bon ; ce compte demande aussi un code de son application, ou un code de secours.",
    "Renvoyez la même demande avec « code ». Un code ne sert qu’une fois.",
)
FACTOR_STATE = Kind(
    409,
    "double-authentification",
    "Double authentification",
    "La double authentification est déjà activée, ou ne l’est pas, alors que la demande suppose le contraire.",
    "Regardez où elle en est : `GET /v1/second-factor`.",
)
NOT_CHECKED = Kind(
    409,
    "envoi-pas-verifie",
    "Envoi pas encore vérifié",
    "Le fichier est encore en train d’être lu, ou il ne peut pas l’être : il n’y a rien à enregistrer.",
    "Relisez l’envoi (GET) jusqu’à ce que son état soit « checked ».",
)
UPLOADS_UNDER_WAY = Kind(
    409,
    "envois-en-cours",
    "Envois en cours",
    "Plusieurs de vos envois sont déjà en cours de traitement.",
    "Attendez la fin de l’un d’eux, puis envoyez ce fichier à nouveau.",
)
KINDS = (
    CODE_ASKED,
    FACTOR_STATE,
    NOT_CHECKED,
    UPLOADS_UNDER_WAY,
    OF_ORGANISATION,
    NOT_OPEN,
    NEVER_SUBMITTED,
    NOT_ANNOUNCED,
    NO_REPORT,
    KEY_REUSED,
    EXTERNAL_ID_TAKEN,
    INCOMPLETE,
    NAMES_AUTHOR,
    ASKS_FIRST,
    RESEMBLES,
    LINK_EXPIRED,
)


def _listed(words: Mapping[str, str]) -> str:
    return ", ".join(f"« {code} » {word[0].lower()}{word[1:]}" for code, word in words.items())


WORDS = {
    "AbsentView": "Un événement d’un fichier précédent, qui n’est plus dans celui-ci.",
    "Application": "Ce qu’il faut faire des lignes d’un envoi.",
    "CellFault": "Ce qu’il y a à corriger dans une cellule.",
    "Change": "Ce que la ligne change : « new » un nouvel événement, « changed » un événement connu, « unchanged » "
    "rien.",
    "Counts": "Combien de lignes, par ce qu’elles sont.",
    "Outcome": "Ce qu’une ligne est devenue : « submitted » déposée, « drafted » gardée en brouillon, « unchanged » "
    "inchangée, « left » laissée de côté.",
    "Outlook": "Ce que vaut une ligne : « ready » prête à être déposée, « to_confirm » à confirmer, « incomplete » "
    "bonne "
    "pour un brouillon, « faulty » fautive : rien n’en est gardé.",
    "Page_UploadView_": "Une page d’envois. « next » : à donner comme « cursor » pour la page d’après ; nul à la fin.",
    "RowView": "Une ligne du fichier, ce qu’il y a à en dire, et ce qu’elle est devenue.",
    "UploadState": "Où en est l’envoi : « received » en cours de lecture, « checked » vérifié, « unreadable » "
    "illisible, "
    "« applying » en cours d’enregistrement, « applied » enregistré.",
    "UploadView": "Un envoi et où il en est.",
    "absent": "Les événements des fichiers précédents de la suite, absents de celui-ci ; les cent premiers.",
    "absent_total": "Combien il y en a. Rien ne leur arrive, sauf si « withdraw_missing » le demande.",
    "after": "Le numéro de la dernière ligne déjà lue ; 0 pour la première page.",
    "application": "Ce qui a été demandé ; nul tant que rien ne l’est.",
    "as": "« drafts » : toutes les lignes deviennent des brouillons ; « submitted » : celles qui sont prêtes sont "
    "déposées.",
    "assessment": "Ce que les règles du label diraient : « granted », « refused », « under_review » ; nul si elles "
    "n’ont "
    "pas été consultées.",
    "change": "Ce que la ligne change.",
    "column": "La colonne, comptée à partir de 0 ; nulle si la faute est celle de toute la ligne.",
    "counts": "Combien de lignes, par ce qu’elles sont.",
    "created_at": "Quand le fichier est arrivé.",
    "RowView.faults": "Ce qu’il y a à corriger, cellule par cellule.",
    "filename": "Le nom du fichier.",
    "heading": "Le titre de la colonne, tel qu’il est dans le fichier.",
    "notes": "Ce qui a été corrigé à la lecture.",
    "notices": "Ce qu’il faut savoir de la lecture du fichier : feuille choisie, colonnes inconnues.",
    "number": "Le numéro de la ligne, tel que le tableur le montre.",
    "outcome": "Ce que la ligne est devenue ; nul tant que rien n’en a été fait.",
    "outlook": "Ce que vaut la ligne.",
    "problem": "Pourquoi le fichier ne se laisse pas lire ; nul s’il se lit.",
    "read": "Ce qui est écrit dans la cellule.",
    "rows": "Combien de lignes ont été lues.",
    "said": "Pourquoi la ligne n’est pas devenue davantage.",
    "series": "Le nom de la suite de fichiers dont celui-ci fait partie.",
    "sheet": "La feuille du classeur qui a été lue.",
    "size": "En octets.",
    "upload_id": "L’identifiant de l’envoi (UUID).",
    "Application.not_the_same": "Si les lignes qui ressemblent à un événement déjà déposé sont d’autres événements.",
    "withdraw_missing": "Si les événements absents du fichier doivent être retirés ; ils sont d’abord listés (« "
    "absent »).",
    "is_submitted": "Si l’événement est déposé ; un brouillon n’a pas à être retiré.",
    "UploadView.next": "Ce que vous pouvez faire maintenant.",
    "UploadView.state": "Où en est l’envoi.",
    "AbsentView.title": "Le titre de l’événement.",
    "RowView.title": "Le titre de l’événement, s’il a été lu.",
    "CellFault.message": "Ce qui est attendu à la place.",
    "AccountRequest": "De quoi ouvrir un compte.",
    "Announcement": "Un mot aux visiteurs.",
    "Postponement": "Un report : à ces créneaux, ou à une date qui n’est pas encore connue.",
    "Relocation": "Un déplacement en ligne.",
    "StatusOfSlot": "Si l’on peut encore venir à un créneau.",
    "Address": "Une adresse postale.",
    "Admission": "Comment on entre : « everyone » librement, « on_registration » sur inscription, « named_group » "
    "réservé à un groupe désigné, « invitation_only » sur invitation.",
    "Audience": f"À qui l’événement s’adresse : {_listed(AUDIENCES)}.",
    "ConfirmationRequest": "Le jeton du lien reçu par courriel.",
    "AttendanceView": "Ce qui a été dit de la participation à un événement.",
    "KitState": "« none » : il n’y en a pas, pas encore ou plus ; « making » : il se prépare, ou attend de partir ; "
    "« sent » : il est parti par courriel ; « failed » : son courriel n’a pas pu partir, ou il n’a pas pu être "
    "fabriqué.",
    "KitView": "Où en est le kit de communication, et pour quelques minutes le lien pour le télécharger.",
    "KitView.revision": "La version de l’événement que le kit montre ; nul s’il n’y en a pas.",
    "KitView.words": "Où il en est, en une phrase.",
    "download_url": "Où télécharger le kit, sans jeton ni clé ; nul s’il n’y en a pas. Redemandez-le à chaque fois.",
    "KitView.ends_at": "Jusqu’à quand ce lien sert.",
    "EditionTotals": "La participation à une édition, additionnée.",
    "PublicRegion": "La participation dans une région, arrondie.",
    "PublicTotals": "La participation à une édition, arrondie ; rien n’est dit d’un lieu où trop peu ont répondu.",
    "RegionTotals": "La participation dans une région.",
    "Report": "Combien de personnes sont venues, par public, et un mot pour l’équipe.",
    "Totals": "La participation, additionnée.",
    "Credentials": "L’adresse et le mot de passe d’un compte.",
    "DraftSlot": "Un créneau, en heure locale au lieu de l’événement.",
    "DraftVenue": "Où l’on se rend.",
    "DraftPosition": "Où l’on pose le repère, en degrés (WGS84).",
    "Accessibility": "Pour qui le lieu est adapté, par les cinq codes d’OpenAgenda : « mi » handicap moteur, « vi » "
    "visuel, « hi » auditif, « ii » intellectuel, « pi » psychique.",
    "EventStatus": "Si l’événement a lieu comme annoncé : « scheduled » oui, « cancelled » annulé, « postponed » "
    "reporté, « rescheduled » à une nouvelle date, « moved_online » déplacé en ligne.",
    "OrganisationKind": "Qui invite : « company » une entreprise, « school » un établissement d’enseignement, "
    "« federation » une fédération, « public_body » un organisme public, « association », « other » autre.",
    "SlotStatus": "Si l’on peut encore venir à un créneau : « scheduled » oui, « cancelled » annulé, « full » complet.",
    "LinkRequest": "L’adresse d’un compte dont le mot de passe est oublié.",
    "NewPassword": "Le jeton du lien reçu, et le nouveau mot de passe.",
    "DryRun": "Ce qu’un dépôt dirait d’un brouillon.",
    "EventDraft": "Un événement tel que vous l’écrivez, champ après champ : ce qui n’y est pas encore est nul. Il a un "
    "lieu (« venue »), une adresse de connexion (« online_url »), ou les deux.",
    "EventKind": "Le genre d’événement.",
    "EventView": "Un événement et où il en est. « is_changed » : le brouillon diffère du dernier dépôt.",
    "Fault": "Un champ à corriger.",
    "Lookalike": "Un événement déposé qui ressemble à celui-ci.",
    "Missing": "Un champ qui manque avant le dépôt.",
    "OrganisationRequest": "Ce qui se dit d’une organisation.",
    "OrganisationView": "Une organisation dont vous êtes membre.",
    "OrganisationWithMembers": "Une organisation dont vous êtes membre, et ses membres.",
    "MemberView": "Un membre d’une organisation.",
    "Acceptance": "Le jeton du lien reçu ; et, si l’adresse n’a pas encore de compte, de quoi l’ouvrir.",
    "InvitationRequest": "La personne que vous invitez.",
    "InvitationView": "Une invitation en attente.",
    "AddressRequest": "L’adresse de la personne à qui c’est proposé.",
    "HelpedView": "Une organisation que votre fédération accompagne.",
    "Acceptance.organisation": "Le nom de votre organisation, si elle n’en a pas encore ici.",
    "Acceptance.organisation_id": "Laquelle de vos organisations est concernée ; rien : la première.",
    "HandoverRequest": "La personne à qui confier l’événement.",
    "Role": "« manager » (gère l’organisation) ou « member ».",
    "RoleRequest": "Le rôle à donner.",
    "expires_at": "Jusqu’à quand elle vaut.",
    "invitation_id": "Le numéro de l’invitation.",
    "InvitationView.kind": "« colleague » : devenir membre ; « federation » : être accompagné par votre fédération.",
    "Acceptance.name": "Votre nom ; il ne devient jamais public.",
    "DirectoryView": "Ce que l’annuaire national des entreprises dit d’un numéro SIRET.",
    "siret": "Le numéro SIRET de l’établissement : quatorze chiffres.",
    "federation_id": "La fédération qui accompagne l’organisation.",
    "my_role": "Ce que vous y êtes : « manager » (vous la gérez) ou « member ».",
    "members": "Ses membres : ceux qui la gèrent d’abord.",
    "role": "« manager » (gère l’organisation) ou « member ».",
    "since": "Depuis quand.",
    "SessionView.since": "Quand vous vous y êtes connecté.",
    "is_open": "Si l’établissement est en activité.",
    "account_id": "Le numéro du compte.",
    "OrganisationRequest.name": "Son nom, tel que le public le lit.",
    **dict.fromkeys(
        ("OrganisationView.id", "OrganisationWithMembers.id", "HelpedView.id"),
        "L’identifiant de l’organisation (UUID).",
    ),
    **dict.fromkeys(
        ("OrganisationView.kind", "OrganisationWithMembers.kind", "HelpedView.kind"), "Le genre de l’organisation."
    ),
    "InvitationView.id": "L’identifiant de l’invitation (UUID).",
    "KeyView.id": "L’identifiant de la clé (UUID).",
    "NewKey.id": "L’identifiant de la clé (UUID).",
    "SessionView.id": "L’identifiant de la connexion (UUID).",
    "UploadView.id": "L’identifiant de l’envoi (UUID).",
    "StatusOfSlot.status": "Si l’on peut encore venir à ce créneau.",
    "Counts.outlook": "Combien de lignes, par ce qu’elles valent.",
    "Counts.change": "Combien de lignes, par ce qu’elles changent.",
    "Counts.assessment": "Combien de lignes, par ce que les règles du label en diraient ; vide si elles n’ont pas été "
    "consultées.",
    "Counts.outcome": "Combien de lignes, par ce qu’elles sont devenues.",
    "OrganisationRequest.kind": "Ce qu’elle est : « company », « school », « federation », « public_body », "
    "« association » ou « other ».",
    "DirectoryView.state": "« found » (connu), « unknown » (inconnu), « unavailable » (l’annuaire ne répond pas), "
    "« off » (il n’est pas consulté ici).",
    "DirectoryView.name": "Le nom, tel que l’annuaire l’écrit.",
    "DirectoryView.city": "La commune.",
    "Page_EventView_": "Une page d’événements. « next » : à donner comme « cursor » pour la page d’après ; nul à la "
    "fin.",
    "Question": "Ce qui est demandé avant qu’un texte devienne public.",
    "KeyRequest": "Ce que l’on dit d’une clé que l’on crée.",
    "KeyView": "Une clé d’accès d’une organisation, sans son secret.",
    "NewKey": "La clé qui vient d’être créée, avec son secret.",
    "Scope": "Ce qu’un programme peut faire avec une clé : « events:read » lire, « events:write » écrire et déposer.",
    "KeyRequest.name": "À quoi elle sert : « Agenda du site ».",
    "KeyView.name": "À quoi elle sert.",
    "NewKey.name": "À quoi elle sert.",
    "scopes": "Ce qu’un programme peut faire avec elle.",
    "days": "Pour combien de jours elle vaut : 365 au plus.",
    "prefix": "Comment elle commence : c’est ainsi qu’on la reconnaît.",
    "made_by": "Le compte qui l’a créée, au nom duquel le programme agit.",
    "KeyView.since": "Depuis quand.",
    "NewKey.since": "Depuis quand.",
    "KeyView.ends_at": "Quand elle prend fin ; un courriel le rappelle 14 et 2 jours avant.",
    "NewKey.ends_at": "Quand elle prend fin ; un courriel le rappelle 14 et 2 jours avant.",
    "last_used_on": "Le dernier jour où elle a servi.",
    "NewKey.key": "La clé, dite cette seule fois : à envoyer dans l’en-tête « Authorization: Bearer sdi_… ».",
    "key_id": "L’identifiant de la clé (UUID).",
    "AccountView": "Votre compte.",
    "NewAddress": "L’adresse qui doit devenir celle du compte, et de quoi montrer qu’il est à vous.",
    "OwnName": "Comment on vous appelle.",
    "OwnPassword": "Le nouveau mot de passe, et celui qu’il remplace.",
    "ShownPassword": "Votre mot de passe, une fois de plus.",
    "has_second_factor": "Si la double authentification est activée.",
    "AccountView.role": "Ce que vous êtes ici : « organiser », « coordinator », « reviewer » ou « administrator ».",
    "new_password": "Le nouveau mot de passe : douze caractères au moins.",
    "OwnName.name": "Votre nom ; il ne devient jamais public.",
    "AccountView.name": "Votre nom ; il ne devient jamais public.",
    "AccountView.id": "L’identifiant du compte (UUID).",
    "PasswordAndCode": "Votre mot de passe et un code, une fois de plus.",
    "FactorCode": "Le premier code de l’application qui vient d’être préparée.",
    "SecondFactorView": "Où en est la double authentification de votre compte.",
    "FactorSetting": "De quoi préparer une application de codes (TOTP, six chiffres, trente secondes).",
    "RecoveryCodes": "Des codes de secours : chacun remplace une fois un code de l’application. Ils ne sont dits "
    "qu’ici : gardez-les à l’abri.",
    "code": "Le code de l’application, à six chiffres, ou un code de secours ; rien si le compte n’en demande pas.",
    "is_required": "Si le compte doit en avoir une : sans elle, qui relit des événements n’en relit aucun.",
    "is_set": "Si elle est activée.",
    "recovery_codes": "Les codes.",
    "recovery_codes_left": "Combien de codes de secours n’ont pas encore servi.",
    "second_factor": "« shown » : un code a été montré ; « none » : le compte n’en demande pas ; « required » : le "
    "compte doit en avoir un, et n’a que les droits d’un organisateur en attendant (`POST /v1/second-factor`).",
    "secret": "À saisir dans l’application, si elle ne lit pas « uri ».",
    "ticket": "À rendre avec le premier code, dans le quart d’heure.",
    "uri": "Ce que l’application lit dans un QR code (« otpauth:// »).",
    "SecondFactorView.since": "Depuis quand.",
    "RefreshRequest": "Le jeton de renouvellement reçu en dernier.",
    "SessionView": "Une connexion : un navigateur ou un programme dans lequel vous êtes entré.",
    "Submission": "Ce qui se dit en déposant.",
    "State": "Où en est l’événement : brouillon, déposé, labellisé, refusé, en relecture, label suspendu, label "
    "retiré, événement retiré.",
    "Step": "Un pas dans l’histoire de l’événement.",
    "Token": "Un jeton, à envoyer dans l’en-tête « Authorization: Bearer … » ; il vaut quinze minutes. "
    "« refresh_token » donne le suivant.",
    "Said": "Une phrase pour la personne.",
    "access": "Comment on s’y rend : transports, parking, entrée.",
    "access_token": "Le jeton lui-même.",
    "accessibility": "Pour qui le lieu est adapté.",
    "accessibility_note": "Un mot sur l’accessibilité, aux visiteurs.",
    "admission": "Comment on entre.",
    "assessments_url": "Où demander ce que les règles du label en diraient ; nul si ce service ne le sait pas.",
    "asked": "À combien d’événements la question a été posée, ou a déjà sa réponse.",
    "attestation": "Le numéro de l’attestation ; nul tant que rien n’a été dit.",
    "attestation_url": "Où la télécharger (PDF) ; nul tant que rien n’a été dit.",
    "by_audience": "Combien de personnes, par public ; « everyone » : sans distinction de public.",
    "changed_at": "Quand cela a été corrigé en dernier.",
    "edition": "L’édition, par exemple « 2026 » ; celle en cours si rien n’est dit.",
    "filed_at": "Quand cela a été dit pour la première fois ; nul tant que rien ne l’a été.",
    "open_until": "Jusqu’à quel jour cela se dit et se corrige.",
    "region": "Le code INSEE de la région ; « 00 » en ligne.",
    "regions": "Région par région.",
    "reported": "Combien ont répondu ; nul s’ils sont trop peu pour qu’une somme soit publiée.",
    "response_rate": "La part qui a répondu, de 0 à 1 ; nulle si personne n’a été interrogé.",
    "threshold": "À partir de combien de réponses une somme est publiée.",
    "visitors": "Combien de personnes sont venues.",
    "word": "Un mot pour l’équipe de la région ; il n’est jamais publié. N’y nommez personne sans nécessité.",
    "AttendanceView.total": "Combien de personnes sont venues en tout.",
    "EditionTotals.all": "Toutes les régions de la réponse ensemble.",
    "RegionTotals.name": "Le nom de la région.",
    "PublicRegion.name": "Le nom de la région.",
    "at": "Quand cela s’est passé.",
    "audiences": "À qui l’événement s’adresse.",
    "booking_email": "L’adresse à laquelle on s’inscrit : celle de votre organisation, jamais celle d’une personne.",
    "browser": "Un mot pour la reconnaître : « Firefox sur Windows ».",
    "booking_telephone": "Le numéro où l’on s’inscrit : celui de votre organisation, jamais celui d’une personne.",
    "booking_url": "La page où l’on s’inscrit.",
    "capacity": "Combien de visiteurs à chaque créneau.",
    "city": "La commune.",
    "commune_code": "Le code INSEE de la commune, si elle a été choisie dans une liste.",
    "confirmed": "Les champs dont les numéros et adresses sont ceux de votre organisation et peuvent devenir publics.",
    "copied_from": "L’événement qu’il reprend.",
    "description": "Ce qui attend le public.",
    "faults": "Ce qui est faux : un dépôt le refuserait.",
    "external_id": "Le nom de l’événement dans votre propre système.",
    "field": "Le champ en question.",
    "message": "Ce qui est demandé.",
    "detail": "Une phrase à montrer à la personne.",
    "draft": "Le brouillon, tel que vous l’avez écrit en dernier.",
    "email": "Une adresse électronique.",
    "ends_at": "La fin, à l’heure locale du lieu (à Paris pour un événement en ligne), sans fuseau.",
    "expires_in": "Pour combien de secondes il vaut.",
    "id": "L’identifiant de l’événement (UUID).",
    "is_current": "Si c’est celle de cette demande.",
    "is_mine": "Si c’est vous qui le suivez : vous recevez les courriels à son sujet.",
    "is_changed": "Si le brouillon diffère de ce qui a été déposé en dernier.",
    "is_confirmed": "Si l’organisateur a posé ou confirmé le repère.",
    "is_online": "Si l’on participe (aussi) en ligne. Sur inscription, l’adresse de connexion peut rester chez vous.",
    "latitude": "La latitude.",
    "longitude": "La longitude.",
    "is_free": "Si l’événement est gratuit ; c’est une condition du label.",
    "is_submittable": "Si l’événement peut être déposé maintenant, une fois ses questions confirmées.",
    "items": "La page elle-même.",
    "kind": "Le genre d’événement.",
    "missing": "Ce qui manque encore avant que l’événement puisse être déposé.",
    "DryRun.next": "Ce qui vient ensuite, et pour quand, en français.",
    "last_used_at": "Quand elle a été prolongée en dernier.",
    "next": "À donner comme « cursor » pour la page d’après ; nul à la fin.",
    "organisation_id": "L’organisation dont les membres partagent l’événement ; à la création, l’une des vôtres "
    "(rien : celle que vous avez rejointe en premier).",
    "online_url": "L’adresse de connexion d’un événement en ligne, ou en ligne aussi. Hors entrée "
    "libre, elle n’est dite à personne d’autre que vous : donnez-la à qui s’inscrit. Le public lit « lien communiqué "
    "après inscription ».",
    "organisation_kind": "Le genre de l’organisation.",
    "organisation": "L’entreprise, l’école ou l’organisme qui invite.",
    "password": "Le mot de passe : douze caractères au moins.",
    "position": "Où l’organisateur place l’événement.",
    "postcode": "Le code postal : cinq chiffres.",
    "DraftPicture": "L’image que vous avez donnée (« PUT /v1/events/{id}/picture »), de qui elle est et ce qu’elle "
    "montre. Ses adresses et ses dimensions sont dites par le service.",
    "picture": "L’image de l’événement ; nulle s’il n’en a pas.",
    "credit": "De qui est l’image, par exemple « Photo : Fonderie de l’Erdre ».",
    "alternative_text": "Ce que montre l’image, pour qui ne la voit pas.",
    "url": "L’adresse de l’image, de 1 600 pixels au plus.",
    "thumbnail_url": "L’adresse de la petite image, de 640 pixels au plus.",
    "width": "La largeur de l’image, en pixels.",
    "height": "La hauteur de l’image, en pixels.",
    "DraftPicture.id": "L’identifiant de l’image.",
    "not_the_same": "Les événements qui ressemblent à celui-ci et en sont d’autres, par leur « token » ou leur « id ».",
    "resembles": "Les événements déposés qui ressemblent à celui-ci, et dont personne n’a dit que ce sont d’autres.",
    "Lookalike.token": "À donner dans « not_the_same » si c’est un autre événement.",
    "Lookalike.message": "Quel événement c’est, en une phrase.",
    "Lookalike.days": "Ses jours.",
    "Lookalike.place": "Où il a lieu.",
    "Lookalike.id": "Son identifiant, s’il est des vôtres.",
    "Lookalike.page": "Sa page publique, s’il est sur la carte.",
    "questions": "Ce qu’il vous sera demandé de confirmer au dépôt (« confirmed »).",
    "refresh_expires_in": "Pour combien de secondes le jeton de renouvellement vaut, si rien ne le remplace.",
    "refresh_token": "Le jeton de renouvellement. Il sert une fois, à `POST /v1/tokens/refresh`, qui en donne un "
    "autre ; montré une seconde fois, il met fin à la connexion.",
    "sequence": "Le rang de ce qui a été dit, parmi tout ce que le même service a dit de l’événement.",
    "revision": "Combien de fois l’événement a été déposé ou retiré.",
    "slots": "Les créneaux.",
    "starts_at": "Le début, à l’heure locale du lieu (à Paris pour un événement en ligne), sans fuseau.",
    "state": "Où en est l’événement : « draft », « submitted », « in_review », « correction_asked » (à vous de le "
    "corriger), « labelled », « rejected », « in_appeal », « suspended », « label_withdrawn », « withdrawn ».",
    "status": "Si l’événement a lieu comme annoncé. Absent, il reste tel qu’il est.",
    "status_url": "Où l’on se connecte à un événement déplacé en ligne ; dit au public si l’entrée est libre.",
    "slot_id": "L’identifiant du créneau (« slots », « id »).",
    "status_note": "Ce qui en est dit aux visiteurs.",
    "street": "Le numéro et la rue.",
    "text": "Ce qui s’est passé, pour une personne.",
    "themes": "Parmi les thèmes de l’édition, par leur code.",
    "timeline": "L’histoire de l’événement, pas à pas ; vide dans les listes.",
    "title": "Le titre de l’événement.",
    "token": "Le jeton que porte le lien.",
    "token_type": "Toujours « Bearer ».",
    "total": "Combien il y en a en tout.",
    "venue": "Où l’on se rend ; rien pour un événement qui n’est qu’en ligne.",
    "website": "Une page qui en dit plus, ou qui permet de s’inscrire. Sur inscription, il faut ce lien, "
    "« booking_email », ou un moyen de s’inscrire dans la description.",
    "DraftSlot.id": "Le nom du créneau, le même de version en version : redonnez-le si vous changez ses heures.",
    "DraftSlot.status": "Si l’on peut encore y venir.",
    "If-Match": "La version que vous avez lue (ETag) : si l’événement a changé depuis, rien n’est fait (412).",
    "Idempotency-Key": "Un nom de votre choix pour cette demande : renvoyée sous ce nom dans les 24 heures, elle n’est "
    "faite qu’une fois, et reçoit la même réponse.",
    "version": "La version de ce que vous avez écrit et déposé, comme l’ETag ; à redonner dans If-Match.",
    "LateCodeRequest": "Un code pour un événement d’une région, jusqu’à la fin d’un jour (à Paris).",
    "LateCodeView": "Un code, dit cette fois seulement : il n’en est gardé qu’une empreinte.",
    "LateCodeView.code": "Le code, à donner à l’organisateur, qui l’envoie avec son dépôt (« late_code »).",
    "late_code": "Le code donné par un relecteur, pour un événement en retard.",
    "until": "Le dernier jour où il vaut ; rien : la veille de la Semaine.",
    "LateCodeView.ends_at": "L’instant à partir duquel il ne vaut plus.",
    "Copy": "Le nouveau brouillon, et ce qui n’a pas été repris.",
    "Copy.faults": "Ce qui n’a pas été repris, parce que les règles de cette édition le refusent.",
    "HelpedView.name": "Le nom de l’organisation.",
    "MemberView.name": "Le nom de la personne.",
    "OrganisationView.name": "Le nom de l’organisation.",
    "OrganisationWithMembers.name": "Le nom de l’organisation.",
    "CalendarView": "Les dates d’une édition : les jours sont ceux de Paris ; ceux de la Semaine et de la période de "
    "labellisation, ceux du lieu de chaque événement.",
    "Days": "D’un jour à un autre, compris tous deux.",
    "theme": "Le thème de l’édition.",
    "CalendarView.themes": "Les thèmes qu’un événement peut avoir, par leur code.",
    "registration": "Quand les événements se déposent.",
    "registration_ends_at": "L’instant à partir duquel un dépôt est refusé.",
    "amendable_until": "Le dernier jour où un événement déposé à temps se modifie.",
    "amendments_end_at": "L’instant à partir duquel une modification est refusée.",
    "map_opens": "Le jour où la carte ouvre au public.",
    "week": "La Semaine.",
    "labelling_window": "Quand un événement labellisé a lieu.",
    "review_working_days": "En combien de jours ouvrés une personne répond.",
    "first": "Le premier jour.",
    "last": "Le dernier jour.",
    "AccountRequest.name": "Le nom de la personne ; il ne devient jamais public.",
    "DraftVenue.name": "Ce que dit l’enseigne : « Usine de Montoir, portail B ».",
    "Step.kind": "Le genre de pas : EventSubmitted, EventLabelled, KitSent…",
    "Step.revision": "De quelle version de l’événement il s’agit.",
    "session_id": "L’identifiant de la connexion (UUID).",
    "event_id": "L’identifiant de l’événement (UUID).",
    "of": "« mine » : ceux de vos organisations ; « others » : ceux des autres, que votre région ou votre "
    "fédération vous donne à accompagner.",
    "limit": "Combien en recevoir au plus.",
    "cursor": "Le « next » de la page d’avant ; rien pour la première.",
}

ABOUT = """
Déposez vos événements : ouvrez un compte (`POST /v1/accounts`), confirmez votre adresse par le lien reçu,
connectez-vous (`POST /v1/tokens`), écrivez un brouillon (`POST /v1/events`), complet ou non :
« missing » dit ce qui lui manque ; essayez-le (`POST /v1/events/validate`), déposez-le
(`POST /v1/events/{id}/submission`, en confirmant les numéros et les adresses qu’il rend publics) et suivez son
histoire (`GET /v1/events/{id}`). Un événement déposé s’annule, se reporte ou se déplace en ligne, avec un mot aux
visiteurs (`…/cancellation`, `…/postponement`, `…/relocation`), et se rétablit (`…/reinstatement`) ; il se retire
(`POST /v1/events/{id}/withdrawal`). Un compte s’efface (`POST /v1/accounts/erasure`) : ses événements sont alors
retirés, ou restent aux autres membres de son organisation. Tout ce qui est gardé de vous
vous est remis sur demande (`POST /v1/accounts/export`).

Un jeton vaut quinze minutes ; `POST /v1/tokens/refresh` donne le suivant. Qui a activé la double authentification, et
qui relit des événements, envoie un « code » avec le mot de passe. Un programme se sert d’une clé de son organisation
(`POST /v1/organisations/{id}/keys`) : « Authorization: Bearer sdi_… ».
"""

BY_KEY = "Cle"
SCHEMES: Mapping[str, Any] = {
    BY_KEY: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "sdi_…",
        "description": "Clé d’une organisation, pour un programme. Elle n’ouvre que les opérations qui le disent, et "
        "seulement avec le droit nommé : « events:read » lire, « events:write » écrire et déposer.",
    }
}
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
