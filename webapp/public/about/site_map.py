"""The map of the site and the rules for robots, both drawn from the routes that exist."""

from flask import current_app, url_for

from webapp.core.i18n import ENGLISH, gettext

Section = tuple[str, list[tuple[str, str]]]
_DISALLOWED_PATHS = (
    *("/couverture/rapport", "/couverture/tableaux/"),
    *("/api/", "/editeurs/v1/", "/introuvable", "/liste", "/recherche", "/signalements/", "/signaler"),
    *("/sortie/", "/suggestions", "/widget/"),
)
_UNTRANSLATED_PATHS = ("/api/", "/editeurs/")


def _list_section_endpoints() -> list[tuple[str, dict[str, str]]]:
    """The pages of each section, by endpoint; a page that takes an argument is reached from one of these."""
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
    wrong = {
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
        (gettext("Ce qui ne va pas"), wrong),
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
    """Each section of the site with its pages: (title, address)."""
    there = current_app.view_functions
    return [
        (section, [(title, url_for(endpoint)) for endpoint, title in titles.items() if endpoint in there])
        for section, titles in _list_section_endpoints()
    ]


def build_robots_txt() -> str:
    """Film pages may be indexed; searches, forms and what leads elsewhere need not be, in either language."""
    closed = [prefix + path for path in _DISALLOWED_PATHS for prefix in ("", f"/{ENGLISH}")]
    lines = [
        f"Disallow: {path}" for path in closed if not path.startswith(tuple(f"/{ENGLISH}{one}" for one in _UNTRANSLATED_PATHS))
    ]
    maps = [
        url_for(endpoint, _external=True)
        for endpoint in ("sitemaps.show_sitemap_index",)
        if endpoint in current_app.view_functions
    ]
    return "\n".join(["User-agent: *", *lines, *(f"\nSitemap: {address}" for address in maps)]) + "\n"
