"""Readers' reports in words: what is wrong, what became of it."""

from datetime import timedelta

from domain.common.enums import Complaint, ReportState
from webapp.core.formatting import format_count
from webapp.core.i18n import gettext

_HOUR, _DAY = 3_600, 86_400


def get_complaint_labels() -> dict[Complaint, str]:
    """What a reader may say is wrong, in the order of the form."""
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
    """What became of a report, in a word or two."""
    return {
        ReportState.RECEIVED: gettext("reçu"),
        ReportState.ONGOING: gettext("en cours"),
        ReportState.CORRECTED: gettext("corrigé"),
        ReportState.UNAVAILABLE: gettext("confirmé indisponible"),
        ReportState.NOT_OPEN: gettext("fenêtre non ouverte"),
        ReportState.UNFOUNDED: gettext("sans suite"),
    }


def get_state_descriptions() -> dict[ReportState, str]:
    """The same, in a sentence."""
    return {
        ReportState.RECEIVED: gettext("Personne ne l’a encore examiné."),
        ReportState.ONGOING: gettext("Un agent l’examine."),
        ReportState.CORRECTED: gettext("L’erreur a été corrigée."),
        ReportState.UNAVAILABLE: gettext("Le film n’est proposé par aucun service que ce site connaît."),
        ReportState.NOT_OPEN: gettext("La loi ne permet pas encore cette façon de voir le film."),
        ReportState.UNFOUNDED: gettext("L’examen n’a rien trouvé à corriger."),
    }


def get_correction_labels() -> dict[str, str]:
    """What was done that put a report right, by the word of the act; nobody is named."""
    facts, titles, numbers = gettext("fiche du film corrigée"), gettext("titres corrigés"), gettext("numéros corrigés")
    joined, parted = gettext("deux fiches du même film réunies"), gettext("fiche séparée en deux films")
    return {
        "same": gettext("lien du service revu"),
        "none": gettext("lien retiré"),
        "missing": gettext("lien retiré"),
        **dict.fromkeys(("film-edit", "film-give-back", "film-undo"), facts),
        **dict.fromkeys(("film-title", "film-title-removed"), titles),
        **dict.fromkeys(("film-number", "film-number-removed"), numbers),
        **dict.fromkeys(("film-merge", "film-merged"), joined),
        **dict.fromkeys(("film-split", "film-made"), parted),
    }


def format_delay(duration: timedelta) -> str:
    """« 3 heures », « 2 jours »; under an hour, « moins d’une heure »."""
    seconds = duration.total_seconds()
    if seconds < _HOUR:
        return gettext("moins d’une heure")
    return format_count(round(seconds / _HOUR), "heure") if seconds < 2 * _DAY else format_count(round(seconds / _DAY), "jour")
