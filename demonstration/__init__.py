"""The demonstration: real films, six invented services served on loopback, collected and linked by the real program."""
