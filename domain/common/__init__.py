"""Read, compare and clean plain values: text, titles, identifiers, dates, links. No table, no session."""
