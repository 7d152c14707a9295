"""T8, T9, T13 and their neighbours, computed by hand on ten films."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.enums import Access
from domain.coverage.as_of import was_available
from domain.coverage.european_share import QuotaShares, get_thresholds
from domain.coverage.registry import count_table
from domain.coverage.schema import CountryRule, Filters, Knowledge, LanguageRule
from domain.db.engine import write_session
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.platform import Platform
from tests.domain.coverage.scene import AS_OF, DAY, build_scene, count_rows


@pytest.fixture(scope="module")
def filled_engine(module_engine: Engine) -> Engine:
    with write_session(module_engine) as session:
        build_scene(session)
    return module_engine


@pytest.fixture
def session(filled_engine: Engine) -> Iterator[Session]:
    """Open a session whose writes no other test sees."""
    with write_session(filled_engine) as session:
        yield session
        session.rollback()


def test_films_by_number_of_services(session: Session) -> None:
    """Films 1 and 3 are at all three; 4, 8, 9 and 10 at one; the four others nowhere."""
    assert count_rows(session, "t8") == (
        ("0", 4, 0.4, None),
        ("1", 4, 0.4, 4 / 6),
        ("2", 0, 0.0, 0.0),
        ("3 à 5", 2, 0.2, 2 / 6),
        ("plus de 5", 0, 0.0, 0.0),
        ("Ensemble", 10, 1.0, 1.0),
    )


def test_rate_by_year_of_release(session: Session) -> None:
    """In 2024 films 1 to 4 came out, and 2 is nowhere; in 2023 none of three is there; in 1961 film 10 is."""
    table = count_table(session, "t9", AS_OF)
    assert table.body.rows == (("Ensemble", 8, 4, 0.5), ("2024", 4, 3, 0.75), ("2023", 3, 0, 0.0), ("1961", 1, 1, 1.0))
    assert table.body.unknown == 2, "films 8 and 9 have no release date"


def test_rate_by_nationality_and_admissions(session: Session) -> None:
    assert count_rows(session, "t9-detail")[:5] == (
        ("2024", "France", "moins de 10 000", 1, 0, 0.0),
        ("2024", "France", "plus de 1 million", 1, 1, 1.0),
        ("2024", "États-Unis", "500 000 à 1 million", 1, 1, 1.0),
        ("2024", "Union européenne hors France", "Inconnu", 1, 1, 1.0),
        ("2023", "France", "50 000 à 100 000", 1, 0, 0.0),
    )
    assert ("2023", "États-Unis", "10 000 à 50 000", 1, 0, 0.0) in count_rows(session, "t9-detail"), "10 000 opens a class"


def test_european_shares_with_unknowns_and_bounds(session: Session) -> None:
    """To rent: 1 and 8 French, 3 and 10 from elsewhere, 9 unknown, and an entry linked to nothing: 2 of 4, from 2/6 to 4/6."""
    shares = {row[:2]: row[2:9] for row in count_rows(session, "t13")}
    assert shares == {
        ("Achat", "À l’acte"): (5, 1, 2, 1, 0.5, 2 / 6, 4 / 6),
        ("Bouquet", "Abonnement"): (3, 0, 2, 0, 2 / 3, 2 / 3, 2 / 3),
        ("Chaine", "Abonnement"): (2, 0, 1, 0, 0.5, 0.5, 0.5),
    }


def test_french_speaking_shares_are_told_or_by_country(session: Session) -> None:
    as_said = count_rows(session, "t13")[0]
    assert as_said[10:15] == (0, 5, None, 0.0, 1.0), "nobody says of any film in which language it was made"
    by_country = count_rows(session, "t13", filters=Filters(language=LanguageRule.COUNTRY))[0]
    assert by_country[10:15] == (2, 1, 0.5, 2 / 6, 4 / 6)


def test_the_example_of_a_hundred_titles() -> None:
    shares = QuotaShares(yes=55, no=30, unknown=15)
    assert (shares.film_count, shares.bounds) == (100, (0.55, 0.70))
    assert shares.share_of_known == pytest.approx(0.647, abs=0.0005)
    assert QuotaShares().bounds == (None, None) and QuotaShares(unknown=3).share_of_known is None


def test_thresholds_depend_on_where_a_service_is_established(session: Session) -> None:
    assert get_thresholds("FR", 10) == ("60 %", "40 %")
    assert get_thresholds("NL", 500) == ("30 %", "aucun")
    assert {row[0]: row[9] for row in count_rows(session, "t13")} == {
        **dict.fromkeys(("Achat", "Bouquet"), "aucun (moins de 10 films)"),
        "Chaine": "30 %",
    }


def test_services_exclusives_and_overlap(session: Session) -> None:
    assert count_rows(session, "t2") == (
        ("Achat", 5, 5 / 6, 3, 0.6),
        ("Bouquet", 3, 0.5, 1, 1 / 3),
        ("Chaine", 2, 2 / 6, 0, 0.0),
        ("Ensemble", 6, 1.0, 4, 4 / 6),
    )
    assert count_rows(session, "t2-recouvrement") == (("Achat", 5, 2, 2), ("Bouquet", 2, 3, 2), ("Chaine", 2, 2, 2))


def test_classes_of_films(session: Session) -> None:
    def counts(key: str, filters: Filters | None = None) -> dict[object, object]:
        return {row[0]: row[1] for row in count_rows(session, key, filters=filters) if row[1]}

    union, any_country = "Union européenne hors France", Filters(country=CountryRule.ANY)
    assert counts("t3") == {"France": 2, "États-Unis": 1, union: 1, "Autres pays": 1, "Inconnu": 1, "Ensemble": 6}
    assert counts("t3-pays", any_country) == {"France": 2, "Italie": 2, "États-Unis": 1, "Japon": 1, "Inconnu": 1, "Ensemble": 6}
    assert counts("t4") == {"Fiction": 1, "Animation": 1, "Inconnu": 4, "Ensemble": 6}
    assert counts("t5") == {"12 à 36 mois": 3, "plus de 20 ans": 1, "sans date de sortie": 2, "Ensemble": 6}
    assert counts("t6") == {"avant 1960": 1, "années 1960": 2, "années 2020": 3, "Ensemble": 6}
    assert counts("t7") == {"500 000 à 1 million": 1, "plus de 1 million": 1, "Inconnu": 4, "Ensemble": 6}


def test_heritage_gaps(session: Session) -> None:
    assert count_rows(session, "t15")[0] == ("Ensemble", 3, 0, 0.0)
    alone = Filters(services=("chaine",))
    assert count_rows(session, "t15", filters=alone)[:3] == (
        ("Ensemble", 3, 3, 1.0),
        ("avant 1960", 1, 1, 1.0),
        ("années 1960", 2, 2, 1.0),
    )


def test_filters_narrow_services_and_accesses(session: Session) -> None:
    subscribed = Filters(accesses=(Access.SUBSCRIPTION,))
    assert count_rows(session, "t1", filters=subscribed)[0][:3] == ("Ensemble", 3, 1.0)
    assert count_rows(session, "t1", filters=Filters(services=("achat", "chaine")))[0][:3] == ("Ensemble", 5, 1.0)
    entries = count_table(session, "t1", AS_OF).entry_counts
    assert (entries.linked, entries.doubtful, entries.unlinked, entries.uncounted) == (10, 0, 1, 1)


def test_whether_a_film_was_available_on_a_day(session: Session) -> None:
    assert was_available(session, 1, DAY) and was_available(session, 1, DAY, Knowledge.TODAY)
    assert not was_available(session, 2, DAY) and not was_available(session, 1, DAY.replace(day=21))


def test_prices_in_euros_only_and_the_others_are_counted(session: Session) -> None:
    """Film 8 costs dollars; 1, 3, 9, 10 and the entry linked to nothing cost 2,99 €, and the last is of no film."""
    offer = session.exec(select(Offer).join(Entry).where(Entry.ref == "8")).one()
    offer.currency = "USD"
    session.flush()
    for key, position in (("t10", 3), ("t10-age", 2)):
        body = count_table(session, key, AS_OF).body
        assert body.notes == ("Offres dont le prix n’est pas en euros, laissées de côté : 1.",)
        assert sum(int(row[position] or 0) for row in body.rows) == 4
    assert count_rows(session, "t10") == (("Achat", "Location", "non dite", 4, 0, 0.0, 299, 299, 299, 299, 299),)


def test_offers_that_end_soon(session: Session) -> None:
    """One offer ends in ten days, another in forty: the first alone ends soon."""
    for ref, days in (("1", 10), ("3", 40)):
        for offer in session.exec(select(Offer).join(Entry).join(Platform).where(Entry.ref == ref, Platform.slug == "achat")):
            offer.ends = AS_OF + timedelta(days=days)
    session.flush()
    assert {row[0]: row[5] for row in count_rows(session, "t12")} == {"Achat": 1, "Bouquet": 0, "Chaine": 0, "Ensemble": 1}
