"""Messages are French as they are written, and English from the catalogue."""

from flask import Flask

from webapp.core.i18n import gettext, ngettext
from webapp.core.translations import CATALOG_FOLDER, compile_catalog


def test_french_is_as_written_and_its_plural_starts_at_two(app: Flask) -> None:
    with app.test_request_context("/"):
        assert gettext("Location") == "Location"
        assert [ngettext("film", "films", count) for count in (0, 1, 2)] == ["film", "film", "films"]


def test_outside_of_an_application_messages_are_french() -> None:
    assert gettext("Location") == "Location" and ngettext("film", "films", 0) == "film"


def test_english_comes_from_the_catalogue_with_its_own_plural(app: Flask) -> None:
    with app.test_request_context("/", environ_overrides={"ouvoir.language": "en"}):
        assert gettext("Location") == "Rental"
        assert [ngettext("film", "films", count) for count in (0, 1, 2)] == ["films", "film", "films"]
        assert gettext("Ce message n’existe pas") == "Ce message n’existe pas"


def test_the_catalogue_is_compiled_in_memory() -> None:
    assert compile_catalog(CATALOG_FOLDER, "en").gettext("Achat") == "Purchase"
    assert [path.suffix for path in CATALOG_FOLDER.rglob("*") if path.is_file()] == [".po"], "no compiled file to keep up to date"
