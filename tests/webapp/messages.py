"""The messages of the public site: those of its templates and modules, and the words that are looked up by name."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.extract import extract
from jinja2 import Environment, nodes

from domain.windows.rules import get_window_rules
from webapp import app
from webapp.core.offer_labels import ACCESS_LABELS

WEBAPP_FOLDER = Path(app.__file__).parent
TEMPLATES = WEBAPP_FOLDER / "templates"
_NOT_PUBLIC = ("staff", "editors")
_JINJA = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True)
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
_TRIMMED = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"}

Message = tuple[str, str | None]


def list_public_files(folder: Path, *suffixes: str) -> list[Path]:
    """List the files of the public site, in which agents' and editors' pages have no part."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in suffixes and not set(_NOT_PUBLIC) & set(path.parts))
    assert paths
    return paths


def list_messages() -> dict[str, str | None]:
    """List every French message of the public site, with its plural where it has one."""
    named = [(label, None) for label in (*ACCESS_LABELS.values(), *(rule.exploitation for rule in get_window_rules()))]
    messages: dict[str, str | None] = {}
    for singular, plural in (*named, *_extract_from_templates(), *_extract_from_modules()):
        messages[singular] = plural or messages.get(singular)
    return messages


def _extract_from_templates() -> Iterator[Message]:
    for path in list_public_files(TEMPLATES, ".html", ".xml"):
        with path.open("rb") as file:
            for _, message, _, _ in extract("jinja2.ext:babel_extract", file, _KEYWORDS, options=_TRIMMED):
                yield (message, None) if isinstance(message, str) else (message[0], message[1])
        for node in _JINJA.parse(path.read_text("utf-8")).find_all(nodes.Filter):
            if node.name == "format_count":
                yield from _extract_count_words(node.args)


def _extract_from_modules() -> Iterator[Message]:
    """Read with Python's own parser: Babel's extractor does not see calls within f-strings before Python 3.12."""
    for path in list_public_files(WEBAPP_FOLDER, ".py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id == "gettext" and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value), None
            elif node.func.id == "format_count":
                yield from _extract_count_words(node.args[1:])


def _extract_count_words(arguments: Sequence[nodes.Expr] | Sequence[ast.expr]) -> Iterator[Message]:
    """Yield the words given to `format_count`: a singular, and a plural or none, which is then the singular with an « s »."""
    words = [word for word in (getattr(argument, "value", None) for argument in arguments) if isinstance(word, str)]
    if words:
        yield words[0], words[1] if words[1:] else f"{words[0]}s"
