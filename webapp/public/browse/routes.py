"""Declare the addresses of the lists, the services, the directors and the feeds."""

from flask import Blueprint

from webapp.core.context import FILM_ID_CONVERTER
from webapp.public.browse import directors, feeds, lists, services


def create_blueprint() -> Blueprint:
    """Return the blueprint `browse`."""
    bp = Blueprint("browse", __name__)
    bp.add_url_rule("/nouveautes", view_func=lists.list_new)
    bp.add_url_rule("/derniers-jours", view_func=lists.list_leaving)
    bp.add_url_rule("/gratuit", view_func=lists.list_free)
    bp.add_url_rule("/gratuit/bibliotheque", view_func=lists.list_library)
    bp.add_url_rule("/patrimoine", view_func=lists.list_heritage)
    bp.add_url_rule("/decennies", view_func=lists.list_decades)
    bp.add_url_rule("/decennies/<int(max=2100):start>", view_func=lists.show_decade)
    bp.add_url_rule("/services", view_func=services.list_services)
    bp.add_url_rule("/services/<slug>", view_func=services.show_service)
    bp.add_url_rule("/realisations/<slug>", view_func=directors.show_director)
    bp.add_url_rule("/nouveautes/atom.xml", view_func=feeds.show_new_feed)
    bp.add_url_rule("/derniers-jours/atom.xml", view_func=feeds.show_leaving_feed)
    bp.add_url_rule("/gratuit/atom.xml", view_func=feeds.show_free_feed)
    bp.add_url_rule("/patrimoine/atom.xml", view_func=feeds.show_heritage_feed)
    bp.add_url_rule("/services/<slug>/atom.xml", view_func=feeds.show_service_feed)
    bp.add_url_rule("/realisations/<slug>/atom.xml", view_func=feeds.show_director_feed)
    bp.add_url_rule(f"/films/<{FILM_ID_CONVERTER}:film_id>/atom.xml", view_func=feeds.show_film_feed)
    bp.add_url_rule(f"/films/<{FILM_ID_CONVERTER}:film_id>-<slug>/atom.xml", view_func=feeds.show_film_feed)
    return bp
