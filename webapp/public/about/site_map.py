"""The map of the site and the rules for robots, both drawn from the routes that exist."""

from flask import current_app, url_for

from webapp.core.i18n import ENGLISH, gettext

Section = tuple[str, list[tuple[str, str]]]
_CLOSED_TO_ROBOTS = (
    *("/couverture/rapport", "/couverture/tableaux/"),
    *("/api/", "/editeurs/v1/", "/introuvable", "/liste", "/recherche", "/signalements/", "/signaler"),
    *("/sortie/", "/suggestions", "/widget/"),
)
_ONE_ADDRESS = ("/api/", "/editeurs/")


def _titles() -> list[tuple[str, dict[str, str]]]:
    """The pages of each section, by endpoint; a page that takes an argument is reached from one of these."""
    films = {
        "films.home": gettext("Chercher un film"),
        "browse.new": gettext("Nouveautés"),
        "browse.leaving": gettext("Derniers jours"),
        "browse.free": gettext("Gratuit en ce moment"),
        "browse.library": gettext("Gratuit avec une bibliothèque"),
        "browse.heritage": gettext("Films de patrimoine"),
        "browse.decades": gettext("Par décennie"),
        "browse.services": gettext("Les services"),
        "lists.form": gettext("Toute une liste à la fois"),
        "windows.rules": gettext("Délais après la sortie en salle"),
    }
    wrong = {
        "reports.form": gettext("Signaler une erreur"),
        "reports.missing": gettext("Film introuvable"),
        "reports.treatment": gettext("Suivre un signalement"),
    }
    site = {
        "about.method": gettext("Méthode"),
        "about.changes": gettext("Nouveautés du site"),
        "about.contact": gettext("Contact"),
        "about.legal": gettext("Mentions légales"),
        "about.privacy": gettext("Données personnelles"),
        "about.accessibility": gettext("Accessibilité"),
        "about.ecodesign": gettext("Écoconception"),
    }
    return [
        (gettext("Films"), films),
        (gettext("Ce qui ne va pas"), wrong),
        (gettext("Partenaires"), _for_partners()),
        (gettext("Le site"), site),
    ]


def _for_partners() -> dict[str, str]:
    return {
        "coverage.report": gettext("Couverture"),
        "coverage.all_tables": gettext("Tableaux de couverture"),
        "coverage.monthly": gettext("Rapport de couverture"),
        "open_data.latest": gettext("Données ouvertes"),
        "widget.integrate": gettext("Intégrer sur un autre site"),
        "api_guide.guide": "API",
        "reconcile.guide": gettext("Rapprocher une liste"),
        "editors.desk": gettext("Éditeurs de services"),
    }


def sections() -> list[Section]:
    """Each section of the site with its pages: (title, address)."""
    there = current_app.view_functions
    return [
        (section, [(title, url_for(endpoint)) for endpoint, title in titles.items() if endpoint in there])
        for section, titles in _titles()
    ]


def robots_text() -> str:
    """Film pages may be indexed; searches, forms and what leads elsewhere need not be, in either language."""
    closed = [prefix + path for path in _CLOSED_TO_ROBOTS for prefix in ("", f"/{ENGLISH}")]
    lines = [f"Disallow: {path}" for path in closed if not path.startswith(tuple(f"/{ENGLISH}{one}" for one in _ONE_ADDRESS))]
    maps = [url_for(endpoint, _external=True) for endpoint in ("sitemaps.index",) if endpoint in current_app.view_functions]
    return "\n".join(["User-agent: *", *lines, *(f"\nSitemap: {address}" for address in maps)]) + "\n"
