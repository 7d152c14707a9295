"""One address at least of every kind of public page, over the scene."""

REPORT = "R-7K3-9FQ"
FILM, FILM_WITHOUT_OFFER, OUTBOUND_LINK = "/films/1-la-grande-vadrouille", "/films/2-le-guepard", "/sortie/11"
SEARCH_PAGES = ["/recherche", "/recherche?q=dune", "/recherche?q=xyzzy", "/recherche?disponible=1", "/recherche?q=vadrouile"]
FILM_PAGES = [FILM, FILM_WITHOUT_OFFER, "/films/5", "/films/3-dune", "/en/films/1-la-grande-vadrouille", OUTBOUND_LINK]
BROWSE_PAGES = [
    "/nouveautes",
    "/derniers-jours",
    "/gratuit",
    "/gratuit/bibliotheque",
    "/patrimoine",
    "/decennies",
    "/decennies/1960",
]
BROWSE_PAGES += ["/services", "/services/cine", "/realisations/gerard-oury", "/liste", "/fenetres", "/couverture"]
BROWSE_PAGES += [
    "/couverture/tableaux",
    "/couverture/tableaux/t2",
    "/couverture/tableaux/t13?avec=2026-11-21",
    "/couverture/rapport",
]
INFORMATION_PAGES = [
    "/methode",
    "/accessibilite",
    "/ecoconception",
    "/mentions-legales",
    "/donnees-personnelles",
    "/contact",
    "/plan-du-site",
]
INFORMATION_PAGES += [
    "/nouveautes-du-site",
    "/rapprocher",
    "/rapprocher/apercu/1",
    "/integrer",
    "/editeurs/",
    "/widget/1",
    "/widget/2",
    "/nulle-part",
]
INFORMATION_PAGES += ["/donnees"]
INFORMATION_PAGES += [
    "/widget/imdb:tt0060474?theme=dark",
    "/widget/imdb:tt9999999",
    "/integrer?film=1&forme=frame&theme=dark",
    "/integrer?film=x",
]
INFORMATION_PAGES += ["/api"]
REPORT_PAGES = ["/signaler", "/signaler?film=1&offre=1", "/introuvable", "/signalements", f"/signalements/{REPORT}"]
PAGES = ["/", *SEARCH_PAGES, *FILM_PAGES, *BROWSE_PAGES, *INFORMATION_PAGES, *REPORT_PAGES]
"""Each is a page that a person may read, whatever its status."""

FOR_PROGRAMS = {
    *(
        "about.show_matcher_report",
        "about.show_robots_txt",
        "about.show_security_txt",
        "coverage.download_coverage",
        "search.show_opensearch",
        "search.list_suggestions",
    ),
    *(
        "coverage.download_table",
        "oembed.show_oembed",
        "sitemaps.show_sitemap_index",
        "sitemaps.show_sitemap",
        "static",
        "windows.download_calendar",
    ),
    *("open_data.download_file", "open_data.show_day", "open_data_catalogue.show_catalogue"),
    *("widget.show_latest_script", "widget.show_figures", "widget.show_film", "widget.show_script_version"),
}
"""What answers something else than a page, or a page that one partner alone knows.

Feeds, the API and the editors' door are known by their addresses.
"""
NOT_PUBLIC = ("/agents/", "/api/", "/editeurs/v1/")
