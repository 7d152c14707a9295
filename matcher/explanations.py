"""Explain a decision in one French line for staff."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from domain.common.casing import KIND_LABELS
from domain.common.enums import Kind, ReasonCode
from domain.common.text import clean_text
from domain.linking.reasons import Reason, read_reasons

if TYPE_CHECKING:  # the tables are slow to import, for `ouvoir link` that reads none
    from domain.models.decision import DecidedRow

COMPARISON_LABELS = {
    ("identifier", "same"): "même identifiant",
    ("identifier", "likely"): "même identifiant, dans une colonne peu sûre",
    ("identifier", "different"): "autre identifiant",
    ("identifier", "unknown"): "identifiant inconnu",
    ("title", "letter"): "titre identique à la lettre",
    ("title", "exact"): "titre exact",
    ("title", "article"): "titre identique à l'article près",
    ("title", "spelling"): "titre à une faute près",
    ("title", "close"): "titre très proche",
    ("title", "part"): "titre sans son sous-titre",
    ("title", "sister"): "même série, autre sous-titre",
    ("title", "near"): "titre proche",
    ("title", "contained"): "titre contenu dans l'autre",
    ("title", "vague"): "titre vaguement proche",
    ("title", "unlike"): "titre différent",
    ("naming", "title"): "titre propre au film",
    ("naming", "alias"): "autre nom du film",
    ("naming", "unequal"): "titres inégaux",
    ("words", "most"): "la plupart des mots en commun",
    ("words", "some"): "quelques mots en commun",
    ("words", "none"): "aucun mot important en commun",
    ("words", "equal"): "mêmes mots",
    ("beginning", "same"): "même premier mot",
    ("beginning", "other"): "autre premier mot",
    ("beginning", "equal"): "même début",
    ("numbers", "none"): "aucun numéro",
    ("numbers", "same"): "mêmes numéros",
    ("numbers", "first"): "première partie",
    ("numbers", "more"): "un numéro de plus",
    ("numbers", "large"): "un grand nombre de plus",
    ("numbers", "object"): "partie, série ou annonce",
    ("numbers", "different"): "numéros différents",
    ("year", "same"): "même année",
    ("year", "earlier"): "un an plus tôt",
    ("year", "later"): "un an plus tard",
    ("year", "two"): "deux ans d'écart",
    ("year", "few"): "trois à cinq ans d'écart",
    ("year", "far"): "plus de cinq ans d'écart",
    ("year", "unknown"): "année inconnue",
    ("release", "production"): "année de production",
    ("release", "release"): "année de sortie en France",
    ("release", "neither"): "ni année de production ni année de sortie",
    ("release", "unknown"): "année de sortie inconnue",
    ("directors", "same"): "réalisateur concordant",
    ("directors", "partial"): "réalisateur en partie concordant",
    ("directors", "namesake"): "réalisateur de même nom peu courant",
    ("directors", "similar"): "réalisateur de nom voisin",
    ("directors", "disjoint"): "réalisateur différent",
    ("directors", "unknown"): "réalisateur inconnu",
    ("runtime", "same"): "même durée",
    ("runtime", "close"): "durée très proche",
    ("runtime", "near"): "durée voisine",
    ("runtime", "far"): "durée différente",
    ("runtime", "unknown"): "durée inconnue",
    ("length", "same"): "même format",
    ("length", "other"): "court et long métrage",
    ("length", "short"): "court métrage",
    ("length", "unknown"): "format inconnu",
    ("countries", "rare"): "même pays, peu courant",
    ("countries", "same"): "même pays",
    ("countries", "disjoint"): "pays différents",
    ("countries", "unknown"): "pays inconnu",
    ("kind", "same"): "même nature",
    ("kind", "series"): "deux séries",
    ("kind", "clash"): "natures différentes",
    ("kind", "unknown"): "nature inconnue",
    ("wording", "one_word"): "titre commun d'un seul mot",
    ("wording", "two_words"): "titre commun de deux mots",
    ("wording", "few_words"): "titre commun de trois ou quatre mots",
    ("wording", "many_words"): "titre commun de cinq mots ou plus",
    ("wording", "unequal"): "titres inégaux",
    ("company", "alone"): "titre porté par un seul film",
    ("company", "shared"): "titre porté par deux ou trois films",
    ("company", "crowd"): "titre porté par de nombreux films",
    ("company", "unequal"): "titre propre à l'entrée",
    ("filmography", "one"): "seul film de ce réalisateur",
    ("filmography", "few"): "un des rares films de ce réalisateur",
    ("filmography", "many"): "un des nombreux films de ce réalisateur",
    ("filmography", "busy"): "un des films de ce réalisateur cette année-là",
    ("filmography", "unknown"): "filmographie inconnue",
    ("fame", "high"): "film très connu",
    ("fame", "middle"): "film connu",
    ("fame", "low"): "film peu connu",
    ("fame", "unknown"): "notoriété inconnue",
    ("backing", "needless"): "titre suffisant",
    ("backing", "director_and_three"): "réalisateur et trois faits à l'appui",
    ("backing", "director_and_two"): "réalisateur et deux faits à l'appui",
    ("backing", "director_and_one"): "réalisateur et un fait à l'appui",
    ("backing", "director"): "réalisateur seul à l'appui",
    ("backing", "nobody"): "pas de réalisateur à l'appui",
}


def format_number(value: float, digits: int) -> str:
    """Return a number with so many digits after a comma: « 4,90 »."""
    return f"{value:.{digits}f}".replace(".", ",")


def format_weight(weight: float) -> str:
    """Return a signed weight in log-odds: « +5,1 », « −0,3 »."""
    return f"{'+' if weight > 0 else '−'}{format_number(abs(weight), 1)}"


def format_match_weights(match_weights: Mapping[str, float]) -> list[str]:
    """Return what each comparison weighed, from weights by name and level: « titre exact +10,0 », « même année +4,9 »."""
    return [f"{_LABELS_BY_KEY.get(key, key)} {format_weight(weight)}" for key, weight in match_weights.items()]


def format_reason(reason: Reason) -> str:
    """Return the rule, veto or act in French: « veto : titres trop différents (Dune / Arrakis) »."""
    texts = {name: _format_param(name, value) for name, value in reason.params.items()}
    return _REASON_TEMPLATES[reason.code].format(**texts)


def format_veto_label(code: ReasonCode) -> str:
    """Return the name of a veto in French, without what it bears on: « durées trop différentes »."""
    return _REASON_TEMPLATES[code].removeprefix("veto : ").partition(" (")[0]


def format_deciding_rule(reasons: Sequence[Reason]) -> str:
    """Return what decided, without the comparisons before it; empty when nothing but comparisons is known."""
    if not reasons or reasons[-1].code is ReasonCode.COMPARISONS:
        return ""
    last = reasons[-1]
    return str(last.params.get("rule", "")) or format_reason(last)


def format_explanation(match_weights: Mapping[str, float], reasons: Sequence[Reason]) -> str:
    """Return the whole line: the comparisons where they served, then the rules or vetoes in the order they applied."""
    rules = [format_reason(reason) for reason in reasons if reason.code is not ReasonCode.COMPARISONS]
    if any(reason.code in _WITHOUT_COMPARISONS for reason in reasons):
        return " — ".join(rules)
    comparisons = " ; ".join(format_match_weights(match_weights)) or _NO_COMPARISON
    return " — ".join([comparisons, *rules])


def list_comparisons(match_weights: Mapping[str, float], reason: Reason) -> list[str]:
    """Return what speaks for or against a film put forward, one text each."""
    if reason.code is ReasonCode.COMPARISONS:
        return format_match_weights(match_weights) or [_NO_COMPARISON]
    if "parts" in reason.params:
        return list(reason.params["parts"])
    text = format_reason(reason)
    return [text] if text else []


def explain_decision(row: "DecidedRow") -> str:
    """Return the whole line for a decision as a table stores it."""
    return format_explanation(row.weights_by_level, read_reasons(row))


def _format_param(name: str, value: Any) -> str:
    return _PARAM_FORMATTERS[name](value) if name in _PARAM_FORMATTERS else str(value)


def _format_threshold(threshold: float) -> str:
    return format_number(threshold, 2)


def _format_names(names: Sequence[str]) -> str:
    return clean_text(", ".join(names))


def _format_kind(kind: str | None) -> str:
    return KIND_LABELS[Kind(kind)] if kind else "inconnue"


def _format_work(work: Mapping[str, Any]) -> str:
    return f"{work['title']}, {work['year'] or 'sans année'}, n° {work['id']}"


_NO_COMPARISON = "aucun indice commun"
_LABELS_BY_KEY = {f"{comparison}.{level}": label for (comparison, level), label in COMPARISON_LABELS.items()}
_PARAM_FORMATTERS: Mapping[str, Callable[[Any], str]] = {
    "threshold": _format_threshold,
    "entry_directors": _format_names,
    "film_directors": _format_names,
    "entry_kind": _format_kind,
    "film_kind": _format_kind,
    "entry_work": _format_work,
    "film_work": _format_work,
    "rival_work": _format_work,
}
_REASON_TEMPLATES: Mapping[ReasonCode, str] = {
    ReasonCode.COMPARISONS: "",
    ReasonCode.NO_CANDIDATE: "aucun titre proche dans la base",
    ReasonCode.BELOW_REVIEW: "règle : moins de {threshold}",
    ReasonCode.BELOW_AUTO: "règle : moins de {threshold}",
    ReasonCode.ABOVE_AUTO: "règle : au moins {threshold}",
    ReasonCode.ABOVE_STRICT: "règle : au moins {threshold}, malgré ce doute",
    ReasonCode.IDENTIFIER_CONTRADICTED: "veto : l'identifiant est contredit ({entry_work} / {film_work})",
    ReasonCode.IDENTIFIERS_DIFFER: "veto : identifiants différents",
    ReasonCode.IDENTIFIER_OF_OTHER_FILM: "veto : un identifiant désigne un autre film ({rival_work})",
    ReasonCode.DIRECTORS_DIFFER: "veto : réalisateurs différents ({entry_directors} / {film_directors})",
    ReasonCode.RUNTIMES_DIFFER: "veto : durées trop différentes ({entry_minutes} min / {film_minutes} min)",
    ReasonCode.YEARS_DIFFER: "veto : années trop éloignées ({entry_year} / {film_year})",
    ReasonCode.TITLES_DIFFER: "veto : titres trop différents ({entry_title} / {film_title})",
    ReasonCode.TITLE_AND_YEAR_DIFFER: (
        "veto : autre titre et autre année ({entry_title}, {entry_year} / {film_title}, {film_year})"
    ),
    ReasonCode.TITLE_ALONE: "veto : titre seul, ni année ni réalisateur pour le confirmer",
    ReasonCode.SIMILAR_TITLE_ALONE: "veto : titre seulement proche, pas de réalisateur pour le confirmer",
    ReasonCode.ARTICLE_DIFFERS: (
        "veto : même titre à l'article près, autre année ({entry_title}, {entry_year} / {film_title}, {film_year})"
    ),
    ReasonCode.OTHER_OBJECT: "veto : autre objet que le film : partie, série, annonce… ({entry_title} / {film_title})",
    ReasonCode.OTHER_SUBTITLE: "veto : même série, autre sous-titre ({entry_title} / {film_title})",
    ReasonCode.NUMBERS_DIFFER: "veto : numéros différents ({entry_title} / {film_title})",
    ReasonCode.KINDS_DIFFER: "veto : natures différentes ({entry_kind} / {film_kind})",
    ReasonCode.RIVAL_FILMS: "veto : deux films de la base conviennent ({film_work} / {rival_work})",
    ReasonCode.RIVAL_ENTRY: "veto : une autre entrée convient mieux à ce film ({rival_id}, {rival_title})",
    ReasonCode.RIVAL_RECORD: "veto : une autre ligne de cette base est ou pourrait être ce film",
    ReasonCode.OTHER_COUNTRY: "veto : autre pays, et aucun réalisateur pour le confirmer",
    ReasonCode.COMPETING_WORK: "veto : autre titre, et « {rival_title} » des mêmes auteurs pourrait aussi convenir",
    ReasonCode.IMPROBABLE: "trop peu probable",
    ReasonCode.FILMS_TAKEN: "les films proches ont leur ligne dans cette base",
    ReasonCode.SAME_IDENTIFIER: "identifiant commun",
    ReasonCode.IDENTIFIER_ONLY: "identifiant commun, rien d'autre",
    ReasonCode.IDENTIFIER_LOST: "n'est plus l'élément du film",
    ReasonCode.AGENT_CHOSE: "choisi par un agent",
    ReasonCode.AGENT_REJECTED_ALL: "aucun des films proposés, dit un agent",
    ReasonCode.AGENT_UNSURE: "un agent n'a pas pu trancher",
    ReasonCode.AGENT_MISSES_FILM: "film absent de la base, dit un agent",
    ReasonCode.FILMS_MERGED: "fiches réunies",
    ReasonCode.FILM_SPLIT: "fiche partagée en deux films",
    ReasonCode.LEGACY: "{text}",
}
_WITHOUT_COMPARISONS = frozenset(
    {
        ReasonCode.NO_CANDIDATE,
        ReasonCode.SAME_IDENTIFIER,
        ReasonCode.IDENTIFIER_ONLY,
        ReasonCode.IDENTIFIER_LOST,
        ReasonCode.AGENT_CHOSE,
        ReasonCode.AGENT_REJECTED_ALL,
        ReasonCode.AGENT_UNSURE,
        ReasonCode.AGENT_MISSES_FILM,
        ReasonCode.FILMS_MERGED,
        ReasonCode.FILM_SPLIT,
        ReasonCode.LEGACY,
    }
)
"""The reasons that comparisons have no part in."""
