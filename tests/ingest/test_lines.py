"""One result a line: accepted, or rejected with the field and the reason, in French."""

from typing import Any

import pytest

from ingest.catalogue import CheckedDelivery, read_envelope, read_titles
from ingest.titles import TitleResult
from tests.webapp.editors.conftest import NOW, make_delivery, make_product, make_title


def read(*titles: Any) -> CheckedDelivery:
    return read_titles(read_envelope(make_delivery(*titles)), ["vod.example.fr"], NOW)


def read_one(**facts: Any) -> TitleResult:
    """A title with these facts beside those that stand."""
    return read({**make_title("1"), **facts}).titles[0]


def faults(result: TitleResult) -> list[tuple[str, str]]:
    payload = result.to_dict()
    lines = [payload, *payload["products"]]
    return [(fault["pointer"], fault["reason"]) for line in lines for fault in line.get("errors", [])]


def warnings(result: TitleResult) -> list[tuple[str, str]]:
    payload = result.to_dict()
    return [(fault["pointer"], fault["reason"]) for line in (payload, *payload["products"]) for fault in line.get("warnings", [])]


@pytest.mark.parametrize(
    ("facts", "pointer", "reason"),
    [
        ({"mode": 9}, "mode", "mot inconnu « 9 »"),
        ({"mode": {"code": 99, "name": "TVOD"}}, "mode", "mot inconnu"),
        ({"mode": {"code": 2, "name": "SVOD"}}, "mode", "se contredisent"),
        ({"mode": {}}, "mode", "code ou nom attendu"),
        ({"mode": True}, "mode", "mot inconnu"),
        ({"mode": None}, "mode", "champ obligatoire absent"),
        ({"mode": "DVD"}, "mode", "ce n’est pas de la vidéo à la demande"),
        ({"media": {"code": 2}}, "media", "ce n’est pas de la vidéo à la demande"),
        ({"quality": "8K"}, "quality", "attendu : SD, HD, FHD, UHD"),
        ({"lang": ["VF", "VOSTEN"]}, "lang/1", "mot inconnu « VOSTEN »"),
        ({"price": -1}, "price", "prix attendu"),
        ({"price": "cher"}, "price", "prix attendu"),
        ({"price": 3.999}, "price", "prix attendu"),
        ({"price": 0}, "price", "0 n’est pas un prix"),
        ({"price": 99_999}, "price", "prix attendu"),
        ({"mode": "SVOD"}, "price", "un prix ne va qu’avec"),
        ({"url": ""}, "url", "adresse obligatoire"),
        ({"currency": "euros"}, "currency", "trois lettres"),
        ({"publicationDate": "demain"}, "publicationDate", "date attendue"),
        ({"publicationDate": "2026-12-01", "expirationDate": "2026-11-30"}, "expirationDate", "précède"),
        ({"expirationDate": "9999-12-31"}, "expirationDate", "date attendue"),
        ({"audioDescription": "peut-être"}, "audioDescription", "oui ou non"),
        ({"audioDescription": False, "lang": [5]}, "audioDescription", "contredit"),
        ({"idProductEditor": None}, "idProductEditor", "champ obligatoire absent"),
        ({"edition": "x" * 201}, "edition", "trop long, 200 au plus"),
    ],
)
def test_a_faulty_product_is_rejected_with_its_field_and_reason(facts: dict[str, Any], pointer: str, reason: str) -> None:
    result = read(make_title("1", make_product("L", **facts), make_product("A", mode="VODEST", price=9.99))).titles[0]
    ((where, why),) = faults(result)
    assert where == f"/editorTitles/0/editorProduct/0/{pointer}" and reason in why
    assert result.observed is not None and [str(offer.access) for offer in result.observed.offers] == ["buy"]


@pytest.mark.parametrize(
    ("facts", "pointer", "reason"),
    [
        ({"idTitleEditor": " "}, "idTitleEditor", "champ obligatoire absent"),
        ({"idTitleEditor": "x" * 201}, "idTitleEditor", "trop long, 200 au plus"),
        ({"frTitle": "\u202e"}, "frTitle", "frTitle ou originalTitle"),
        ({"productionYear": 1066}, "productionYear", "au moins 1870"),
        ({"productionYear": "vers 1966"}, "productionYear", "nombre entier"),
        ({"type": "saison"}, "type", "mot inconnu"),
        ({"director": {"name": "Tati"}}, "director", "texte ou liste"),
        ({"duration": "longue"}, "duration", "durée attendue"),
        ({"editorProduct": []}, "editorProduct", "rien dedans"),
        ({"editorProduct": [make_product(str(n)) for n in range(201)]}, "editorProduct", "trop long, 200"),
    ],
)
def test_a_faulty_title_is_rejected_with_its_products(facts: dict[str, Any], pointer: str, reason: str) -> None:
    result = read_one(**facts)
    where, why = faults(result)[0]
    assert where == f"/editorTitles/0/{pointer}" and reason in why
    assert result.observed is None and not [product for product in result.products if product.is_accepted]


def test_a_title_whose_products_are_all_rejected_is_rejected() -> None:
    result = read_one(editorProduct=[make_product("1", mode="?")])
    assert faults(result)[0] == ("/editorTitles/0/editorProduct", "aucun produit accepté")


@pytest.mark.parametrize("title", ["Playtime", None, [], 3])
def test_what_is_no_title_is_rejected(title: Any) -> None:
    data = {"editorTitles": [title, make_title("1")], "totalTitles": 2, "totalProducts": 1}
    checked = read_titles(read_envelope(data), [], NOW)
    assert faults(checked.titles[0]) == [("/editorTitles/0", "objet attendu")] and checked.parcel.counts.unmapped == 1


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"mode": "location"}, "rent"),
        ({"mode": "2"}, "rent"),
        ({"mode": {"code": 4}}, "buy"),
        ({"mode": {"name": "svod"}, "price": 0}, "subscription"),
        ({"mode": 7, "price": None}, "catch-up"),
        ({"mode": "free_with_ads", "price": ""}, "free-with-ads"),
        ({"mode": "Gratuit avec publicité", "price": ""}, "free-with-ads"),
        ({"mode": "LIBRARY", "price": None}, "library"),
    ],
)
def test_a_word_is_read_as_code_object_or_word(facts: dict[str, Any], expected: str) -> None:
    observed = read_one(editorProduct=[make_product("1", **facts)]).observed
    assert observed is not None and observed.offers[0].access == expected


def test_accessibility_and_quality_are_read_as_ours() -> None:
    product = make_product("1", lang=["MALENTENDANT", 5, {"code": 6}, "VF"], quality=3, media="DIGITAL_BOX", url=None)
    observed = read_one(editorProduct=[product]).observed
    assert observed is not None
    (offer,) = observed.offers
    assert (offer.sdh, offer.audio_description, offer.languages, offer.quality) == (True, True, ("VF",), "HD")
    assert offer.url is None


@pytest.mark.parametrize("price", [3.99, "3,99", "3.99", "3,99 €", "3.99 euros", "3.990"])
def test_prices_come_as_numbers_or_as_people_write_them(price: object) -> None:
    observed = read_one(editorProduct=[make_product("1", price=price)]).observed
    assert observed is not None and observed.offers[0].price_cents == 399


def test_days_are_whole_and_in_paris() -> None:
    product = make_product("1", publicationDate="01/12/2026", expirationDate="2026-12-31")
    observed = read_one(editorProduct=[product]).observed
    assert observed is not None
    (offer,) = observed.offers
    assert [str(offer.starts), str(offer.ends)] == ["2026-11-30 23:00:00+00:00", "2026-12-31 23:00:00+00:00"]


def test_the_same_offer_twice_is_rejected_the_second_time() -> None:
    result = read_one(editorProduct=[make_product("L1"), make_product("L2", price=4.99), make_product("L1", quality="HD")])
    assert faults(result) == [
        ("/editorTitles/0/editorProduct/1", "même offre que « L1 » : mode, qualité, langues et édition identiques"),
        ("/editorTitles/0/editorProduct/2/idProductEditor", "numéro déjà donné pour ce titre"),
    ]


def test_a_web_page_goes_before_a_box() -> None:
    observed = read_one(editorProduct=[make_product("B", media=3, url=None), make_product("W")]).observed
    assert observed is not None and [offer.url for offer in observed.offers] == ["https://vod.example.fr/1"]


def test_a_title_given_twice_is_rejected_the_second_time() -> None:
    checked = read(make_title("1"), make_title(" 1 ", frTitle="Autre"))
    assert faults(checked.titles[1])[0] == ("/editorTitles/1/idTitleEditor", "numéro déjà donné dans cet envoi (/editorTitles/0)")
    assert (checked.parcel.counts.duplicates, checked.parcel.counts.rows, checked.parcel.observations["1"].title) == (
        1,
        1,
        "Film 1",
    )


@pytest.mark.parametrize(
    "address",
    ["https://ailleurs.example/1", "javascript:alert(1)", "https://vod.example.fr@mal.example/", "https://a@vod.example.fr/",
     "//vod.example.fr/1", "https://vod.example.fr/<script>", "https://vod.example.fr.mal.example/", "http://[", "vod.fr"],
)  # fmt: skip
def test_a_link_that_leads_elsewhere_is_left_out_with_a_warning(address: str) -> None:
    result = read_one(editorProduct=[make_product("1", url=address)])
    assert result.observed is not None and result.observed.offers[0].url is None and result.observed.url is None
    ((where, why),) = warnings(result)
    assert where.endswith("/url") and "hors des sites déclarés" in why


def test_an_unusual_price_and_a_past_end_are_warnings() -> None:
    result = read_one(editorProduct=[make_product("1", price=45, expirationDate="2020-01-01")])
    assert result.observed is not None and [why for _, why in warnings(result)] == [
        "prix inhabituel : 45,00\xa0€",
        "date passée : l’offre ne sera pas montrée",
    ]


def test_an_unknown_key_is_a_warning_that_names_what_was_meant() -> None:
    result = read_one(frTitel="x", editorProduct=[make_product("1", expirationdate="2027-01-01")], ids={"idAlocine": "1"})
    assert warnings(result) == [
        ("/editorTitles/0/frTitel", "clé inconnue, laissée de côté (peut-être « frTitle » ?)"),
        ("/editorTitles/0/ids/idAlocine", "clé inconnue, laissée de côté (peut-être « idAllocine » ?)"),
        ("/editorTitles/0/editorProduct/0/expirationdate", "clé inconnue, laissée de côté (peut-être « expirationDate » ?)"),
    ]


def test_only_the_first_hundred_unknown_keys_of_a_delivery_are_guessed_at() -> None:
    checked = read(*(make_title(str(rank), **{f"frTitle{rank}": "x", "frTitel": "x"}) for rank in range(120)))
    suggestions = [["frTitle" in why for _, why in warnings(result)] for result in checked.titles]
    assert suggestions == [[True, True]] * 99 + [[False, True]] * 21


def test_numbers_are_checked_and_the_wrong_ones_left_out() -> None:
    written = {"idAllocine": 42, "imdb": "tt0000000", "isan": "ISAN 0000-0005-5C36-0000-4", "idVisa": "12 345", "idTmdb": [1, 2]}
    result = read_one(ids=written | {"eidr": "10.5240/7791-8534-2C23-9030-8610-5"})
    assert result.observed is not None
    assert result.observed.ids == {"allocine": "42", "isan": "000000055C360000", "eidr": "10.5240/7791-8534-2C23-9030-8610-5"}
    assert [where.rpartition("/")[2] for where, _ in warnings(result)] == ["imdb", "idVisa", "idTmdb"]


def test_texts_are_cleaned_and_the_edition_of_the_title_kept() -> None:
    observed = read_one(frTitle="Play\u202etime\x00 -  version restaurée", director="Jacques Tati et Jean Badal").observed
    assert observed is not None
    assert (observed.title, observed.directors) == ("Playtime - version restaurée", ("Jacques Tati", "Jean Badal"))
    assert observed.offers[0].edition == "version restaurée"


def test_discs_are_no_reason_to_doubt_a_delivery() -> None:
    counts = read(
        make_title("1"), make_title("2", make_product("D", mode="DVD")), make_title("3", make_product("?", mode="?"))
    ).parcel.counts
    assert (counts.rows, counts.kept, counts.unmapped, counts.unknown_words) == (3, 1, 1, 1)
    assert counts.dropped == {"support physique": 1}
