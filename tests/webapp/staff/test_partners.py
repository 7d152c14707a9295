"""Test the partners page."""

from datetime import date

from domain.db.engine import write_session
from domain.models.partner import PartnerCount
from domain.partners.counters import CountKey, add_counts
from domain.partners.partners import add_partner
from tests.domain.builders import make_film
from tests.webapp.staff.conftest import NOW, StaffClient

PAGE = "/agents/partenaires"


def test_agents_alone_see_every_partner(staff: StaffClient) -> None:
    assert staff.client.get(PAGE).status_code == 303
    with write_session(staff.engine) as session:
        session.add(make_film(1, "Playtime"))
        session.flush()
        counts: dict[tuple[CountKey, date], int] = {
            (("cinema.example", 1), date(2026, 11, 22)): 12,
            (("musee.example", 1), date(2026, 11, 2)): 3,
        }
        add_counts(session, PartnerCount, counts, "loads")
        add_partner(session, "musee.example", NOW)
    staff.sign_in()
    page = staff.client.get(PAGE).text
    assert page.index("cinema.example") < page.index("musee.example") and "novembre 2026" in page
    assert ">10<" in page and "moins de 5" in page and ">donnée<" in page and ">non<" in page
    assert "Aucun" not in page and staff.client.get(PAGE).headers["Cache-Control"] == "no-store"
    assert ">10<" not in staff.client.get(f"{PAGE}?mois=2026-10").text
    assert staff.client.get(f"{PAGE}?mois=1999-01").status_code == 400
