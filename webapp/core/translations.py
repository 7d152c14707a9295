"""Load the catalogues of translations: French messages as they are written, other languages from their .po files."""

from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale  # type: ignore[import-untyped]

FRENCH = "fr"
CATALOG_FOLDER = Path(__file__).parents[1] / "translations"


class FrenchTranslations(NullTranslations):
    """Return messages as the code writes them; the French plural starts at two, where gettext's fallback has it for zero too."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the plural form from two on."""
        return msgid1 if n < 2 else msgid2

    ungettext = ngettext


class PoDomain(Domain):  # type: ignore[misc]
    """Compile each language's `messages.po` in memory the first time a page needs it: a clone and a wheel hold no built file."""

    def __init__(self, folder: Path = CATALOG_FOLDER) -> None:
        super().__init__(str(folder))
        self._folder = folder

    def get_translations(self) -> NullTranslations:
        """Return the translations of the current page's language; each application compiles a language once."""
        language: str = get_locale().language
        if language not in self.cache:
            self.cache[language] = FrenchTranslations() if language == FRENCH else compile_catalog(self._folder, language)
        translations: NullTranslations = self.cache[language]
        return translations


def compile_catalog(folder: Path, language: str) -> Translations:
    """Return the compiled catalogue `<language>/LC_MESSAGES/messages.po` of a folder."""
    with (folder / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
