"""Fit the matcher's weights on labelled examples, and measure them."""
