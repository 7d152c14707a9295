"""Age ratings in words."""

from webapp.core.i18n import gettext


def format_rating(code: str) -> str:
    """« interdit aux moins de 12 ans, avec avertissement » for 12A; codes are those of `domain.common.ratings`."""
    bare = code.removesuffix("A")
    if bare == "TP":
        told = gettext("tous publics")
    elif bare == "X":
        told = gettext("classé X, interdit aux moins de 18 ans")
    else:
        told = gettext("interdit aux moins de %(age)s ans") % {"age": bare}
    return f"{told}, {gettext('avec avertissement')}" if code.endswith("A") else told
