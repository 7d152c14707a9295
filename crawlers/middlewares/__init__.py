"""Scrapy middlewares and downloader limits: addresses, speed, reservations, sizes, robots.txt."""
