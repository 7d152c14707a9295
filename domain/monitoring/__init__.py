"""Monitor platforms: links that no longer lead to a page, dated copies of robots.txt."""
