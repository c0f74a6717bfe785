"""What registration says to a person, by its API and on its pages."""

from __future__ import annotations

from backbone.campaign.typography import counted

from ..passwords import Crowded
from ..throttle import TooMany, Why

# the same answer whether the address has an account or not: nobody learns who is registered
SIGNED_UP = (
    "Un courriel part à cette adresse, s’il n’y en a pas eu un dans les dernières minutes : il dit comment ouvrir "
    "votre compte ou, si vous en avez déjà un, comment y entrer."
)
LINK_SENT = (
    "Si cette adresse a un compte, un courriel y part, s’il n’y en a pas eu un dans les dernières minutes : "
    "son lien mène à un nouveau mot de passe."
)
CONFIRMED = "Votre adresse est confirmée. Vous pouvez vous connecter."
SET = "Votre nouveau mot de passe est enregistré. Vous pouvez vous connecter."
ERASED_AMONG_COLLEAGUES = (
    "Votre compte est effacé. Les événements de vos organisations restent à vos collègues, les autres sont retirés. "
    "Les dernières copies techniques de vos coordonnées disparaîtront d’ici un mois. Merci d’avoir fait un bout "
    "de chemin avec la Semaine de l’industrie."
)
ERASED = (
    "Votre compte est effacé et vos événements sont retirés. Les dernières copies techniques de vos coordonnées "
    "disparaîtront d’ici un mois. Merci d’avoir fait un bout de chemin avec la Semaine de l’industrie."
)

EXPIRED = (
    "Ce lien a expiré ou est incomplet. Redemandez un compte avec la même adresse : un nouveau lien vous parviendra."
)
REPLACED = (
    "Un compte a été demandé une nouvelle fois avec cette adresse : ce lien ne vaut plus. Ouvrez celui du dernier "
    "courriel reçu, qui peut mettre quelques minutes à venir, ou demandez un lien pour choisir votre mot de passe."
)
USED = "Ce lien a expiré, a déjà servi ou est incomplet. Demandez-en un autre : il vous parviendra par courriel."
TOO_MANY = {
    Why.CLIENT: "Trop de demandes depuis votre connexion. Réessayez dans {wait}.",
    Why.ACCOUNT: "Trop d’essais pour ce compte. Réessayez dans {wait}, ou demandez un nouveau mot de passe : {link}",
    Why.INVITATIONS: "Cette adresse a déjà reçu plusieurs invitations. Réessayez dans {wait}.",
    Why.CODE: "Trop de codes essayés pour ce compte. Réessayez dans {wait}.",
    Why.CODES: "Trop d’essais de code. Réessayez dans {wait}.",
    Why.DRAFTS: "Votre organisation a créé beaucoup de brouillons aujourd’hui. Réessayez dans {wait}.",
    Why.REVISIONS: "Trop de dépôts en un jour pour cet événement ou votre organisation. Réessayez dans {wait}.",
    Why.UPLOADS: "Votre organisation a envoyé beaucoup de fichiers aujourd’hui. Réessayez dans {wait}.",
    Why.PICTURES: "Votre organisation a envoyé beaucoup d’images aujourd’hui. Réessayez dans {wait}.",
    Why.INVITED: "Beaucoup d’invitations sont parties aujourd’hui. Réessayez dans {wait}.",
    Why.QUEUE: "Trop de demandes à la fois depuis votre connexion. Réessayez dans {wait}.",
}
CROWDED = "Beaucoup de monde se connecte en ce moment. Réessayez dans quelques secondes."
UNKNOWN = (
    "Mot de passe ou adresse inconnus. Vérifiez-les ; si vous venez de demander un compte, ouvrez d’abord le lien reçu "
    "par courriel. Mot de passe oublié ? Un lien pour en choisir un autre : {link}"
)
UNKNOWN_ON_PAGE = (
    "Mot de passe ou adresse inconnus. Vérifiez-les ; si vous venez de demander un compte, ouvrez d’abord le lien reçu "
    "par courriel."
)
ADDRESS_ASKED = (
    "Un courriel part à cette adresse, s’il n’y en a pas eu un dans les dernières minutes : il dit comment la "
    "confirmer. D’ici là, votre compte garde la sienne."
)
ADDRESS_TAKEN_UP = "Votre nouvelle adresse est enregistrée : connectez-vous avec elle. L’ancienne en est informée."
ADDRESS_EXPIRED = (
    "Ce lien a expiré, a déjà servi ou est incomplet, ou le compte a changé depuis. Demandez le changement une "
    "nouvelle fois, depuis votre compte."
)
CODE = (
    "Saisissez le code à six chiffres que montre votre application, ou l’un de vos codes de secours si vous ne l’avez "
    "plus."
)
WRONG_CODE = (
    "Ce code n’est pas le bon, ou a déjà servi. Attendez le suivant, et vérifiez que l’heure de votre téléphone est "
    "juste."
)
MUST_SET_UP = "Votre compte relit des événements : il lui faut une double authentification. "
SET_UP = (
    "Ouvrez une application de codes sur votre téléphone (FreeOTP, 2FAS, Aegis, Google Authenticator…), faites-lui "
    "lire cette image ou saisissez la clé, puis tapez le code qu’elle montre."
)
KEEP_CODES = (
    "Voici vos codes de secours. Chacun remplace une fois le code de l’application, si votre téléphone est perdu. Ils "
    "ne seront plus montrés : imprimez-les, ou gardez-les à l’abri."
)
FACTOR_REMOVED = "La double authentification est désactivée. Un courriel vous le confirme."
TOO_LATE = "Un quart d’heure a passé, ou votre mot de passe a changé. Connectez-vous de nouveau."
OVER = "Votre connexion a pris fin. Connectez-vous de nouveau."
ONE_ALIKE = ("Un événement déposé ressemble", "c’en est un autre")
SOME_ALIKE = ("Des événements déposés ressemblent", "ce sont d’autres événements")
RESEMBLING = (
    "{alike} à celui-ci, le même jour au même endroit : {listed}. Si c’est le même, ne le déposez pas une seconde "
    "fois. Sinon, déposez à nouveau en disant que {another} ; l’événement n’a pas été déposé."
)
FOREIGN = (
    "Ce formulaire ne vient pas de nos pages",
    "Rien n’a été fait. Si vous êtes arrivé ici par nos pages, rechargez-les et recommencez.",
)


INVITED = (
    "Un courriel part à cette adresse. Son lien est valable deux semaines et sert une fois, que la personne ait déjà "
    "un compte ou non."
)
INVITATION_OVER = (
    "Cette invitation a expiré, a déjà servi ou a été annulée. Si vous en avez encore besoin, demandez-en une autre à "
    "votre correspondant."
)
INVITATIONS = {
    "colleague": "L’organisation « {organisation} » vous invite à partager ses événements.",
    "claim": "L’événement « {title} » a été saisi pour vous. Reprenez-le : vous pourrez le modifier et le déposer.",
    "federation": "« {organisation} » propose d’accompagner votre organisation : ses membres pourront lire vos "
    "événements, les modifier et les déposer avec vous, mais ni les retirer, ni les confier à quelqu’un d’autre.",
}
"""What the link of an invitation is to, by its kind."""
ACCEPTED = {
    "colleague": "Vous êtes membre de l’organisation : connectez-vous, et vous verrez ses événements.",
    "claim": "L’événement est à vous : connectez-vous pour le modifier, le déposer et le suivre.",
    "federation": "C’est entendu : votre organisation est accompagnée.",
}
DIRECTORY = {
    "off": "L’annuaire national n’est pas consulté ici : le numéro est bien formé, et vous pouvez continuer.",
    "unavailable": "L’annuaire national ne répond pas en ce moment. Le numéro est bien formé : vous pouvez continuer.",
    "unknown": "Le numéro est bien formé, mais l’annuaire national ne connaît pas cet établissement, ou pas encore. "
    "Vérifiez-le ; vous pouvez continuer.",
    "closed": "L’annuaire national dit cet établissement fermé. Vérifiez le numéro ; vous pouvez continuer.",
    "found": "L’annuaire national connaît cet établissement.",
}


COME_BACK = "Encore un peu de patience"
"""The title of a page that says so."""


def too_many(refused: TooMany | Crowded, public_url: str) -> str:
    """When to come back, and why."""
    if isinstance(refused, Crowded):
        return CROWDED
    return TOO_MANY[refused.why].format(wait=wait_of(refused.retry_after), link=f"{public_url}/mot-de-passe")


def wait_of(seconds: int) -> str:
    """« 40 secondes », « 3 minutes », « 2 heures »."""
    if seconds < 120:
        return counted(seconds, "seconde")
    minutes = -(-seconds // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{-(-minutes // 60)} heures"
