"""From a platform's answer to checked observations. Scrapy lives here only."""
