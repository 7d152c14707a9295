"""Build the map of the site and the rules for robots from the routes that exist."""

from collections.abc import Mapping

from flask import current_app, url_for

from webapp.core.i18n import ENGLISH, gettext

Section = tuple[str, list[tuple[str, str]]]
_DISALLOWED_PATHS = (
    "/couverture/rapport",
    "/couverture/tableaux/",
    "/api/",
    "/editeurs/v1/",
    "/introuvable",
    "/liste",
    "/recherche",
    "/signalements/",
    "/signaler",
    "/sortie/",
    "/suggestions",
    "/widget/",
)
_UNTRANSLATED_PATHS = ("/api/", "/editeurs/")


def _list_section_endpoints() -> list[tuple[str, dict[str, str]]]:
    """Return the titles of each section's pages, by endpoint; a page that takes an argument is reached from one of these."""
    films = {
        "films.show_home": gettext("Chercher un film"),
        "browse.list_new": gettext("Nouveautés"),
        "browse.list_leaving": gettext("Derniers jours"),
        "browse.list_free": gettext("Gratuit en ce moment"),
        "browse.list_library": gettext("Gratuit avec une bibliothèque"),
        "browse.list_heritage": gettext("Films de patrimoine"),
        "browse.list_decades": gettext("Par décennie"),
        "browse.list_services": gettext("Les services"),
        "lists.show_list_form": gettext("Toute une liste à la fois"),
        "windows.list_rules": gettext("Délais après la sortie en salle"),
    }
    corrections = {
        "reports.show_report_form": gettext("Signaler une erreur"),
        "reports.show_missing_form": gettext("Film introuvable"),
        "reports.show_report_statistics": gettext("Suivre un signalement"),
    }
    site = {
        "about.show_method": gettext("Méthode"),
        "about.list_changes": gettext("Nouveautés du site"),
        "about.show_contact": gettext("Contact"),
        "about.show_legal_notice": gettext("Mentions légales"),
        "about.show_privacy": gettext("Données personnelles"),
        "about.show_accessibility": gettext("Accessibilité"),
        "about.show_ecodesign": gettext("Écoconception"),
    }
    return [
        (gettext("Films"), films),
        (gettext("Ce qui ne va pas"), corrections),
        (gettext("Partenaires"), _get_partner_endpoints()),
        (gettext("Le site"), site),
    ]


def _get_partner_endpoints() -> dict[str, str]:
    return {
        "coverage.show_coverage": gettext("Couverture"),
        "coverage.list_tables": gettext("Tableaux de couverture"),
        "coverage.show_monthly_report": gettext("Rapport de couverture"),
        "open_data.show_latest": gettext("Données ouvertes"),
        "widget.show_integration": gettext("Intégrer sur un autre site"),
        "api_guide.show_guide": "API",
        "reconcile.show_guide": gettext("Rapprocher une liste"),
        "editors.show_form": gettext("Éditeurs de services"),
    }


def list_sections() -> list[Section]:
    """Return each section of the site with its pages, as (title, path)."""
    return [(section, _list_pages(titles)) for section, titles in _list_section_endpoints()]


def _list_pages(titles: Mapping[str, str]) -> list[tuple[str, str]]:
    views = current_app.view_functions
    return [(title, url_for(endpoint)) for endpoint, title in titles.items() if endpoint in views]


def build_robots_txt() -> str:
    """Return robots.txt: film pages may be indexed; searches, forms and what leads elsewhere need not be, in either language."""
    rules = ["User-agent: *"]
    for path in _DISALLOWED_PATHS:
        rules.append(f"Disallow: {path}")
        if not path.startswith(_UNTRANSLATED_PATHS):
            rules.append(f"Disallow: /{ENGLISH}{path}")
    sitemap_url = url_for("sitemaps.show_sitemap_index", _external=True)
    return "\n".join([*rules, f"\nSitemap: {sitemap_url}"]) + "\n"
