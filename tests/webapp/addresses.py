"""One address at least of every kind of public page, over the scene."""

REPORT = "R-7K3-9FQ"
FILM, ABSENT, OVER = "/films/1-la-grande-vadrouille", "/films/2-le-guepard", "/sortie/11"
SEARCHES = ["/recherche", "/recherche?q=dune", "/recherche?q=xyzzy", "/recherche?disponible=1", "/recherche?q=vadrouile"]
FILMS = [FILM, ABSENT, "/films/5", "/films/3-dune", "/en/films/1-la-grande-vadrouille", OVER]
BROWSED = ["/nouveautes", "/derniers-jours", "/gratuit", "/gratuit/bibliotheque", "/patrimoine", "/decennies", "/decennies/1960"]
BROWSED += ["/services", "/services/cine", "/realisations/gerard-oury", "/liste", "/fenetres", "/couverture"]
BROWSED += ["/couverture/tableaux", "/couverture/tableaux/t2", "/couverture/tableaux/t13?avec=2026-11-21", "/couverture/rapport"]
OWED = ["/methode", "/accessibilite", "/ecoconception", "/mentions-legales", "/donnees-personnelles", "/contact", "/plan-du-site"]
OWED += [
    "/nouveautes-du-site",
    "/rapprocher",
    "/rapprocher/apercu/1",
    "/integrer",
    "/editeurs/",
    "/widget/1",
    "/widget/2",
    "/nulle-part",
]
OWED += ["/donnees"]
OWED += [
    "/widget/imdb:tt0060474?theme=dark",
    "/widget/imdb:tt9999999",
    "/integrer?film=1&forme=frame&theme=dark",
    "/integrer?film=x",
]
OWED += ["/api"]
ASKED = ["/signaler", "/signaler?film=1&offre=1", "/introuvable", "/signalements", f"/signalements/{REPORT}"]
PAGES = ["/", *SEARCHES, *FILMS, *BROWSED, *OWED, *ASKED]
"""Each is a page that a person may read, whatever its status."""

FOR_PROGRAMS = {
    *("about.report", "about.robots", "about.security", "coverage.table", "search.description", "search.suggestions"),
    *("coverage.file", "oembed.answer", "sitemaps.index", "sitemaps.part", "static", "windows.calendar"),
    *("open_data.file", "open_data.of_day", "open_data_catalogue.catalogue"),
    *("widget.element", "widget.figures", "widget.film", "widget.version"),
}
"""What answers something else than a page, or a page that one partner alone knows.

Feeds, the API and the editors' door are known by their addresses.
"""
NOT_PUBLIC = ("/agents/", "/api/", "/editeurs/v1/")
