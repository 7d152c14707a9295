"""Hold the French labels of the codes that agents read: causes, doubts, answers, acts, states."""

from domain.common.enums import CaseCause, LegalBasis, Outcome, PlatformStatus, Role, TaskKind, Verdict

CAUSES = {
    CaseCause.DOUBT: "doute du rapprochement",
    CaseCause.DISAGREEMENT: "désaccord avec une décision",
    CaseCause.AUDIT: "contrôle d’un lien automatique",
    CaseCause.SILENT: "contrôle d’un « sans film »",
    CaseCause.REPORT: "signalement d’un lecteur ou d’un agent",
}
CAUSE_NOUNS = {
    CaseCause.DOUBT: ("doute", "doutes"),
    CaseCause.DISAGREEMENT: ("désaccord", "désaccords"),
    CaseCause.AUDIT: ("contrôle de lien", "contrôles de liens"),
    CaseCause.SILENT: ("contrôle de « sans film »", "contrôles de « sans film »"),
    CaseCause.REPORT: ("signalement", "signalements"),
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
ROLES = {Role.READER: "lecteur", Role.MANAGER: "gestionnaire", Role.ADMIN: "administrateur"}
OUTCOMES = {Verdict.SAME: "c’est ce film", Verdict.NONE: "aucun film de la base", Verdict.UNSURE: "indécis"}
ACTIONS = {
    "same": "c’est ce film",
    "none": "aucun de ces films",
    "unsure": "indécis",
    "missing": "film absent de la base",
    "skip": "passé",
    "undo": "annulé",
    "withdrawn": "retiré, le doute est levé",
    "report": "réponse à un signalement",
    "report-to-desk": "signalement envoyé à vérifier",
    "link-restored": "lien rétabli",
    "link-to-desk": "lien envoyé à vérifier",
    "film-edit": "fiche corrigée",
    "film-give-back": "fait rendu à la base",
    "film-title": "titre ajouté",
    "film-title-removed": "titre retiré",
    "film-number": "numéro ajouté",
    "film-number-removed": "numéro retiré",
    "film-merge": "fiche réunie à celle-ci",
    "film-merged": "fiche réunie à une autre",
    "film-split": "fiche séparée en deux films",
    "film-made": "fiche séparée d’une autre",
    "film-undo": "acte sur une fiche annulé",
    "sign-in": "connexion",
    "sign-in-failed": "connexion refusée",
    "sign-out": "déconnexion",
    "account-opened": "compte ouvert",
    "account-disabled": "compte désactivé",
    "account-enabled": "compte remis en service",
    "account-allowed": "accès par ProConnect changé",
    "role-changed": "rôle changé",
    "password-changed": "mot de passe changé",
    "task-opened": "tâche créée",
    "task-assigned": "tâche confiée",
    "task-commented": "tâche commentée",
    "task-closed": "tâche close",
    "task-reopened": "tâche rouverte",
    "run-accepted": "collecte acceptée",
    "run-rejected": "collecte refusée",
    "run-held-again": "collecte remise en attente",
    "run-wanted": "collecte demandée",
    "run-unwanted": "demande de collecte retirée",
}
HEALTH = {
    "late": ("▲", "en retard"),
    "never": ("○", "jamais collecté"),
    "paused": ("‖", "en pause, robots.txt à relire"),
    "held": ("■", "collecte à examiner"),
    "fine": ("●", "à jour"),
    "unknown": ("–", "pas de rythme attendu"),
}
"""The health of a service's collection: a sign for the eye, and the words."""
TASK_KINDS = {
    TaskKind.ROBOTS: "robots.txt",
    TaskKind.FILM: "film à ajouter",
    TaskKind.LINKS: "liens",
    TaskKind.OTHER: "demande",
}
STATUSES = {PlatformStatus.OPEN: "ouvert", PlatformStatus.PAUSED: "collecte suspendue", PlatformStatus.CLOSED: "fermé"}
LEGAL_BASES = {
    LegalBasis.CONTRACT: "accord",
    LegalBasis.OPEN: "lecture libre",
    LegalBasis.FORBIDDEN: "collecte interdite",
    LegalBasis.INVENTED: "service inventé",
}
"""By what right a service is collected, or that it must not be."""
AUDIT_FIELDS = {
    "state": "état",
    "reason": "raison",
    "current_run": "collecte montrée",
    "message": "ce qui est demandé",
    "assigned_to": "confiée à",
    "closed": "close",
    "comment": "commentaire",
    "wanted": "demandée",
    "role": "rôle",
    "email": "adresse électronique",
    "siret": "SIRET",
    "verdict": "décision",
    "film": "film n°",
    "answer": "réponse",
    "correction": "acte qui corrige, n°",
    "hidden": "lien caché depuis",
    "gone_days": "jours sans page",
}
"""Fields that acts change, by their names in the audit trail."""
RUN_OUTCOMES = {Outcome.COMPLETE: "complète", Outcome.PARTIAL: "incomplète", Outcome.FAILED: "en échec"}
FIELDS = {
    "ref": "numéro chez le service",
    "title": "titre",
    "original_title": "titre original",
    "year": "année",
    "directors": "réalisation",
    "runtime_min": "durée",
    "countries": "pays",
    "kind": "nature",
    "url": "lien",
    "ids": "numéros",
    "offers": "offres",
    "price_cents": "prix",
}
"""Fields of a catalogue entry."""
CANNED_REPLIES = {
    "corrige": "Merci : l’erreur est corrigée.",
    "chez-le-service": "Le service annonce cette information ainsi : elle est affichée telle qu’il la donne.",
    "lien": "Le lien ne mène plus au film : l’offre sera retirée si le service ne la propose plus à la prochaine collecte.",
    "ajoute": "Le film est ajouté à la base.",
    "indisponible": "Nous avons cherché ce film : aucun service que nous connaissons ne le propose en ce moment.",
    "fenetre": "Le film ne peut pas encore être proposé ainsi : sa page donne la date à partir de laquelle il le pourra.",
    "service-inconnu": "Ce service n’est pas référencé, faute d’une preuve écrite de sa légalité.",
    "incompris": "Nous n’avons pas compris ce qui ne va pas. Vous pouvez envoyer un autre signalement, plus précis.",
}
