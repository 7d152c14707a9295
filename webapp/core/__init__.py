"""What every page shares: context, formatting, security headers, caches, errors."""
