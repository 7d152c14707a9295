"""Write LISEZMOI.txt: the licence, the contents and the conventions of an export."""

from datetime import datetime

from domain.common.paris_time import PARIS
from opendata.manifest import LICENCE_URL, DataSet

_TEMPLATE = """{title}
{rule}

{warning}État de la base le {moment} (heure de Paris), publié par {site}.

LICENCE
Licence Ouverte 2.0 ({licence}) : réutilisation libre, y compris
commerciale, à condition d'indiquer la source (« OùVoir, {site} »)
et la date de cet état. L'indiquer ne veut pas dire que la source approuve la réutilisation.

CE QUI EST OUVERT
Des faits seulement : un film, un service, un accès, un prix, des dates, une adresse, et la preuve
de chacun. Ni résumé, ni image.
Un service n'est collecté que si son accord, ou à défaut ses conditions, le permettent : la colonne
legal_basis de la table « services » dit lequel des deux.

CE QUE LES FICHIERS NE DISENT PAS
Une ligne d'un catalogue qui n'est pas reliée à un film n'y est pas : la table « couverture » les
compte. Un film sans offre ici peut en avoir une ailleurs. Une case vide veut dire « inconnu »,
jamais zéro ni non.

LES FICHIERS
{sets}
Chaque table : .csv, .parquet (les mêmes lignes, typées) et .schema.json (Table Schema : le sens de
chaque colonne). SHA256SUMS : « sha256sum --check SHA256SUMS ». manifest.json : tout cela pour un
programme.

LE CSV
UTF-8 sans marque d'ordre, virgule, fins de ligne CRLF, guillemets au besoin (RFC 4180). Dates ISO
8601, en UTC (Z) pour les moments ; point décimal ; true et false ; numéros en texte ; plusieurs
valeurs d'une case séparées par « | » (une barre dans une valeur devient « / »). L'ordre des colonnes
ne change pas ; une nouvelle vient à la fin.
Les cases sont exactes : un titre qui commence par =, +, - ou @ reste tel quel. Importez le fichier
comme du texte dans un tableur ; ne l'ouvrez pas d'un double clic.
"""
_WARNING = """*** DONNÉES DE DÉMONSTRATION ***
Les services et leurs offres sont inventés. Ne publiez ni ne réutilisez ces fichiers.

"""


def render_notice(at: datetime, site: str, sets: list[DataSet], demonstration: bool) -> str:
    """Render the notice of an export of some data sets, as of a moment."""
    title = "OùVoir : où voir ce film, légalement, en France — données ouvertes"
    entries = [f"  {dataset.name} : {dataset.title} ({_format_count(dataset.rows)} lignes)" for dataset in sets]
    moment = f"{at.astimezone(PARIS):%d/%m/%Y à %H h %M}"
    warning = _WARNING if demonstration else ""
    return _TEMPLATE.format(
        title=title,
        rule="=" * len(title),
        warning=warning,
        moment=moment,
        site=site,
        licence=LICENCE_URL,
        sets="\n".join(entries),
    )


def _format_count(count: int) -> str:
    return f"{count:,}".replace(",", " ")
