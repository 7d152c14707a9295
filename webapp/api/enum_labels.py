"""Describe in French the values of each enumeration that answers may hold, by the name of the enumeration."""

ENUM_DESCRIPTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "Access": (
        "Comment une offre se regarde",
        {
            "free": "gratuit",
            "free-with-ads": "gratuit avec publicité",
            "catch-up": "en rattrapage",
            "library": "avec une carte de bibliothèque",
            "subscription": "par abonnement",
            "rent": "location",
            "buy": "achat",
        },
    ),
    "Quality": (
        "La meilleure image d’une offre",
        {"SD": "définition standard", "HD": "haute définition", "UHD": "ultra-haute définition (4K)"},
    ),
    "Kind": (
        "Ce qu’est une œuvre",
        {"film": "un film", "short": "un court métrage", "series": "une série", "episode": "un épisode", "other": "autre chose"},
    ),
    "TitleKind": (
        "Ce qu’est un titre",
        {
            "display": "celui sous lequel le film est montré",
            "original": "l’original",
            "alternative": "un autre",
            "alias": "un nom que quelqu’un lui donne : titre de travail, translittération, titre d’un service",
        },
    ),
    "LegalBasis": (
        "À quel titre un catalogue est lu",
        {
            "contract": "un accord",
            "open": "rien ne l’interdit",
            "forbidden": "ses conditions l’interdisent, et il n’est pas lu",
            "invented": "un service inventé, de la démonstration",
        },
    ),
    "PlatformStatus": (
        "Où en est un service",
        {"open": "ouvert", "paused": "lecture suspendue, le dernier état reste montré", "closed": "fermé"},
    ),
    "RunState": (
        "Où en est une collecte",
        {
            "open": "en cours",
            "accepted": "acceptée",
            "held": "mise de côté, l’état précédent reste montré",
            "rejected": "refusée par une personne, l’état précédent reste montré",
        },
    ),
    "Outcome": (
        "Comment une collecte s’est terminée",
        {"complete": "tout a été lu", "partial": "une partie a été lue", "failed": "elle a échoué"},
    ),
    "Exemption": (
        "Pourquoi rien n’est dit des fenêtres d’un film",
        {
            "not-cinema": "ce n’est pas une œuvre de cinéma",
            "short": "il dure une heure ou moins",
            "never-released": "il n’est jamais sorti en salle",
            "unknown-release": "sa date de sortie n’est pas connue",
            "late-release": "la date connue est sans doute celle d’une reprise",
        },
    ),
    "State": (
        "Où en est une exploitation d’un film",
        {
            "not-applicable": "rien n’en est dit",
            "future": "pas encore permise",
            "possible-by-derogation": "permise si une dérogation l’a été",
            "open-no-offer": "permise, sans offre connue",
            "open-with-offer": "proposée",
            "early-offer": "proposée avant la date : sans doute un lien à revoir",
            "closed-expected": "le service a pu devoir retirer le film",
        },
    ),
    "ChangeKind": (
        "Ce qui a changé",
        {
            "film-changed": "les informations d’un film",
            "link-changed": "une ligne d’un service est reliée à un autre film, ou à aucun, et ses offres avec elle",
            "offer-opened": "une offre est nouvelle",
            "offer-changed": "son prix, ses dates ou son accessibilité",
            "offer-closed": "elle n’est plus là",
        },
    ),
    "Status": (
        "Ce qu’une ligne demandée est devenue",
        {"found": "c’est ce film", "doubtful": "rien ne permet d’en être sûr", "unknown": "aucun film"},
    ),
}


def describe_enum(name: str) -> str:
    """Return an enumeration and its values in one sentence."""
    description, labels = ENUM_DESCRIPTIONS[name]
    values = " ; ".join(f"{value}, {label}" for value, label in labels.items())
    return f"{description} : {values}."
