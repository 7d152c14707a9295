"""Films found by what people remember of them: an index of titles, a query that forgives, filters, suggestions."""
