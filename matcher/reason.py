"""Why a decision was taken, in one French line for staff."""

from matcher.candidates import ScoredFilm
from records.text import clean

CLUE_WORDS = {
    ("identifier", "same"): "même identifiant",
    ("identifier", "different"): "autre identifiant",
    ("identifier", "unknown"): "identifiant inconnu",
    ("title", "exact"): "titre exact",
    ("title", "close"): "titre très proche",
    ("title", "part"): "titre sans son sous-titre",
    ("title", "near"): "titre proche",
    ("title", "contained"): "titre contenu dans l'autre",
    ("title", "unlike"): "titre différent",
    ("year", "same"): "même année",
    ("year", "one"): "un an d'écart",
    ("year", "two"): "deux ans d'écart",
    ("year", "few"): "trois à cinq ans d'écart",
    ("year", "far"): "plus de cinq ans d'écart",
    ("year", "unknown"): "année inconnue",
    ("directors", "same"): "réalisateur concordant",
    ("directors", "partial"): "réalisateur en partie concordant",
    ("directors", "disjoint"): "réalisateur différent",
    ("directors", "unknown"): "réalisateur inconnu",
    ("runtime", "close"): "même durée",
    ("runtime", "near"): "durée voisine",
    ("runtime", "far"): "durée différente",
    ("runtime", "unknown"): "durée inconnue",
    ("kind", "clash"): "natures différentes",
    ("kind", "compatible"): "natures compatibles",
    ("wording", "one_word"): "titre d'un seul mot",
    ("wording", "several_words"): "titre de plusieurs mots",
    ("company", "alone"): "titre porté par un seul film",
    ("company", "shared"): "titre porté par plusieurs films",
}


def french_number(value: float, digits: int) -> str:
    """A number with a comma."""
    return f"{value:.{digits}f}".replace(".", ",")


def tell_clues(candidate: ScoredFilm) -> str:
    """« titre exact +10,0 ; même année +4,9 ; réalisateur concordant +5,1 »."""
    levels = candidate.clues.levels()
    told = [
        f"{CLUE_WORDS[clue, levels[clue]]} {'+' if weight > 0 else '−'}{french_number(abs(weight), 1)}"
        for clue, weight in candidate.weighed.items()
    ]
    return " ; ".join(told) or "aucun indice commun"


def tell_rule(candidate: ScoredFilm, rule: str) -> str:
    """The whole line: the clues, then the rule or veto that decided."""
    return clean(f"{tell_clues(candidate)} — {rule}")
