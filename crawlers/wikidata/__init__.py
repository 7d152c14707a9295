"""Wikidata (CC0) asked about the films of the base, through its SPARQL endpoint; httpx lives here only."""
