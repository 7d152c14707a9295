"""reasons as codes: why runs are held, why offers closed and how many issues were omitted are data, no longer sentences

Revision: 0013, after: 0012
"""

import json
import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

Reason = dict[str, Any]
_CLOSE_REASONS = {
    "prix ou dates changés": "terms-changed",
    "absente de deux collectes complètes": "absent",
    "retirée par l'éditeur": "withdrawn",
    "lien rompu plusieurs jours de suite": "broken-link",
}
_PHRASES = {
    "collecte en échec": "collection-failed",
    "collecte incomplète": "incomplete",
    "interrompue avant la fin": "interrupted",
    "le collecteur s'est figé sur un document": "collector-stalled",
    "le collecteur a été tué": "collector-killed",
    "le collecteur n'a pas rendu compte": "collector-silent",
    "collecte arrêtée, elle dépassait le temps permis": "time-limit",
}
_PERCENT = r"\d+(?:,\d)? %"
_FIGURES = (
    ("too-few-titles", r"(?P<count>\d+) titres? gardés?, (?P<minimum>\d+) attendus? au moins"),
    ("too-many-titles", r"(?P<count>\d+) titres? gardés?, (?P<maximum>\d+) attendus? au plus"),
    (
        "fewer-titles",
        rf"(?P<count>\d+) titres? contre (?P<before>\d+) récemment : baisse de {_PERCENT}, (?P<limit>{_PERCENT}) admis",
    ),
    (
        "fewer-offers",
        rf"(?P<count>\d+) offres? contre (?P<before>\d+) récemment : baisse de {_PERCENT}, (?P<limit>{_PERCENT}) admis",
    ),
    ("announced-total", r"(?P<rows>\d+) lignes? reçues? pour (?P<announced>\d+) annoncées?"),
    ("unfilled-field", rf"champ « (?P<field>.+) » rempli à (?P<share>{_PERCENT}), (?P<minimum>{_PERCENT}) attendus au moins"),
    ("collector-crashed", r"le collecteur s'est arrêté en panne, code (?P<exit_code>-?\d+)"),
)
_EXCESSES = {
    "unreadable-rows": "lignes? illisibles?",
    "unknown-words": "lignes? au mot inconnu",
    "duplicate-rows": "lignes? en double",
    "unusual-prices": "titres? au prix inhabituel",
    "past-offers": "titres? dont toutes les offres sont passées",
    "repriced-titles": "titres? dont le prix a changé",
    "new-titles": "titres? jamais vus",
    "same-link": "titres? au même lien",
    "renamed-titles": "titres? sous un autre nom qu'à la dernière collecte",
    "failed-pages": "pages? en échec",
    "gone-pages": "pages? retirées?",
}
_PATTERNS = [
    *((code, re.compile(pattern)) for code, pattern in _FIGURES),
    *(
        (code, re.compile(rf"(?P<count>\d+) {noun} sur (?P<total>\d+), (?P<limit>{_PERCENT}) admis"))
        for code, noun in _EXCESSES.items()
    ),
]
_LOG_PATTERN = re.compile(r"(.*) \(journal : ([^()]+)\)")
_OMITTED_PATTERN = re.compile(r"et (\d+) autres?")


def upgrade() -> None:
    op.execute("ALTER TABLE run ADD COLUMN hold_reasons JSON DEFAULT '[]' NOT NULL")
    op.execute("ALTER TABLE runissue ADD COLUMN omitted_count INTEGER")
    _rewrite("run", "verdict", "verdict <> ''", lambda verdict: {"hold_reasons": json.dumps(parse_verdict(verdict))})
    _rewrite("runissue", "message", "ref = '' AND message LIKE 'et % autre%'", _parse_omitted)
    for text, code in _CLOSE_REASONS.items():
        _replace_close_reason(text, code)
    op.execute("ALTER TABLE run DROP COLUMN verdict")


def downgrade() -> None:
    """Put the sentences back; a verdict lists the codes of its reasons, whose sentences version 0.1 cannot make."""
    op.execute("ALTER TABLE run ADD COLUMN verdict VARCHAR DEFAULT '' NOT NULL")
    _rewrite("run", "hold_reasons", "CAST(hold_reasons AS VARCHAR) <> '[]'", lambda stored: {"verdict": _list_codes(stored)})
    omitted = "'et ' || CAST(omitted_count AS VARCHAR) || CASE WHEN omitted_count < 2 THEN ' autre' ELSE ' autres' END"
    op.execute(f"UPDATE runissue SET message = {omitted} WHERE omitted_count IS NOT NULL")  # noqa: S608
    for text, code in _CLOSE_REASONS.items():
        _replace_close_reason(code, text)
    op.execute("ALTER TABLE runissue DROP COLUMN omitted_count")
    op.execute("ALTER TABLE run DROP COLUMN hold_reasons")


def parse_verdict(verdict: str) -> list[Reason]:
    """Return the reasons that a verdict of version 0.1 stated; the parts that are not understood keep their text."""
    reasons: list[Reason] = []
    for part in verdict.split(" ; "):
        reason = _parse_reason(part)
        if reason is None and reasons and reasons[-1]["code"] == "legacy":
            reasons[-1]["params"]["message"] += f" ; {part}"
        else:
            reasons.append(reason or {"code": "legacy", "params": {"message": part}})
    return reasons


def _parse_reason(phrase: str) -> Reason | None:
    logged = _LOG_PATTERN.fullmatch(phrase)
    if logged:
        reason = _parse_reason(logged[1])
        return reason and {**reason, "params": {**reason["params"], "log": logged[2]}}
    if phrase in _PHRASES:
        return {"code": _PHRASES[phrase], "params": {}}
    for code, pattern in _PATTERNS:
        figures = pattern.fullmatch(phrase)
        if figures:
            return {"code": code, "params": {name: _parse_figure(name, text) for name, text in figures.groupdict().items()}}
    return None


def _parse_figure(name: str, text: str) -> str | int | float:
    """Return a number as an integer, a percentage as a fraction of 1, the name of a field as it is."""
    if name == "field":
        return text
    if text.endswith(" %"):
        return round(float(text.removesuffix(" %").replace(",", ".")) / 100, 3)
    return int(text)


def _parse_omitted(message: str) -> dict[str, Any] | None:
    omitted = _OMITTED_PATTERN.fullmatch(message)
    return {"omitted_count": int(omitted[1]), "message": ""} if omitted else None


def _list_codes(stored: str | list[Reason]) -> str:
    reasons = json.loads(stored) if isinstance(stored, str) else stored
    return " ; ".join(reason["params"].get("message", reason["code"]) for reason in reasons)


def _rewrite(table: str, column: str, condition: str, parse: Callable[[Any], dict[str, Any] | None]) -> None:
    """Set on each row that satisfies the condition the values that are parsed from one of its columns."""
    connection = op.get_bind()
    for row_id, stored in connection.execute(sa.text(f"SELECT id, {column} FROM {table} WHERE {condition}")).all():  # noqa: S608
        values = parse(stored)
        if values:
            changes = ", ".join(f"{name} = :{name}" for name in values)
            connection.execute(sa.text(f"UPDATE {table} SET {changes} WHERE id = :id"), {**values, "id": row_id})  # noqa: S608


def _replace_close_reason(old: str, new: str) -> None:
    update = sa.text("UPDATE offer SET closed_why = :new WHERE closed_why = :old")
    op.get_bind().execute(update, {"old": old, "new": new})
