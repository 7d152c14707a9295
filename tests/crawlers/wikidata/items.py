"""Items as Wikidata's RDF writes them; facts of the films are true, item numbers are not."""

ITEMS = """
@prefix wd: <http://www.wikidata.org/entity/> .
@prefix wdt: <http://www.wikidata.org/prop/direct/> .
@prefix p: <http://www.wikidata.org/prop/> .
@prefix psv: <http://www.wikidata.org/prop/statement/value/> .
@prefix pq: <http://www.wikidata.org/prop/qualifier/> .
@prefix wikibase: <http://wikiba.se/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

wd:Q101 rdfs:label "Mon oncle"@fr, "My Uncle"@en, "Mein Onkel"@de ;
  skos:altLabel "Mon oncle (film)"@fr, "Monsieur Hulot et la villa Arpel"@fr, "Il mio zio"@it, "film"@en ;
  wdt:P1476 "Mon oncle"@fr ;
  wdt:P57 wd:Q900, _:unknown ;
  wdt:P345 "tt0050706" ; wdt:P1265 "2221" ; wdt:P10100 "367862" ; wdt:P4947 "427" ; wdt:P2755 "20321" ;
  wdt:P2704 "10.5240/XXXX-not-one" ;
  wdt:P577 "1958-05-10T00:00:00Z"^^xsd:dateTime, "1959-01-01T00:00:00Z"^^xsd:dateTime, _:someday ;
  p:P577 [ pq:P291 wd:Q142 ; wikibase:rank wikibase:NormalRank ;
           psv:P577 [ wikibase:timePrecision 11 ; wikibase:timeValue "1958-05-10T00:00:00Z"^^xsd:dateTime ] ],
         [ pq:P291 wd:Q30 ; wikibase:rank wikibase:NormalRank ;
           psv:P577 [ wikibase:timePrecision 11 ; wikibase:timeValue "1958-11-03T00:00:00Z"^^xsd:dateTime ] ],
         [ pq:P291 wd:Q142 ; wikibase:rank wikibase:DeprecatedRank ;
           psv:P577 [ wikibase:timePrecision 11 ; wikibase:timeValue "1938-05-10T00:00:00Z"^^xsd:dateTime ] ],
         [ pq:P291 wd:Q142 ; wikibase:rank wikibase:NormalRank ;
           psv:P577 [ wikibase:timePrecision 9 ; wikibase:timeValue "1957-01-01T00:00:00Z"^^xsd:dateTime ] ] ;
  p:P2047 [ a wikibase:BestRank ; psv:P2047 [ wikibase:quantityAmount "+117"^^xsd:decimal ; wikibase:quantityUnit wd:Q7727 ] ] .
wd:Q900 rdfs:label "Jacques Tati"@mul .

wd:Q102 rdfs:label "Playtime"@mul ; wdt:P345 "tt0062136" ; wdt:P4947 "10227", "10228" ;
  p:P2047 [ a wikibase:BestRank ; psv:P2047 [ wikibase:quantityAmount 124 ; wikibase:quantityUnit wd:Q7727 ] ],
          [ a wikibase:BestRank ; psv:P2047 [ wikibase:quantityAmount 9300 ; wikibase:quantityUnit wd:Q11574 ] ] .

wd:Q103 wdt:P345 "tt0071969" .
wd:Q104 rdfs:label "Trafic"@fr ; wdt:P345 "tt0069400" .
wd:Q105 rdfs:label "Trafic (double)"@fr ; wdt:P345 "tt0069400" .
wd:Q106 rdfs:label "Un tout autre film"@fr ; wdt:P345 "tt0040497" ; wdt:P577 "1999-01-01T00:00:00Z"^^xsd:dateTime ;
  wdt:P57 wd:Q901 .
wd:Q901 rdfs:label "Quelqu'un d'Autre"@fr .
"""
