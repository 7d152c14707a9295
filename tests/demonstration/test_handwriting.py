import pytest

from demonstration.handwriting import move_article_last, put_surname_first, to_capitals
from domain.common.titles import build_title_key


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
    assert move_article_last(title) == written
    assert build_title_key(written) == build_title_key(title)


def test_capitals_lose_accents_and_ligatures() -> None:
    assert to_capitals("L'Œil du tigre : Événement") == "L'OEIL DU TIGRE : EVENEMENT"


@pytest.mark.parametrize(("name", "written"), [("Jean-Luc Godard", "GODARD Jean-Luc"), ("Costa-Gavras", "Costa-Gavras")])
def test_surnames_come_first(name: str, written: str) -> None:
    assert put_surname_first(name) == written
