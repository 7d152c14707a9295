"""Watch platforms: links that no longer lead to a page, robots.txt copies."""
