"""Scrapy item pipelines of a collection, one job each, in the order of `crawlers.politeness.ITEM_PIPELINES`."""
