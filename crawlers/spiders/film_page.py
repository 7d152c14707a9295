"""Read one film page: its film, the values that its HTML alone holds, and the text that says that the film left."""

from html import unescape
from typing import Any
from urllib.parse import urlsplit

from lxml import etree  # type: ignore[import-untyped]
from parsel.csstranslator import HTMLTranslator
from scrapy.http import HtmlResponse, Response

from crawlers.extract.embedded_state import extract_film_from_state
from crawlers.extract.structured_data import extract_film
from crawlers.platform_files.sources import PageSource
from domain.common.text import format_count


class UnreadableDataError(ValueError):
    """Report the data of a page that cannot be read; its text says why, in French."""


class FilmPageReader:
    """Read the film pages of a site with the rules of its source."""

    def __init__(self, source: PageSource) -> None:
        self._source = source
        translator = HTMLTranslator()
        self._xpaths = {name: etree.XPath(translator.css_to_xpath(path)) for name, path in source.css.items()}

    def extract_film(self, response: HtmlResponse) -> tuple[dict[str, Any] | None, str]:
        """Return the film of a page, None when it describes none, and in French what could not be read beside it.

        Raises UnreadableDataError when the state that the page embeds cannot be read.
        """
        if self._source.state is None:
            film, broken_count = extract_film(response.selector, response.url)
            if broken_count:
                return film, f"JSON-LD, {format_count(broken_count, 'bloc illisible')}"
            return film, ""
        try:
            return extract_film_from_state(response.selector, self._source), ""
        except ValueError as error:
            raise UnreadableDataError(f"état de la page illisible ({error})") from None

    def build_context(self, response: HtmlResponse, url: str) -> dict[str, Any]:
        """Return the page's address and number, and the values of the CSS selectors; `url` is the page's in the sitemap."""
        root = response.selector.root
        values = {name: [_get_node_text(node) for node in xpath(root)] for name, xpath in self._xpaths.items()}
        return {"page": {"url": response.url, "ref": self.get_ref(url)}, "css": values}

    def get_ref(self, url: str) -> str:
        """Return the platform's number in a page's address, or its path."""
        match = self._source.pages.search(url)
        if match and match.groupdict().get("ref"):
            return match["ref"]
        return urlsplit(url).path

    def has_gone_text(self, response: Response) -> bool:
        """Tell whether the page holds the text that says that its film left."""
        gone = self._source.gone
        return gone is not None and isinstance(response, HtmlResponse) and gone in response.text

    def has_escaped_gone_text(self, response: Response) -> bool:
        """Tell the same of the page once its HTML entities are read."""
        gone = self._source.gone
        return gone is not None and isinstance(response, HtmlResponse) and gone in unescape(response.text)


def _get_node_text(node: Any) -> str:
    if isinstance(node, str):
        return str(node).strip()
    source: str = etree.tostring(node, encoding="unicode", with_tail=False)
    return source.strip()
