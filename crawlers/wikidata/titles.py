"""List the titles of an item: original and of release by language, then aliases and transliterations, each once."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from crawlers.wikidata.statements import Facts, Statement
from domain.common.enums import TitleKind
from domain.common.text import clean_text
from domain.common.titles import build_title_key
from domain.films.formats import RecordTitle
from domain.films.title_rows import is_usable_title

NAME_LANGUAGES = ("fr", "mul", "en")
"""The languages of names, the best first; since 2024 a name that is the same everywhere stands under « mul »."""
_MAX_TITLES = 30
_MAX_TEXT_LENGTH = 300
_UNSPECIFIED_LANGUAGES = ("", "mul", "und", "mis", "zxx")
_LANGUAGE = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8}){0,2}")
_QUALIFIER = re.compile(r"\s*\((?:\d{4} )?(?:film|movie|téléfilm|court[- ]métrage)(?:,? (?:de )?\d{4})?\)$", re.IGNORECASE)
"""What tells a page of Wikipedia from others: « (film, 1958) », « (1958 film) »."""
_ROMANISED_LANGUAGE = re.compile(r"[a-z]{2,8}-latn\b.*")
_LATIN_LETTER = re.compile(r"[A-Za-zÀ-ɏ]")


def clean_texts(statements: Iterable[Statement]) -> list[str]:
    """Return the texts of statements, cleaned, each once, without those that are empty or too long."""
    texts = (clean_text(statement.text[: _MAX_TEXT_LENGTH * 2]) for statement in statements)
    return list(dict.fromkeys(text for text in texts if 0 < len(text) <= _MAX_TEXT_LENGTH))


def pick_by_language(statements: Iterable[Statement]) -> dict[str, str]:
    """Return the first text in each language of names, French first."""
    first_texts: dict[str, str] = {}
    for statement in statements:
        for text in clean_texts([statement]):
            first_texts.setdefault(statement.language, text)
    return {language: first_texts[language] for language in NAME_LANGUAGES if language in first_texts}


def list_titles(facts: Facts) -> list[RecordTitle]:
    """Return the titles of an item, those that say most first, at most thirty.

    They are in French, English or a language of the film; those of other languages serve only to transliterate an original
    title of another script, and only where two languages write it alike: a translation is rarely the same in two.
    """
    titles: dict[str, RecordTitle] = {}
    for title in _iter_titles(facts):
        titles.setdefault(build_title_key(title.title), title)
    return list(titles.values())[:_MAX_TITLES]


def _iter_titles(facts: Facts) -> Iterator[RecordTitle]:
    kind = TitleKind.ORIGINAL
    for statement in facts["original"]:
        for title in _make_titles([statement], kind):
            yield title
            kind = TitleKind.ALTERNATIVE
    languages = _list_languages(facts)
    yield from _make_titles(_order_by_language(facts["label"], languages), TitleKind.ALTERNATIVE)
    yield from _make_titles(_order_by_language(facts["alias"], languages), TitleKind.ALIAS)
    if _has_foreign_script(facts):
        yield from _list_transliterations(facts["label"], languages)


def _list_languages(facts: Facts) -> list[str]:
    """Return the languages of which titles are wanted: those of names, then the film's own."""
    own_languages = (_get_base_language(statement.language) for statement in facts["original"])
    return list(dict.fromkeys((*NAME_LANGUAGES, *own_languages)))


def _get_base_language(language: str) -> str:
    return language.partition("-")[0]


def _order_by_language(statements: Iterable[Statement], languages: list[str]) -> list[Statement]:
    """Return the statements in these languages, in their order, each language before its variants: « en », then « en-gb »."""
    wanted = [statement for statement in statements if _get_base_language(statement.language) in languages]

    def rank(statement: Statement) -> tuple[int, bool]:
        base_language = _get_base_language(statement.language)
        return languages.index(base_language), statement.language != base_language

    return sorted(wanted, key=rank)


def _make_titles(statements: Iterable[Statement], kind: TitleKind) -> Iterator[RecordTitle]:
    for statement in statements:
        for text in clean_texts([statement]):
            title = _QUALIFIER.sub("", text)
            if is_usable_title(title):
                language = _parse_language(statement.language)
                if language and kind is TitleKind.ORIGINAL:
                    language = _get_base_language(language)  # a film « in fr-ca » is in French, for quotas too
                yield RecordTitle(title=title, kind=kind, language=language)


def _parse_language(written: str) -> str | None:
    """Return the language of a text; None when it has none, or when it is ill formed."""
    if written in _UNSPECIFIED_LANGUAGES or not _LANGUAGE.fullmatch(written):
        return None
    return written


def _has_foreign_script(facts: Facts) -> bool:
    """Tell whether the original title is written in another script than ours."""
    originals = clean_texts(facts["original"])
    return bool(originals) and not any(map(_LATIN_LETTER.search, originals))


def _list_transliterations(labels: Iterable[Statement], languages: list[str]) -> Iterator[RecordTitle]:
    """Yield the titles in our script that a romanised form of a language gives, or two other languages at least."""
    labels_by_key: defaultdict[str, list[Statement]] = defaultdict(list)
    for label in labels:
        if _get_base_language(label.language) not in languages and _LATIN_LETTER.search(label.text):
            labels_by_key[build_title_key(label.text)].append(label)
    for alike in labels_by_key.values():
        if len({label.language for label in alike}) > 1 or _ROMANISED_LANGUAGE.fullmatch(alike[0].language):
            yield from _make_titles([alike[0]._replace(language="")], TitleKind.ALIAS)
