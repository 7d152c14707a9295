"""Keep spreadsheets from running the texts of a file as formulas."""

_FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")


def escape_formula(text: str) -> str:
    """Return a text that a spreadsheet would run preceded by « ' », any other text as it is."""
    return f"'{text}" if text.startswith(_FORMULA_PREFIXES) else text
