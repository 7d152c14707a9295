"""Declare the addresses of the block, of its script and data, and of partners' pages."""

from flask import Blueprint

from domain.common.identifiers import ALL_SCHEMES
from webapp.core.context import FILM_ID_CONVERTER
from webapp.embed import data, frame, integrate, partner_stats, releases


def create_blueprint() -> Blueprint:
    """Return the blueprint `widget`."""
    bp = Blueprint("widget", __name__)
    bp.add_url_rule("/widget/v1/film.json", view_func=data.show_film)
    bp.add_url_rule("/widget/v1/ouvoir.js", view_func=releases.show_latest_script)
    bp.add_url_rule("/widget/<version>/ouvoir.js", view_func=releases.show_script_version)
    bp.add_url_rule(f"/widget/<{FILM_ID_CONVERTER}:film_id>", "frame", frame.show_frame)
    bp.add_url_rule(f"/widget/<any({', '.join(ALL_SCHEMES)}):scheme>:<path:value>", "frame", frame.show_frame)
    bp.add_url_rule("/integrer", view_func=integrate.show_integration)
    bp.add_url_rule("/partenaires/<secret>", view_func=partner_stats.show_figures)
    bp.add_app_template_filter(partner_stats.format_rounded_count)
    bp.app_url_defaults(frame.add_partner_to_exits)
    return bp
