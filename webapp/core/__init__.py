"""Share what every page needs: context, formatting, security headers, caches, errors."""
