"""Every table, known whatever is imported first: they refer to one another."""

from records import catalogue, deliveries, desk, films, links, page_reads, public, watch  # noqa: F401
