"""The delivery of 2016 gives exactly these observations."""

import json
from datetime import UTC, datetime
from typing import Any

from domain.common.enums import Access, Kind, Quality
from domain.db.engine import read_session
from domain.runs.deliveries import read_live_catalogue
from domain.runs.observation import ObservedEntry, ObservedOffer
from domain.runs.platforms import get_platform
from ingest.catalogue import read_envelope, read_titles
from tests.webapp.editors.conftest import NOW, SAMPLE, SLUG, EditorClient

STARTS, ENDS = datetime(2016, 1, 5, tzinfo=UTC), datetime(2018, 1, 5, tzinfo=UTC)
PAGE = "http://vod.example.fr/films/les-marees-hautes"
DATED: dict[str, Any] = {"starts": STARTS, "ends": ENDS, "url": PAGE}
RENTAL = ObservedOffer(access=Access.RENT, price_cents=399, quality=Quality.HD, languages=("VF", "VOSTFR"), **DATED)
PURCHASE = ObservedOffer(access=Access.BUY, price_cents=1199, quality=Quality.HD, languages=("VF",), **DATED)
WITHIN = ObservedOffer(access=Access.SUBSCRIPTION, quality=Quality.SD, languages=("VF",), audio_description=True, **DATED)
MAREES = ObservedEntry(
    ref="VX-10001",
    title="Les Marées hautes",
    original_title="Les Marées hautes",
    year=2014,
    directors=("Élise Carvalho",),
    kind=Kind.FILM,
    url=PAGE,
    ids={"allocine": "900101", "imdb": "tt9900101"},
    offers=(RENTAL, PURCHASE, WITHIN),
)


def test_the_delivery_of_2016_is_read_as_these_observations() -> None:
    read = read_titles(read_envelope(json.loads(SAMPLE.read_bytes())), ["vod.example.fr"], NOW)
    assert list(read.parcel.observations.values()) == [MAREES]
    assert (read.parcel.counts.rows, read.parcel.counts.kept, read.parcel.counts.announced) == (1, 1, 1)


def test_the_delivery_of_2016_is_online_as_these_observations(service: EditorClient) -> None:
    answer = service.post(SAMPLE.read_bytes())
    assert answer.status_code == 200
    with read_session(service.engine) as session:
        (live,) = read_live_catalogue(session, get_platform(session, SLUG)).values()
    assert (set(live.offers), live.model_copy(update={"offers": MAREES.offers})) == (set(MAREES.offers), MAREES)
    report = answer.get_json()
    assert report["state"] == "accepted" and report["environment"] == "production" and report["kind"] == "full"
    assert report["counts"]["titles"] == {"received": 1, "accepted": 1, "rejected": 0}
    (title,) = report["titles"]
    assert [product["idProductEditor"] for product in title["products"]] == ["VX-10001-HD-L", "VX-10001-HD-A", "VX-10001-S"]
    assert {product["result"] for product in title["products"]} == {"accepted"}
    assert "prochaine passe de rapprochement" in report["message"]


def test_a_rehearsal_is_answered_the_same_and_changes_nothing(service: EditorClient) -> None:
    rehearsed = service.post(SAMPLE.read_bytes(), service.recette_key).get_json()
    assert rehearsed["environment"] == "recette" and rehearsed["run"] is None and service.list_runs() == []
    accepted = service.post(SAMPLE.read_bytes()).get_json()
    differing = {"delivery", "environment", "message", "run", "address"}
    assert {name for name in accepted if accepted[name] != rehearsed[name]} == differing


def test_what_is_read_fits_the_schema_that_is_served(sqlite_service: EditorClient) -> None:
    schema = sqlite_service.client.get("/editeurs/v1/schema.json").get_json(force=True)
    product = schema["$defs"]["Product"]["properties"]
    sent = json.loads(SAMPLE.read_bytes())["editorTitles"][0]["editorProduct"][0]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema" and set(sent) <= set(product)
    assert sqlite_service.post(schema["examples"][0], sqlite_service.recette_key).status_code == 200
