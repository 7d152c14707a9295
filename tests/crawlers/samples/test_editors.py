"""What an editor posts under the contract of 2016 is read into exactly these observations."""

from datetime import UTC, datetime

from crawlers.platform_files.loader import PushPlatformFile, load_any_platform_file
from domain.common.enums import Access, Kind, Quality
from domain.runs.observation import ObservedEntry, ObservedOffer
from ingest.catalogue import read_envelope, read_titles
from tests.crawlers.conftest import PAGES, PLATFORMS
from webapp.editors.bodies import parse_json

FILM = "http://vod.example.fr/films/les-marees-hautes"


def test_a_delivery_of_the_2016_contract() -> None:
    file = load_any_platform_file("editeur-exemple", PLATFORMS)
    assert isinstance(file, PushPlatformFile)
    received = read_envelope(parse_json((PAGES / file.sample).read_bytes()))
    read = read_titles(received, file.hosts, datetime(2016, 6, 1, tzinfo=UTC))
    window = {"starts": datetime(2016, 1, 5, tzinfo=UTC), "ends": datetime(2018, 1, 5, tzinfo=UTC), "url": FILM}
    both, dubbed = ("VF", "VOSTFR"), ("VF",)
    assert read.parcel.observations == {
        "VX-10001": ObservedEntry(
            ref="VX-10001",
            title="Les Marées hautes",
            original_title="Les Marées hautes",
            year=2014,
            directors=("Élise Carvalho",),
            kind=Kind.FILM,
            url=FILM,
            ids={"allocine": "900101", "imdb": "tt9900101"},
            offers=(
                ObservedOffer(access=Access.RENT, price_cents=399, quality=Quality.HD, languages=both, **window),
                ObservedOffer(access=Access.BUY, price_cents=1199, quality=Quality.HD, languages=dubbed, **window),
                ObservedOffer(access=Access.SUBSCRIPTION, quality=Quality.SD, languages=dubbed, audio_description=True, **window),
            ),
        )
    }
    assert received.announced == 1 and not received.delta and read.parcel.issues == []
