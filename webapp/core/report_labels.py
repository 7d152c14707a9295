"""Put readers' reports into words: what is wrong, what became of it."""

from datetime import timedelta

from domain.common.enums import Complaint, ReportState
from webapp.core.formatting import format_count
from webapp.core.i18n import gettext

_HOUR = 3_600  # seconds
_DAY = 24 * _HOUR


def get_complaint_labels() -> dict[Complaint, str]:
    """Return what a reader may say is wrong, in the order of the form."""
    return {
        Complaint.NOT_THIS_FILM: gettext("Le lien mène à un autre film"),
        Complaint.DEAD_LINK: gettext("Le lien ne mène plus au film"),
        Complaint.PRICE: gettext("Le prix n’est pas le bon"),
        Complaint.LANGUAGE: gettext("La langue, les sous-titres ou l’audiodescription ne sont pas ceux annoncés"),
        Complaint.MISSING_OFFER: gettext("Il manque un service où le film peut être vu"),
        Complaint.FACTS: gettext("Le titre, l’année, la réalisation ou un autre fait sur le film est faux"),
        Complaint.OTHER: gettext("Autre chose"),
        Complaint.MISSING_FILM: gettext("Film introuvable"),
    }


def get_state_labels() -> dict[ReportState, str]:
    """Return what became of a report, in a word or two."""
    return {
        ReportState.RECEIVED: gettext("reçu"),
        ReportState.ONGOING: gettext("en cours"),
        ReportState.CORRECTED: gettext("corrigé"),
        ReportState.UNAVAILABLE: gettext("confirmé indisponible"),
        ReportState.NOT_OPEN: gettext("fenêtre non ouverte"),
        ReportState.UNFOUNDED: gettext("sans suite"),
    }


def get_state_descriptions() -> dict[ReportState, str]:
    """Return what became of a report, in a sentence."""
    return {
        ReportState.RECEIVED: gettext("Personne ne l’a encore examiné."),
        ReportState.ONGOING: gettext("Un agent l’examine."),
        ReportState.CORRECTED: gettext("L’erreur a été corrigée."),
        ReportState.UNAVAILABLE: gettext("Le film n’est proposé par aucun service que ce site connaît."),
        ReportState.NOT_OPEN: gettext("La loi ne permet pas encore cette façon de voir le film."),
        ReportState.UNFOUNDED: gettext("L’examen n’a rien trouvé à corriger."),
    }


def get_correction_labels() -> dict[str, str]:
    """Return what an agent did to put a report right, by the code of the act; nobody is named."""
    link_removed = gettext("lien retiré")
    facts_edited = gettext("fiche du film corrigée")
    titles_edited = gettext("titres corrigés")
    identifiers_edited = gettext("numéros corrigés")
    films_merged = gettext("deux fiches du même film réunies")
    film_split = gettext("fiche séparée en deux films")
    return {
        "same": gettext("lien du service revu"),
        "none": link_removed,
        "missing": link_removed,
        "film-edit": facts_edited,
        "film-give-back": facts_edited,
        "film-undo": facts_edited,
        "film-title": titles_edited,
        "film-title-removed": titles_edited,
        "film-number": identifiers_edited,
        "film-number-removed": identifiers_edited,
        "film-merge": films_merged,
        "film-merged": films_merged,
        "film-split": film_split,
        "film-made": film_split,
    }


def format_delay(duration: timedelta) -> str:
    """Return « 3 heures », « 2 jours », or « moins d’une heure »."""
    seconds = duration.total_seconds()
    if seconds < _HOUR:
        return gettext("moins d’une heure")
    if seconds < 2 * _DAY:
        return format_count(round(seconds / _HOUR), "heure")
    return format_count(round(seconds / _DAY), "jour")
