"""The lists that services already make for the State are read, traps included, into exactly these observations."""

from datetime import UTC, datetime

from crawlers.formats.documents import read_index
from crawlers.platform_files.loader import load_platform
from crawlers.platform_files.sources import DocumentSource
from domain.common.enums import Access, Kind
from domain.runs.observation import ObservedEntry, ObservedOffer
from tests.crawlers.conftest import PAGES, PLATFORMS
from tests.crawlers.samples.expected import list_dropped_rules, list_issues, list_observations, read_sample


def test_arte_with_its_rights_in_paris_time_and_a_telefilm() -> None:
    lines = read_sample("arte")
    window = {"starts": datetime(2026, 1, 10, 4, tzinfo=UTC), "ends": datetime(2026, 3, 10, 4, tzinfo=UTC)}
    assert list_observations(lines) == [
        ObservedEntry(
            ref="900101-000-A",
            title="Les Marées hautes",
            year=2019,
            directors=("Élise Carvalho",),
            runtime_min=97,
            countries=("France", "Belgique"),
            kind=Kind.FILM,
            url="https://www.arte.tv/fr/videos/900101-000-A/",
            offers=(ObservedOffer(access=Access.CATCH_UP, audio_description=True, **window),),
        )
    ]
    assert list_dropped_rules(lines) == ["téléfilm"] and list_issues(lines) == []


def test_tf1_with_actors_beside_the_director() -> None:
    lines = read_sample("tf1")
    window = {"starts": datetime(2026, 1, 1, tzinfo=UTC), "ends": datetime(2026, 2, 1, tzinfo=UTC)}
    assert list_observations(lines) == [
        ObservedEntry(
            ref="33333333-0000-4000-8000-000000000001",
            title="Les Marées hautes",
            year=2019,
            directors=("Élise Carvalho",),
            runtime_min=97,
            kind=Kind.FILM,
            url="https://www.tf1.fr/tf1/les-marees-hautes",
            ids={"imdb": "tt9900101"},
            offers=(ObservedOffer(access=Access.FREE_WITH_ADS, **window),),
        )
    ]
    assert list_issues(lines) == []


def test_canal_lists_addresses() -> None:
    platform = load_platform("canal-vod", PLATFORMS)
    assert isinstance(platform.source, DocumentSource)
    name = "canal-partner-index.json"
    index = read_index(platform.source, (PAGES / name).read_bytes(), name)
    assert list(index.rows) == [
        "https://export.example/culture.gouv/tvod/14283213_40099.json",
        "https://export.example/culture.gouv/tvod/14283299_40099.json",
    ]


def test_canal_vod_gives_one_film_by_document() -> None:
    lines = read_sample("canal-vod")
    window = {"starts": datetime(2026, 1, 1, tzinfo=UTC), "ends": datetime(2027, 1, 1, tzinfo=UTC)}
    assert list_observations(lines) == [
        ObservedEntry(
            ref="14283213_40099",
            title="Les Marées hautes",
            year=2019,
            directors=("Élise Carvalho",),
            runtime_min=97,
            countries=("France",),
            kind=Kind.FILM,
            url="https://www.canalplus.com/cinema/les-marees-hautes/h/14283213_40099",
            ids={"allocine": "900101"},
            offers=(ObservedOffer(access=Access.RENT, **window),),
        )
    ]
    assert list_issues(lines) == []


def test_mycanal_with_two_numbers_for_one_film() -> None:
    lines = read_sample("mycanal")
    (film,) = list_observations(lines)
    window = {"starts": datetime(2026, 2, 1, tzinfo=UTC), "ends": datetime(2026, 3, 1, tzinfo=UTC)}
    assert (film.ref, film.title, film.year, film.countries) == (
        "14283299_50001",
        "Le Dernier Phare",
        2016,
        ("France", "Belgique"),
    )
    assert film.offers == (ObservedOffer(access=Access.SUBSCRIPTION, **window),)
    assert film.ids == {} and list_issues(lines) == ["ids.allocine : numéro refusé, lu « 900104 900102 »"]
