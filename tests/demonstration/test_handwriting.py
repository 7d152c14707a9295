import pytest

from demonstration.handwriting import article_last, capitals, surname_first
from domain.common.titles import title_key


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Le Trou", "Trou (Le)"),
        ("L'Armée des ombres", "Armée des ombres (L')"),
        ("Les Diaboliques", "Diaboliques (Les)"),
        ("Lola", "Lola"),
        ("Léon Morin, prêtre", "Léon Morin, prêtre"),
    ],
)
def test_only_a_true_article_goes_last(title: str, written: str) -> None:
    assert article_last(title) == written
    assert title_key(written) == title_key(title)


def test_capitals_lose_accents_and_ligatures() -> None:
    assert capitals("L'Œil du tigre : Événement") == "L'OEIL DU TIGRE : EVENEMENT"


@pytest.mark.parametrize(("name", "written"), [("Jean-Luc Godard", "GODARD Jean-Luc"), ("Costa-Gavras", "Costa-Gavras")])
def test_surnames_come_first(name: str, written: str) -> None:
    assert surname_first(name) == written
