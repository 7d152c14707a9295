"""Put age ratings into words."""

from webapp.core.i18n import gettext

_WARNING_SUFFIX = "A"


def format_rating(code: str) -> str:
    """Return « interdit aux moins de 12 ans, avec avertissement » for « 12A »; codes are those of `domain.common.ratings`."""
    base_code = code.removesuffix(_WARNING_SUFFIX)
    if base_code == "TP":
        label = gettext("tous publics")
    elif base_code == "X":
        label = gettext("classé X, interdit aux moins de 18 ans")
    else:
        label = gettext("interdit aux moins de %(age)s ans") % {"age": base_code}
    return f"{label}, {gettext('avec avertissement')}" if code.endswith(_WARNING_SUFFIX) else label
