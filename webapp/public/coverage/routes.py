"""Declare the addresses of the coverage pages and of their files."""

from flask import Blueprint

from webapp.public.coverage import monthly_report, summary, tables


def create_blueprint() -> Blueprint:
    """Return the blueprint `coverage`."""
    bp = Blueprint("coverage", __name__)
    bp.add_url_rule("/couverture", view_func=summary.show_coverage)
    bp.add_url_rule("/couverture.csv", view_func=summary.download_coverage)
    bp.add_url_rule("/couverture/tableaux", view_func=tables.list_tables)
    bp.add_url_rule("/couverture/tableaux/<key>", view_func=tables.show_table)
    bp.add_url_rule("/couverture/tableaux/<key>.<any(csv, xlsx):kind>", view_func=tables.download_table)
    bp.add_url_rule("/couverture/rapport", view_func=monthly_report.show_monthly_report)
    return bp
