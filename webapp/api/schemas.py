"""Define the answers about services, rules, coverage, identifiers, batches and changes."""

from enum import StrEnum

from pydantic import Field

from domain.common.enums import Access, LegalBasis, Outcome, PlatformStatus, RunState
from domain.offers.change_feed import ChangeKind
from domain.windows.absence import Exemption, State
from webapp.api.film_schemas import Address, Answer, Day, FilmFound, FilmName, Moment, Offer, Order, PlatformName, ResponseModel


class Window(ResponseModel):
    """Une exploitation du film, et où elle en est ce jour-là."""

    rule: str = Field(description="Sa règle, comme dans « windows »")
    exploitation: str
    state: State
    opens: Day | None = Field(description="Premier jour permis")
    may_open: Day | None = Field(description="Premier jour possible par dérogation")
    back: Day | None = Field(description="Premier jour d’un retour possible, quand le service a dû le retirer")
    source: str
    checked_on: Day
    doubt: str | None = Field(description="Ce qui n’est pas sûr de la règle")


class FilmWindowsAnswer(Answer):
    """Où en est chaque exploitation du film selon la chronologie des médias."""

    film: FilmName
    day: Day = Field(description="Le jour dont il est question, à Paris")
    release_date: Day | None
    exemption: Exemption | None = Field(description="Pourquoi la chronologie ne dit rien de ce film, quand c’est le cas")
    windows: list[Window]


class Concern(ResponseModel):
    """Les offres dont parle une règle."""

    access: list[Access]
    services: list[str] = Field(description="Noms dans les adresses ; « * » : tous ceux qu’aucune autre règle ne nomme")


class Derogation(ResponseModel):
    """De combien le délai peut être raccourci, sur demande."""

    months: int
    days: int
    admissions: int | None = Field(description="Le plus d’entrées en quatre semaines que le film puisse avoir faites")
    condition: str


class Withdrawal(ResponseModel):
    """Les mois après la sortie entre lesquels un service peut devoir retirer le film."""

    start: int
    end: int


class Rule(ResponseModel):
    """Une règle de la chronologie des médias."""

    id: str
    exploitation: str
    months: int = Field(description="Délai après la sortie en salle")
    concerns: list[Concern]
    derogation: Derogation | None
    withdrawal: Withdrawal | None
    valid_from: Day
    valid_to: Day | None
    in_force: bool
    source: str
    checked_on: Day
    note: str | None
    doubt: str | None


class RulesAnswer(Answer):
    """Les règles de la chronologie des médias, celles d’aujourd’hui et les autres."""

    day: Day
    rules: list[Rule]


class Legal(ResponseModel):
    """Pourquoi un service est tenu pour légal."""

    basis: LegalBasis
    evidence: str
    checked_on: Day
    doubt: str | None


class Run(ResponseModel):
    """Une collecte d’un service."""

    id: int
    state: RunState = Field(description="« held » : elle n’a pas semblé fiable, l’état précédent reste montré")
    outcome: Outcome | None
    started: Moment
    ended: Moment | None
    rows: int = Field(description="Lignes reçues")
    kept: int = Field(description="Titres gardés")


class Platform(PlatformName):
    """Un service du registre."""

    operator: str
    country: str = Field(description="Code ISO 3166-1")
    status: PlatformStatus
    status_note: str | None
    shown: bool = Field(description="Faux : ses films ne sont pas montrés")
    absent_reason: str | None = Field(description="Pourquoi ils ne le sont pas")
    accesses: list[Access]
    site: Address | None
    replaces: list[str] = Field(description="Les services dont il prend la suite")
    legal: Legal
    collected_at: Moment | None = Field(description="Début de la dernière collecte acceptée : l’âge de ce qui est montré")
    held_at: Moment | None = Field(description="Début d’une collecte plus récente, mise de côté")
    page: Address
    details: Address


class PlatformsAnswer(Answer):
    """Les services du registre, par ordre alphabétique."""

    platforms: list[Platform]


class PlatformAnswer(Platform, Answer):
    """Un service, sa dernière collecte et ce que ses lignes sont devenues."""

    run: Run | None
    rows_linked: int
    rows_doubtful: int = Field(description="Elles attendent une personne : rien n’en est montré")
    rows_unlinked: int


class RunsAnswer(Answer):
    """Les collectes d’un service, la dernière d’abord."""

    runs: list[Run]
    cursor: str | None = Field(description="À redonner pour la page suivante")


class PlatformCoverage(ResponseModel):
    """Ce que les lignes d’un service sont devenues."""

    platform: PlatformName
    run: int | None
    collected_at: Moment | None
    rows_received: int
    rows_kept: int
    rows_linked: int
    rows_doubtful: int
    rows_unlinked: int
    films_available: int
    links_checked: int = Field(description="Liens tirés au sort et revus par une personne, sur un an")
    links_wrong: int
    error_rate: float | None
    error_low: float | None = Field(description="Intervalle de confiance à 95 %")
    error_high: float | None


class CoverageAnswer(Answer):
    """Combien de films, et ce que chaque service a donné."""

    films: int = Field(description="Films de la base")
    films_available: int
    films_by_access: dict[Access, int]
    platforms: list[PlatformCoverage]


class Identifier(ResponseModel):
    """Un numéro d’un film dans une base."""

    scheme: str
    value: str
    film: int


class IdentifiersAnswer(Answer):
    """Les numéros de tous les films, par base puis par numéro."""

    identifiers: list[Identifier]
    cursor: str | None = Field(description="À redonner pour la page suivante")


class Status(StrEnum):
    """Ce qu’une ligne demandée est devenue."""

    FOUND = "found"
    DOUBTFUL = "doubtful"
    UNKNOWN = "unknown"


class FilmResolved(FilmFound):
    """Un film reconnu, avec ses offres si elles ont été demandées."""

    offers: list[Offer] | None


class Resolved(ResponseModel):
    """Une ligne demandée, à sa place."""

    status: Status = Field(description="« doubtful » : un film ressemble, mais rien ne permet d’en être sûr")
    film: FilmResolved | None = Field(description="Nul à moins d’être sûr")


class LookupAnswer(Answer):
    """Autant de réponses que de lignes demandées, dans leur ordre."""

    results: list[Resolved]
    order: Order


class Terms(ResponseModel):
    """Prix, dates et accessibilité d’une offre avant qu’ils changent."""

    offer: int = Field(description="Le numéro qu’elle avait")
    price_cents: int | None
    currency: str
    starts: Moment | None
    ends: Moment | None
    audio_description: bool | None
    sdh: bool | None


class Change(ResponseModel):
    """Un changement. Ce qui ne concerne pas son type est nul."""

    type: ChangeKind
    at: Moment = Field(description="Quand le site l’a su")
    film: int | None = Field(description="Le film concerné ; nul : une ligne qui n’est plus reliée à aucun")
    previous_film: int | None = Field(description="Le film auquel la ligne était reliée avant")
    platform: PlatformName | None
    offer: Offer | None
    closed_why: str | None
    before: Terms | None = Field(description="Ce que l’offre disait avant")


class ChangesAnswer(Answer):
    """Des changements, du plus ancien au plus récent."""

    changes: list[Change]
    cursor: str = Field(description="À redonner pour la suite, maintenant ou plus tard")
    more: bool = Field(description="Vrai : il y a déjà une suite")
    settled_until: Moment = Field(description="Jusqu’où les changements sont tous connus ; les suivants viendront")
