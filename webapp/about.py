"""What the site owes its readers: its method, its accessibility, its rules for robots."""

from flask import Blueprint, Response, render_template

pages = Blueprint("about", __name__)
_ROBOTS = "User-agent: *\nDisallow: /api/\nDisallow: /recherche\nDisallow: /widget/\nDisallow: /editeurs/v1/\n"


@pages.get("/methode")
def method() -> str:
    """How catalogues are collected, linked and ordered."""
    return render_template("about/method.html")


@pages.get("/accessibilite")
def accessibility() -> str:
    """The state of accessibility, as it is."""
    return render_template("about/accessibility.html")


@pages.get("/robots.txt")
def robots() -> Response:
    """Film pages may be indexed; searches need not be."""
    return Response(_ROBOTS, mimetype="text/plain")
