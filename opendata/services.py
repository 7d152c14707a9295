"""Define the tables of services: what each is, on which legal basis it is shown, and how much of its catalogue is linked."""

from collections.abc import Iterator

from sqlmodel import Session, col, select

from domain.common.enums import LegalBasis, PlatformStatus
from domain.coverage.summary import Coverage
from domain.models.platform import Platform
from domain.models.run import Run
from domain.offers.availability import is_shown
from domain.review.sampling import ErrorRate
from opendata.columns import MULTIPLE_VALUES_NOTE, Field
from opendata.tables import PLATFORM_FIELD, RowValues, TableSchema

_COUNT_TYPE = "integer"

SERVICES_TABLE = TableSchema(
    "services",
    "Services référencés",
    "Un service légal par ligne : son éditeur, la preuve de sa légalité et la collecte de son catalogue qui est montrée.",
    ("vidéo à la demande", "services", "offre légale"),
    (
        Field("platform", "string", "Nom court", "Il ne change jamais.", required=True, unique=True),
        Field("name", "string", "Nom public", required=True),
        Field("operator", "string", "Société éditrice", required=True),
        Field("country", "string", "Pays de la société", "Code ISO 3166-1.", required=True),
        Field("status", "string", "État", "open (en service) ou paused (lecture suspendue).", required=True,
              allowed_values=[PlatformStatus.OPEN, PlatformStatus.PAUSED]),
        Field("accesses", "string", "Accès proposés", f"Mêmes mots que dans la table des offres. {MULTIPLE_VALUES_NOTE}"),
        Field("site", "string", "Site"),
        Field("replaces", "string", "Prend la suite de", f"Noms courts. {MULTIPLE_VALUES_NOTE}"),
        Field("legal_basis", "string", "À quel titre il est collecté",
              "contract (accord), open (rien ne s'y oppose), invented (service inventé pour une démonstration).", required=True,
              allowed_values=[LegalBasis.CONTRACT, LegalBasis.OPEN, LegalBasis.INVENTED]),
        Field("legal_evidence", "string", "Preuve de sa légalité", "Qui la donne, et où.", required=True),
        Field("legal_checked_on", "date", "Preuve vérifiée le", required=True),
        Field("legal_doubt", "string", "Doute"),
        Field("not_collected", "string", "Pourquoi il n'est pas collecté", "Vide pour un service collecté."),
        Field("run", "string", "Collecte montrée", "Vide : jamais collecté."),
        Field("collected_at", "datetime", "Commencée le", "Vide : jamais collecté."),
    ),
    ("platform",),
)  # fmt: skip
COVERAGE_TABLE = TableSchema(
    "couverture",
    "Couverture par service",
    "Ce que sont devenues les lignes du catalogue de chaque service, et ce qu'en disent les contrôles faits par des personnes : "
    "à lire à côté de toute part calculée sur les offres, car une ligne non reliée n'y est pas.",
    ("vidéo à la demande", "couverture", "qualité"),
    (
        Field("counted_at", "datetime", "Compté le", required=True),
        PLATFORM_FIELD,
        Field("platform_name", "string", "Nom public", required=True),
        Field("run", "string", "Collecte montrée", "Vide : jamais collecté."),
        Field("collected_at", "datetime", "Commencée le", "Vide : jamais collecté."),
        Field("rows_received", _COUNT_TYPE, "Lignes reçues", required=True),
        Field("rows_kept", _COUNT_TYPE, "Lignes gardées", required=True),
        Field("rows_linked", _COUNT_TYPE, "Reliées à un film", required=True),
        Field("rows_doubtful", _COUNT_TYPE, "Douteuses", "Elles attendent une personne : rien n'en est montré.", required=True),
        Field("rows_unlinked", _COUNT_TYPE, "Non reliées", "Aucun film de la base, ou pas encore examinées.", required=True),
        Field("films_available", _COUNT_TYPE, "Films à voir", "Films qui y ont une offre au moment du compte.", required=True),
        Field("links_checked", _COUNT_TYPE, "Liens contrôlés", "Tirés au hasard et vérifiés depuis un an.", required=True),
        Field("links_wrong", _COUNT_TYPE, "Liens faux", required=True),
        Field("links_undecided", _COUNT_TYPE, "Non tranchés", required=True),
        Field("error_rate", "number", "Part de faux", "De 0 à 1 ; vide : rien n'a été contrôlé."),
        Field("error_low", "number", "Borne basse", "De l'intervalle à 95 %."),
        Field("error_high", "number", "Borne haute", "De l'intervalle à 95 %."),
    ),
    ("platform",),
)  # fmt: skip


def list_shown_services(session: Session) -> list[Platform]:
    """Return the services that may be shown, by slug."""
    return list(session.exec(select(Platform).where(is_shown()).order_by(col(Platform.slug))))


def iter_service_rows(session: Session) -> Iterator[RowValues]:
    """Yield the rows of SERVICES_TABLE."""
    stmt = select(Run.platform_id, Run.started_at).join(Platform, col(Platform.current_run_id) == col(Run.id))
    started_at = dict(session.exec(stmt).all())
    for platform in list_shown_services(session):
        assert platform.id is not None
        names = (platform.slug, platform.name, platform.operator, platform.country)
        catalogue = (platform.status, platform.accesses, platform.site, platform.replaces)
        legality = (platform.legal_basis, platform.legal_evidence, platform.legal_checked_on, platform.legal_doubt)
        run = (platform.current_run_id, started_at.get(platform.id))
        yield (*names, *catalogue, *legality, platform.blocked, *run)


def iter_coverage_rows(coverage: Coverage) -> Iterator[RowValues]:
    """Yield the rows of COVERAGE_TABLE: the services that have a run."""
    for row in sorted(coverage.platforms, key=lambda row: row.platform.slug):
        if row.run is None:
            continue
        counts = (row.received_rows, row.accepted_rows, row.linked, row.doubtful, row.unlinked, row.films)
        checks = (row.checks.checked, row.checks.wrong, row.checks.unsure)
        service = (row.platform.slug, row.platform.name, row.run.id, row.run.started_at)
        yield (coverage.as_of, *service, *counts, *checks, *_format_rates(row.checks))


def _format_rates(checks: ErrorRate) -> tuple[str | None, ...]:
    """Format the error rate and the bounds of its interval; all None when nothing was checked."""
    if checks.rate is None:
        return (None, None, None)
    return tuple(f"{rate:.4f}" for rate in (checks.rate, *checks.interval))


def has_runs(session: Session) -> bool:
    """Return whether some service was collected: before, there is nothing to export."""
    return session.exec(select(Platform.id).where(col(Platform.current_run_id).is_not(None)).limit(1)).first() is not None
