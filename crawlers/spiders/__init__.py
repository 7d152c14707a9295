"""The spiders: feeds and APIs, web sites, and search pages asked title by title."""
