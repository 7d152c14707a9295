"""Scrapy extensions of a crawl: its delay, its early end, the first failure, the sign that it is alive."""
