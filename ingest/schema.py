"""Build the JSON Schema (2020-12) of a delivery from the models that read it."""

from typing import Any

from pydantic import Field

from ingest.contract import MAX_PRODUCTS, MAX_TITLES, Editor, Envelope, Product, Title, TitleIds

_EXAMPLE: dict[str, Any] = {
    "delivery": "full",
    "totalTitles": 1,
    "totalProducts": 2,
    "editorTitles": [
        {
            "idTitleEditor": "VX-10001",
            "type": "movie",
            "frTitle": "Les Marées hautes",
            "director": ["Élise Carvalho"],
            "productionYear": 2014,
            "ids": {"idImdb": "tt9900101"},
            "editorProduct": [
                {
                    "idProductEditor": "VX-10001-HD-L",
                    "mode": "TVOD",
                    "quality": "HD",
                    "lang": ["VF", "VOSTFR"],
                    "price": 3.99,
                    "url": "https://vod.example.fr/films/les-marees-hautes",
                },
                {"idProductEditor": "VX-10001-S", "mode": {"code": 3, "name": "SVOD"}, "media": "DIGITAL_BOX"},
            ],
        }
    ],
}


class WholeTitle(Title):
    """Une œuvre telle que l’éditeur la connaît, avec ses produits."""

    ids: TitleIds | None = None
    editor_product: list[Product] = Field(min_length=1, max_length=MAX_PRODUCTS)


class Catalogue(Envelope):
    """Une livraison à « POST /editeurs/v1/catalogue » : tout le catalogue (« full »), ou ce qui change (« delta »)."""

    editor_titles: list[WholeTitle] = Field(max_length=MAX_TITLES)
    editor: Editor | None = None


def build_delivery_schema(address: str) -> dict[str, Any]:
    """Return the schema, with the address where it is served as its `$id`."""
    schema = Catalogue.model_json_schema(by_alias=True, mode="validation")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": address}
    return head | schema | {"title": "Livraison d’un catalogue", "examples": [_EXAMPLE]}
