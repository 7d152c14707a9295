"""Crawl feeds and APIs, web sites, and search pages queried title by title: one spider for each kind of source."""
