"""Why a decision was taken, in one French line for staff."""

from collections.abc import Mapping

from matcher.comparisons import ComparisonVector

COMPARISON_LABELS = {
    ("identifier", "same"): "même identifiant",
    ("identifier", "different"): "autre identifiant",
    ("identifier", "unknown"): "identifiant inconnu",
    ("title", "exact"): "titre exact",
    ("title", "spelling"): "titre à une faute près",
    ("title", "close"): "titre très proche",
    ("title", "part"): "titre sans son sous-titre",
    ("title", "sister"): "même série, autre sous-titre",
    ("title", "near"): "titre proche",
    ("title", "contained"): "titre contenu dans l'autre",
    ("title", "vague"): "titre vaguement proche",
    ("title", "unlike"): "titre différent",
    ("words", "most"): "la plupart des mots en commun",
    ("words", "some"): "quelques mots en commun",
    ("words", "none"): "aucun mot important en commun",
    ("words", "equal"): "mêmes mots",
    ("beginning", "same"): "même premier mot",
    ("beginning", "other"): "autre premier mot",
    ("beginning", "equal"): "même début",
    ("numbers", "none"): "aucun numéro",
    ("numbers", "same"): "mêmes numéros",
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
    """A number with a comma."""
    return f"{value:.{digits}f}".replace(".", ",")


def format_weight(weight: float) -> str:
    """« +5,1 », « −0,3 »."""
    return f"{'+' if weight > 0 else '−'}{format_number(abs(weight), 1)}"


def format_match_weights(vector: ComparisonVector, match_weights: Mapping[str, float]) -> str:
    """« titre exact +10,0 ; même année +4,9 ; réalisateur concordant +5,1 »."""
    told = [f"{COMPARISON_LABELS[clue, getattr(vector, clue)]} {format_weight(weight)}" for clue, weight in match_weights.items()]
    return " ; ".join(told) or "aucun indice commun"


def format_reason(comparisons: str, rule: str) -> str:
    """The whole line: the clues, then the rule or veto that decided."""
    return f"{comparisons} — {rule}"
