"""Receive readers' reports, reply to them, and measure how long replies take."""
