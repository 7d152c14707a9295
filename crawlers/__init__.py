"""Collect platforms, from their answers to checked observations. Only this package uses Scrapy."""
