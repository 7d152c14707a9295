"""Test whether the order of services favours any: `python -m bench.order [--renders 10000]`.

The page of a film at eight services (bench.site), rendered at successive five-minute periods by the whole application; the
services are those of one access, so that the page shows all eight in one list. For each rank, how often each service had it, and
for each pair how often the one stood before the other, against chance: chi-squared, rejected when p is under 5 %. There are
28 pairs: the count of those under 5 % is told with the smallest p times 28 (Bonferroni). Periods start on 1 January 2027.
"""

import argparse
import re
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import time_machine
from scipy.stats import chisquare
from sqlalchemy import Engine

from domain.common.enums import Access
from domain.db.engine import create_db_engine, write_session
from domain.db.migrate import upgrade
from domain.offers.neutral_order import PERIOD_SECONDS, sort_in_neutral_order
from tests.scene import add_film, add_service, make_offer
from webapp.app import create_app

_FILM_ID, _SERVICES, _SIGNIFICANCE = 1, 8, 0.05
_START = datetime(2027, 1, 1, tzinfo=UTC)
_SERVICE_PATTERN = re.compile(r'class="service"[^>]*>Service ([0-9])')


def make_film(engine: Engine) -> None:
    """Store a film that eight services rent at eight prices."""
    upgrade(engine)
    at = _START - timedelta(hours=1)
    with write_session(engine) as session:
        add_film(session, _FILM_ID, "Le Film aux huit services", year=1966)
        for service_id in range(_SERVICES):
            offer = make_offer(Access.RENT, 199 + 50 * service_id, url=f"https://service-{service_id}.example/film")
            add_service(session, f"service-{service_id}", f"Service {service_id}", at, {_FILM_ID: [offer]})


def render_orders(engine: Engine, renders: int) -> list[tuple[int, ...]]:
    """Return the order of the services on each page; stop the bench when it is not the one that anyone can recompute."""
    client, orders = create_app(engine).test_client(), []
    for turn in range(renders):
        at = _START + timedelta(seconds=turn * PERIOD_SECONDS)
        with time_machine.travel(at, tick=False):
            page = client.get(f"/films/{_FILM_ID}-le-film-aux-huit-services").get_data(as_text=True)
        order = tuple(map(int, _SERVICE_PATTERN.findall(page)))
        if order != tuple(sort_in_neutral_order(range(_SERVICES), _FILM_ID, at, lambda service_id: f"service-{service_id}")):
            raise SystemExit(f"{at}: the page shows {order}, which is not the order drawn")
        orders.append(order)
    return orders


def report_chance(orders: list[tuple[int, ...]]) -> bool:
    """Print the table, and tell whether chance explains every rank and every pair."""
    smallest_pvalue = _report_ranks(orders)
    corrected_pvalue = _report_pairs(orders)
    print(f"{len(orders)} renders; smallest p of the ranks {smallest_pvalue:.3f} (aim: 0.05 at least, for each)")
    return smallest_pvalue >= _SIGNIFICANCE and corrected_pvalue >= _SIGNIFICANCE


def _report_ranks(orders: list[tuple[int, ...]]) -> float:
    """Print how often each service had each rank, and return the smallest p."""
    heading = "  ".join(f"service {service_id}" for service_id in range(_SERVICES))
    print(f"rank   {heading}   chi-squared      p")
    smallest_pvalue = 1.0
    for rank in range(_SERVICES):
        service_counts = Counter(order[rank] for order in orders)
        counts = [service_counts[service_id] for service_id in range(_SERVICES)]
        tested = chisquare(counts)
        smallest_pvalue = min(smallest_pvalue, tested.pvalue)
        cells = "  ".join(f"{count:9}" for count in counts)
        print(f"{rank + 1:4}   {cells}   {tested.statistic:11.2f}  {tested.pvalue:5.3f}")
    return smallest_pvalue


def _report_pairs(orders: list[tuple[int, ...]]) -> float:
    """Print how often a service stood before another, and return the smallest p of the pairs, corrected for their number."""
    shares, pvalues = [], []
    for first, second in combinations(range(_SERVICES), 2):
        before = sum(order.index(first) < order.index(second) for order in orders)
        shares.append(before / len(orders))
        pvalues.append(chisquare([before, len(orders) - before]).pvalue)
    rejected = sum(pvalue < _SIGNIFICANCE for pvalue in pvalues)
    corrected_pvalue = min(1.0, min(pvalues) * len(pvalues))
    print(f"pairs: {min(shares):.3f} to {max(shares):.3f} of the time before the other;", end=" ")
    print(f"{rejected} of {len(pvalues)} under 5 %, smallest p times {len(pvalues)}: {corrected_pvalue:.3f}")
    return float(corrected_pvalue)


def main() -> None:
    """Render, then report; exit with status 1 when chance does not explain what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--renders", type=int, default=10_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        engine = create_db_engine(f"sqlite:///{Path(scratch) / 'order.db'}")
        make_film(engine)
        orders = render_orders(engine, args.renders)
        engine.dispose()
    raise SystemExit(not report_chance(orders))


if __name__ == "__main__":
    main()
