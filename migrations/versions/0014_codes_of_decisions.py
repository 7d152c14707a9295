"""codes of decisions: who decided and why become an enum and structured columns

The sentences written so far are parsed once, here. What cannot be parsed keeps its text, under the code `legacy`.

Revision: 0014, after: 0013
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_LABELS = {
    "identifier": {"same": "même identifiant", "different": "autre identifiant", "unknown": "identifiant inconnu"},
    "title": {
        "exact": "titre exact",
        "spelling": "titre à une faute près",
        "close": "titre très proche",
        "part": "titre sans son sous-titre",
        "sister": "même série, autre sous-titre",
        "near": "titre proche",
        "contained": "titre contenu dans l'autre",
        "vague": "titre vaguement proche",
        "unlike": "titre différent",
    },
    "words": {
        "most": "la plupart des mots en commun",
        "some": "quelques mots en commun",
        "none": "aucun mot important en commun",
        "equal": "mêmes mots",
    },
    "beginning": {"same": "même premier mot", "other": "autre premier mot", "equal": "même début"},
    "numbers": {
        "none": "aucun numéro",
        "same": "mêmes numéros",
        "more": "un numéro de plus",
        "large": "un grand nombre de plus",
        "object": "partie, série ou annonce",
        "different": "numéros différents",
    },
    "year": {
        "same": "même année",
        "earlier": "un an plus tôt",
        "later": "un an plus tard",
        "two": "deux ans d'écart",
        "few": "trois à cinq ans d'écart",
        "far": "plus de cinq ans d'écart",
        "unknown": "année inconnue",
    },
    "release": {
        "production": "année de production",
        "release": "année de sortie en France",
        "neither": "ni année de production ni année de sortie",
        "unknown": "année de sortie inconnue",
    },
    "directors": {
        "same": "réalisateur concordant",
        "partial": "réalisateur en partie concordant",
        "similar": "réalisateur de nom voisin",
        "disjoint": "réalisateur différent",
        "unknown": "réalisateur inconnu",
    },
    "runtime": {
        "same": "même durée",
        "close": "durée très proche",
        "near": "durée voisine",
        "far": "durée différente",
        "unknown": "durée inconnue",
    },
    "length": {"same": "même format", "other": "court et long métrage", "short": "court métrage", "unknown": "format inconnu"},
    "countries": {
        "rare": "même pays, peu courant",
        "same": "même pays",
        "disjoint": "pays différents",
        "unknown": "pays inconnu",
    },
    "kind": {"same": "même nature", "clash": "natures différentes", "unknown": "nature inconnue"},
    "wording": {
        "one_word": "titre commun d'un seul mot",
        "two_words": "titre commun de deux mots",
        "few_words": "titre commun de trois ou quatre mots",
        "many_words": "titre commun de cinq mots ou plus",
        "unequal": "titres inégaux",
    },
    "company": {
        "alone": "titre porté par un seul film",
        "shared": "titre porté par deux ou trois films",
        "crowd": "titre porté par de nombreux films",
        "unequal": "titre propre à l'entrée",
    },
    "filmography": {
        "one": "seul film de ce réalisateur",
        "few": "un des rares films de ce réalisateur",
        "many": "un des nombreux films de ce réalisateur",
        "busy": "un des films de ce réalisateur cette année-là",
        "unknown": "filmographie inconnue",
    },
    "fame": {"high": "film très connu", "middle": "film connu", "low": "film peu connu", "unknown": "notoriété inconnue"},
    "backing": {
        "needless": "titre suffisant",
        "director_and_three": "réalisateur et trois faits à l'appui",
        "director_and_two": "réalisateur et deux faits à l'appui",
        "director_and_one": "réalisateur et un fait à l'appui",
        "director": "réalisateur seul à l'appui",
        "nobody": "pas de réalisateur à l'appui",
    },
}
"""By comparison and level, the words that version 0.1 wrote."""
_TEMPLATES = {
    "no-candidate": "aucun titre proche dans la base",
    "below-review": "règle : moins de {threshold}",
    "below-auto": "règle : moins de {threshold}",
    "above-auto": "règle : au moins {threshold}",
    "identifier-contradicted": "veto : l'identifiant est contredit ({entry_work} / {film_work})",
    "identifiers-differ": "veto : identifiants différents",
    "identifier-of-other-film": "veto : un identifiant désigne un autre film ({rival_work})",
    "directors-differ": "veto : réalisateurs différents ({entry_directors} / {film_directors})",
    "runtimes-differ": "veto : durées trop différentes ({entry_minutes} min / {film_minutes} min)",
    "years-differ": "veto : années trop éloignées ({entry_year} / {film_year})",
    "titles-differ": "veto : titres trop différents ({entry_title} / {film_title})",
    "title-and-year-differ": "veto : autre titre et autre année ({entry_title}, {entry_year} / {film_title}, {film_year})",
    "title-alone": "veto : titre seul, ni année ni réalisateur pour le confirmer",
    "similar-title-alone": "veto : titre seulement proche, pas de réalisateur pour le confirmer",
    "other-object": "veto : autre objet que le film : partie, série, annonce… ({entry_title} / {film_title})",
    "other-subtitle": "veto : même série, autre sous-titre ({entry_title} / {film_title})",
    "numbers-differ": "veto : numéros différents ({entry_title} / {film_title})",
    "kinds-differ": "veto : natures différentes ({entry_kind} / {film_kind})",
    "rival-films": "veto : deux films de la base conviennent ({film_work} / {rival_work})",
    "rival-entry": "veto : une autre entrée convient mieux à ce film ({rival_id}, {rival_title})",
    "rival-record": "veto : une autre ligne de cette base est ou pourrait être ce film",
    "other-country": "veto : autre pays, et aucun réalisateur pour le confirmer",
    "competing-work": "veto : autre titre, et « {rival_title} » des mêmes auteurs pourrait aussi convenir",
    "improbable": "trop peu probable",
    "films-taken": "les films proches ont leur ligne dans cette base",
    "same-identifier": "identifiant commun",
    "identifier-only": "identifiant commun, rien d'autre",
    "identifier-lost": "n'est plus l'élément du film",
    "agent-chose": "choisi par un agent",
    "agent-rejected-all": "aucun des films proposés, dit un agent",
    "agent-unsure": "un agent n'a pas pu trancher",
    "agent-misses-film": "film absent de la base, dit un agent",
    "films-merged": "fiches réunies",
    "film-split": "fiche partagée en deux films",
}
"""By code, the sentence that version 0.1 wrote."""
_ALONE = {"no-candidate", "same-identifier", "identifier-only", "identifier-lost"} | {
    *("agent-chose", "agent-rejected-all", "agent-unsure", "agent-misses-film", "films-merged", "film-split")
}
"""The codes that stand without the weights of comparisons."""
_KINDS = {"film": "film", "court métrage": "short", "série": "series", "épisode": "episode", "autre": "other", "inconnue": None}
_WORK = r"(?P<{0}_title>.+?), (?P<{0}_year>\d+|sans année), n° (?P<{0}_id>\S+)"
_NO_COMPARISON, _SEPARATOR = "aucun indice commun", " — "
_Step = dict[str, Any]


def upgrade() -> None:
    for table in ("judgement", "baseline"):
        _add_columns(table, "author_kind VARCHAR(32) DEFAULT 'legacy' NOT NULL", "matcher_version VARCHAR DEFAULT '' NOT NULL")
        _add_columns(table, f"agent_id INTEGER CONSTRAINT fk_{table}_agent_id_agent REFERENCES agent (id)")
        _add_columns(table, "author_label VARCHAR DEFAULT '' NOT NULL", "earlier_reasons JSON DEFAULT '[]' NOT NULL")
    for table in ("judgement", "baseline", "candidate"):
        _add_columns(table, "reason_code VARCHAR(32) DEFAULT 'legacy' NOT NULL", "reason_params JSON DEFAULT '{}' NOT NULL")
    _add_columns("baseline", "clues JSON DEFAULT '{}' NOT NULL")
    logins = {row.login: row.id for row in op.get_bind().execute(sa.text("SELECT id, login FROM agent"))}
    _update("judgement", (_upgrade_judgement(row, logins) for row in _read("judgement", "who", "reason", "clues", "verdict")))
    _update("candidate", (_upgrade_candidate(row) for row in _read("candidate", "reason", "clues")))
    columns = ("who", "reason", "proposals", "state", "source")
    _update("baseline", (_upgrade_record(row, logins) for row in _read("baseline", *columns)))
    for table, column in (("judgement", "who"), ("judgement", "reason"), ("candidate", "reason"), ("baseline", "who")):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    op.execute("ALTER TABLE baseline DROP COLUMN reason")


def downgrade() -> None:
    for table in ("judgement", "baseline"):
        _add_columns(table, "who VARCHAR DEFAULT '' NOT NULL")
    for table in ("judgement", "baseline", "candidate"):
        _add_columns(table, "reason VARCHAR DEFAULT '' NOT NULL")
    logins = {row.id: row.login for row in op.get_bind().execute(sa.text("SELECT id, login FROM agent"))}
    authored = ("author_kind", "agent_id", "matcher_version", "author_label", "earlier_reasons")
    reasoned = ("reason_code", "reason_params", "clues")
    _update("judgement", (_downgrade_decision(row, logins) for row in _read("judgement", *authored, *reasoned)))
    _update("candidate", (_downgrade_candidate(row) for row in _read("candidate", *reasoned)))
    records = _read("baseline", *authored, *reasoned, "proposals")
    _update("baseline", (_downgrade_decision(row, logins) | _downgrade_proposals(row) for row in records))
    for table in ("judgement", "baseline"):
        for column in authored:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    for table in ("judgement", "baseline", "candidate"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN reason_code")
        op.execute(f"ALTER TABLE {table} DROP COLUMN reason_params")
    op.execute("ALTER TABLE baseline DROP COLUMN clues")


def _add_columns(table: str, *definitions: str) -> None:
    for definition in definitions:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {definition}")


_JSON_COLUMNS = {"clues", "proposals", "earlier_reasons", "reason_params"}


def _make_table(name: str, columns: Iterator[str] | list[str]) -> Any:
    return sa.table(name, sa.column("id"), *(sa.column(one, sa.JSON() if one in _JSON_COLUMNS else None) for one in columns))


def _read(name: str, *columns: str) -> list[Any]:
    table = _make_table(name, list(columns))
    return list(op.get_bind().execute(sa.select(table)).mappings())


def _update(name: str, rows: Iterator[_Step]) -> None:
    values = list(rows)
    if values:
        columns = [column for column in values[0] if column != "row_id"]
        table = _make_table(name, columns)
        changes = {column: sa.bindparam(f"new_{column}", type_=table.c[column].type) for column in columns}
        stmt = sa.update(table).where(table.c.id == sa.bindparam("row_id")).values(changes)
        bound = [{"row_id": row["row_id"]} | {f"new_{column}": row[column] for column in columns} for row in values]
        op.get_bind().execute(stmt, bound)


def _upgrade_judgement(row: Mapping[str, Any], logins: Mapping[str, int]) -> _Step:
    weights, steps = _parse_explanation(row["reason"], row["verdict"] == "none")
    known = weights is None or weights == {key: round(weight, 1) for key, weight in row["clues"].items()}
    steps = steps if known else None
    return {"row_id": row["id"]} | _parse_author(row["who"], "", logins) | _build_reasons(steps, row["reason"])


def _upgrade_record(row: Mapping[str, Any], logins: Mapping[str, int]) -> _Step:
    weights, steps = _parse_explanation(row["reason"], row["state"] in ("new", "aside"))
    proposals = []
    for stored in row["proposals"]:
        candidate = _parse_candidate(stored["reason"], stored["clues"])
        reason = {"code": candidate["reason_code"], "params": candidate["reason_params"]}
        proposals.append(stored | {"clues": candidate["clues"], "reason": reason})
    columns = {"row_id": row["id"], "clues": weights or {}, "proposals": proposals}
    return columns | _parse_author(row["who"], row["source"], logins) | _build_reasons(steps, row["reason"])


def _upgrade_candidate(row: Mapping[str, Any]) -> _Step:
    return {"row_id": row["id"]} | _parse_candidate(row["reason"], row["clues"])


def _parse_candidate(text: str, clues: Mapping[str, float]) -> _Step:
    weights = _parse_weights(text)
    if weights is not None and [key.partition(".")[0] for key in weights] == list(clues):
        exact = dict(zip(weights, clues.values(), strict=True))
        return {"clues": exact, "reason_code": "comparisons", "reason_params": {}}
    if text == _TEMPLATES["identifier-only"]:
        return {"clues": clues, "reason_code": "identifier-only", "reason_params": {}}
    parts = [part for part in text.split(" ; ") if part]
    return {"clues": clues, "reason_code": "legacy", "reason_params": {"text": text, "parts": parts}}


def _parse_author(who: str, source: str, logins: Mapping[str, int]) -> _Step:
    kind, _, rest = who.partition(" ")
    author = {"author_kind": "legacy", "agent_id": None, "matcher_version": "", "author_label": ""}
    if kind == "agent" and rest in logins:
        return author | {"author_kind": "agent", "agent_id": logins[rest]}
    if kind == "matcher" and rest:
        return author | {"author_kind": "matcher", "matcher_version": rest}
    return author | {"author_kind": "source" if source and who == source else "legacy", "author_label": who}


def _build_reasons(steps: list[_Step] | None, text: str) -> _Step:
    if steps is None:
        params = {"text": text, "rule": text.rpartition(_SEPARATOR)[2]}
        return {"reason_code": "legacy", "reason_params": params, "earlier_reasons": []}
    *earlier, last = steps
    return {"reason_code": last["code"], "reason_params": last["params"], "earlier_reasons": earlier}


def _parse_explanation(text: str, unlinked: bool) -> tuple[dict[str, float] | None, list[_Step] | None]:
    """Return the weights of comparisons, rounded as they were written, and the steps; None for what is not there."""
    head, separator, rest = text.partition(_SEPARATOR)
    weights = _parse_weights(head) if separator else None
    steps = _parse_steps(text if weights is None else rest)
    if steps is None or (weights is None) != all(step["code"] in _ALONE for step in steps):
        return None, None
    if unlinked and steps[-1]["code"] == "below-auto":
        steps[-1] = steps[-1] | {"code": "below-review"}
    return weights, steps


def _parse_weights(text: str) -> dict[str, float] | None:
    keys = {label: f"{name}.{level}" for name, levels in _LABELS.items() for level, label in levels.items()}
    weights: dict[str, float] = {}
    for part in text.split(" ; ") if text != _NO_COMPARISON else ():
        match = re.fullmatch(r"(.+) ([+−])(\d+),(\d)", part)
        if match is None or match[1] not in keys:
            return None
        weight = float(f"{match[3]}.{match[4]}")
        weights[keys[match[1]]] = -weight if match[2] == "−" else weight
    return weights


def _parse_steps(text: str) -> list[_Step] | None:
    """Parse one step, or several: a title may hold the dash that parts them, so that every dash is tried."""
    if (step := _parse_step(text)) is not None:
        return [step]
    for dash in re.finditer(_SEPARATOR, text):
        head, tail = _parse_step(text[: dash.start()]), _parse_steps(text[dash.end() :])
        if head is not None and tail is not None:
            return [head, *tail]
    return None


def _parse_step(text: str) -> _Step | None:
    for code, template in _TEMPLATES.items():
        if code == "below-review":
            continue  # the same words as below-auto
        shortest = re.fullmatch(_build_pattern(template, False), text)
        longest = re.fullmatch(_build_pattern(template, True), text)
        if shortest and longest and shortest.groups() == longest.groups():  # else its parts cannot be told apart
            return {"code": code, "params": _convert_params(shortest.groupdict())}
    return None


def _build_pattern(template: str, greedy: bool) -> str:
    pieces = re.split(r"\{(\w+)\}", template)
    for place in range(0, len(pieces), 2):
        pieces[place] = re.escape(pieces[place])
    for place in range(1, len(pieces), 2):
        name = pieces[place]
        kinds = {"threshold": r"\d+,\d\d", "minutes": r"\d+|None", "year": r"\d+|None"}
        pattern = f"(?P<{name}>{kinds.get(name.rpartition('_')[2], '.*?')})"
        pieces[place] = _WORK.format(name) if name.endswith("_work") else pattern
    pattern = "".join(pieces)
    return pattern.replace("*?", "*").replace("+?", "+") if greedy else pattern


def _convert_params(texts: Mapping[str, str]) -> _Step:
    params: _Step = {}
    for name, text in texts.items():
        owner, _, fact = name.rpartition("_")
        if owner.endswith("_work"):
            params.setdefault(owner, {})[fact] = _convert_value(fact, text)
        else:
            params[name] = _convert_value(fact, text)
    return params


def _convert_value(fact: str, text: str) -> Any:
    if fact == "threshold":
        return float(text.replace(",", "."))
    if fact in ("minutes", "year"):
        return int(text) if text.isdigit() else None
    if fact == "directors":
        return text.split(", ") if text else []
    return _KINDS.get(text, text) if fact == "kind" else text


def _downgrade_decision(row: Mapping[str, Any], logins: Mapping[int, str]) -> _Step:
    who = row["author_label"]
    if row["author_kind"] == "agent":
        who = f"agent {logins[row['agent_id']]}"
    elif row["author_kind"] == "matcher":
        who = f"matcher {row['matcher_version']}"
    steps = [*row["earlier_reasons"], {"code": row["reason_code"], "params": row["reason_params"]}]
    sentences = [_format_step(step) for step in steps]
    if not any(step["code"] in {*_ALONE, "legacy"} for step in steps):
        sentences.insert(0, _format_weights(row["clues"]))
    return {"row_id": row["id"], "who": who, "reason": _SEPARATOR.join(sentences)}


def _downgrade_candidate(row: Mapping[str, Any]) -> _Step:
    clues = {key.partition(".")[0]: weight for key, weight in row["clues"].items()}
    step = {"code": row["reason_code"], "params": row["reason_params"]}
    reason = _format_weights(row["clues"]) if step["code"] == "comparisons" else _format_step(step)
    return {"row_id": row["id"], "clues": clues, "reason": reason}


def _downgrade_proposals(row: Mapping[str, Any]) -> _Step:
    proposals = []
    for stored in row["proposals"]:
        reason = {"reason_code": stored["reason"]["code"], "reason_params": stored["reason"]["params"]}
        former = _downgrade_candidate({"id": None, "clues": stored["clues"]} | reason)
        proposals.append(stored | {"clues": former["clues"], "reason": former["reason"]})
    return {"proposals": proposals}


def _format_weights(weights: Mapping[str, float]) -> str:
    parts = []
    for key, weight in weights.items():
        name, _, level = key.partition(".")
        sign, size = "+" if weight > 0 else "−", f"{abs(weight):.1f}".replace(".", ",")
        parts.append(f"{_LABELS.get(name, {}).get(level, key)} {sign}{size}")
    return " ; ".join(parts) or _NO_COMPARISON


def _format_step(step: Mapping[str, Any]) -> str:
    if step["code"] == "legacy":
        return str(step["params"]["text"])
    texts = {name: _format_value(name, value) for name, value in step["params"].items()}
    return _TEMPLATES[step["code"]].format(**texts)


def _format_value(name: str, value: Any) -> str:
    if name == "threshold":
        return f"{value:.2f}".replace(".", ",")
    if name.endswith("_work"):
        return f"{value['title']}, {value['year'] or 'sans année'}, n° {value['id']}"
    if name.endswith("_kind"):
        return next(label for label, kind in _KINDS.items() if kind == value)
    return ", ".join(value) if name.endswith("_directors") else str(value)
