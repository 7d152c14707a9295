"""Query Wikidata (CC0) about our films, through its SPARQL endpoint."""
