"""Run ten everyday searches on real data: `python -m bench.everyday --shared ../shared [--write]`.

The base of the CNC, the world base joined to it, and five catalogues collected from the replay and linked, by the command itself
(some minutes); then each search as the results page makes it, and where its first film can be seen. `--write` writes
docs/searches.md.
"""

import argparse
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from sqlmodel import Session, func, select
from werkzeug.datastructures import MultiDict

from domain.common.environment import ROOT
from domain.db.engine import create_db_engine, read_session
from domain.models.film import Film
from domain.models.offer import Offer
from domain.offers.availability import available_offers
from search.results import Results, search_films
from tests.real.rehearsal import PLATFORMS, Rehearsal, run_replay
from webapp.app import create_app
from webapp.core.formatting import format_count, format_long_date, format_number, typeset
from webapp.core.offer_labels import format_access
from webapp.core.search_params import parse_filters
from webapp.core.title_index import get_title_index

DOCUMENT = ROOT / "docs" / "searches.md"
_MAX_HITS = 3


@dataclass(frozen=True)
class Search:
    """Represent a search: what is typed, which boxes are ticked, what it tries, and what a person means by it."""

    query: str
    purpose: str
    expected: str
    filters: tuple[tuple[str, str], ...] = ()


SEARCHES = (
    Search("La grande vadrouile", "une lettre oubliée", "La Grande Vadrouille (1966)"),
    Search("amelie poulin", "ni accent, ni début du titre, un nom écorché", "Le Fabuleux Destin d’Amélie Poulain (2001)"),
    Search("seven samurai", "le titre anglais", "Les Sept Samouraïs (1954)"),
    Search("les 7 samourais", "le chiffre pour le mot, sans tréma", "Les Sept Samouraïs (1954)"),
    Search("truffaut 400 coups", "le nom et le titre mêlés, le nombre en chiffres", "Les Quatre Cents Coups (1959)"),
    Search("2001", "un nombre qui est un titre et une année", "2001, l’odyssée de l’espace (1968)"),
    Search("1984", "le même, en plus disputé", "1984 (1956, 1984)"),
    Search("film 2017", "une année", "des films de 2017"),
    Search("varda", "un nom, avec « avec ma bibliothèque »", "des films d’Agnès Varda", (("acces", "mediatheque"),)),
    Search("dune", "plusieurs films du même titre", "Dune (1984, 2021)"),
)


def build_database(shared: Path, stage: Rehearsal) -> None:
    """Fill the database; stop the bench when a command fails."""
    data = shared / "data"
    commands = [
        ["import", str(data / "cnc_base_original_layout.csv.gz"), "--layout", "cnc"],
        ["import", str(data / "reference.csv.gz"), "--layout", "films", "--source", "monde"],
    ]
    for words in commands:
        _check_command(stage.run_ouvoir(*words))
    for platform in PLATFORMS:
        _check_command(stage.crawl_platform(platform)[0])
    _check_command(stage.run_ouvoir("match"))


def _check_command(result: subprocess.CompletedProcess[str]) -> None:
    if result.returncode:
        raise SystemExit(result.stdout + result.stderr)


def format_search(session: Session, search: Search, at: datetime) -> Iterator[str]:
    """Format what a search gives, in lines of Markdown."""
    results = search_films(session, get_title_index, search.query, 1, at, parse_filters(session, MultiDict(search.filters)))
    ticked = "".join(f" (`{name}={value}`)" for name, value in search.filters)
    yield f"\n## « {search.query} »{ticked}\n"
    yield f"Essai : {search.purpose}. Attendu : {search.expected}.\n"
    yield f"{format_count(results.total, 'film')}{' au moins' if results.is_truncated else ''}.{_format_suggestion(results)}\n"
    for rank, hit in enumerate(results.hits[:_MAX_HITS], 1):
        accesses = ", ".join(format_access(access).lower() for access in hit.accesses) or "aucune offre connue"
        yield f"{rank}. {_format_film(hit.film)} : {accesses}"
    if results.hits:
        yield f"\n{_format_services(session, results.hits[0].film, at)}"


def _format_suggestion(results: Results) -> str:
    return f" Vouliez-vous dire « {typeset(results.suggested_title)} » ?" if results.suggested_title else ""


def _format_film(film: Film) -> str:
    facts = ", ".join(filter(None, (str(film.year or ""), " et ".join(film.directors[:2]))))
    return f"**{typeset(film.title)}** ({facts})"


def _format_services(session: Session, film: Film, at: datetime) -> str:
    names = dict.fromkeys(presence.platform.name for presence in available_offers(session, film.id, at))
    if not names:
        return "Page du premier : aucune offre légale connue à ce jour."
    return f"Page du premier : {', '.join(sorted(names))}."


def build_document(database: str) -> str:
    """Build the whole document."""
    at = datetime.now(UTC)
    engine = create_db_engine(database)
    with create_app(engine).test_request_context(), read_session(engine) as session:
        films, offers = (session.exec(select(func.count()).select_from(table)).one() for table in (Film, Offer))
        head = [
            "# Dix recherches de tous les jours\n",
            "Écrit par `python -m bench.everyday --shared ../shared --write` ; rien n’y est corrigé à la main.\n",
            f"Le {format_long_date(at)}, sur {format_number(films)} films : la base du CNC (export d’octobre 2024), à laquelle"
            f" une base mondiale est jointe ; et {format_number(offers)} offres de cinq catalogues rejoués sur cette machine."
            " « Ciné-site » est"
            " un service inventé sur une liste de titres réels. Sources des titres, années et noms : export du CNC publié par"
            " betagouv/audiodescription ; MovieLens 25M et extraits publics d’IMDb et de TMDB.",
        ]
        sections = chain.from_iterable(format_search(session, search, at) for search in SEARCHES)
        body = "\n".join(sections)
    engine.dispose()
    return "\n".join([*head, body]) + "\n"


def main() -> None:
    """Print, or write, the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="write docs/searches.md")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, run_replay(args.shared.resolve()) as addresses:
        stage = Rehearsal(addresses["control"], addresses["platforms"], f"sqlite:///{Path(scratch) / 'real.db'}")
        build_database(args.shared.resolve(), stage)
        document = build_document(stage.database)
    if args.write:
        DOCUMENT.write_text(document, "utf-8")
    print(document, end="")


if __name__ == "__main__":
    main()
