"""The words of the desk: causes of cases, kinds of doubt, answers, as agents read them."""

from records.vocabulary import CaseCause, Verdict

CAUSES = {
    CaseCause.DOUBT: "doute du rapprochement",
    CaseCause.DISAGREEMENT: "désaccord avec une décision",
    CaseCause.AUDIT: "contrôle d’un lien automatique",
    CaseCause.SILENT: "contrôle d’un « sans film »",
}
COUNTED = {
    CaseCause.DOUBT: ("doute", "doutes"),
    CaseCause.DISAGREEMENT: ("désaccord", "désaccords"),
    CaseCause.AUDIT: ("contrôle de lien", "contrôles de liens"),
    CaseCause.SILENT: ("contrôle de « sans film »", "contrôles de « sans film »"),
}
DOUBTS = {
    "directors": "réalisateurs différents",
    "years": "années éloignées",
    "runtime": "durées différentes",
    "title": "titre seul ou trop différent",
    "sequel": "suite possible",
    "numbers": "numéros différents",
    "kind": "natures différentes",
    "identifier": "identifiants en conflit",
    "rivals": "deux films conviennent",
    "assignment": "deux entrées pour un film",
    "probability": "probabilité trop faible",
}
OUTCOMES = {Verdict.SAME: "c’est ce film", Verdict.NONE: "aucun film de la base", Verdict.UNSURE: "indécis"}
ACTIONS = {
    "same": "c’est ce film",
    "none": "aucun de ces films",
    "unsure": "indécis",
    "missing": "film absent de la base",
    "skip": "passé",
    "undo": "annulé",
    "withdrawn": "retiré, le doute est levé",
    "sign-in": "connexion",
    "sign-in-failed": "connexion refusée",
    "sign-out": "déconnexion",
}
