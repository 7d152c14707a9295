"""Platform files: one TOML a platform, checked whole before anything is asked of anybody.

Three shapes. A `RegisterFile` only says what a service is, and why nothing is collected; a `PushFile` belongs to an editor
who posts its catalogue to us; a `PlatformFile` says how we collect it.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator

from crawlers.extract.expressions import PathRule, Rule
from crawlers.platform_files.sources import Address, Auth, Details, Documents, Lookup, Pages, Paging, Push, Table
from crawlers.platform_files.tables import Fields, Legal, OfferRules, Politeness
from domain.common.enums import Access, LegalBasis, PlatformStatus
from domain.common.errors import Problem
from domain.common.file_errors import first_fault
from domain.runs.observation import Observed
from domain.runs.platforms import PlatformFacts
from domain.runs.validation import Expect

FILLABLE = frozenset({*Observed.model_fields, "price_cents"})
Slug = Annotated[str, Field(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]


class ServiceFile(Table):
    """What a service is: who runs it, what it offers, by what right it is listed, and what became of it."""

    slug: Slug
    name: str
    operator: str
    country: str = Field(default="FR", pattern="^[A-Z]{2}$")
    status: PlatformStatus = PlatformStatus.OPEN
    status_note: str | None = None
    replaces: tuple[Slug, ...] = ()
    accesses: tuple[Access, ...] = ()
    site: Address | None = None
    hosts: frozenset[str] = frozenset()
    legal: Legal

    def facts(self) -> PlatformFacts:
        """What the register of platforms keeps."""
        return PlatformFacts(
            slug=self.slug,
            name=self.name,
            operator=self.operator,
            country=self.country,
            status=self.status,
            legal_basis=self.legal.basis,
            legal_evidence=self.legal.evidence,
            legal_checked_on=self.legal.checked_on,
            legal_doubt=self.legal.doubt,
            blocked=self.legal.blocked,
            status_note=self.status_note,
            site=self.site,
            accesses=list(self.accesses),
            replaces=list(self.replaces),
            hosts=sorted(self.hosts),
        )


class RegisterFile(ServiceFile):
    """A service of which nothing comes in, and why. `road` is the kind of source that would serve it best."""

    road: Literal["feed", "api", "pages", "lookup", "push"] | None = None

    @model_validator(mode="after")
    def _reason_to_collect_nothing(self) -> "RegisterFile":
        if not (self.legal.blocked or self.legal.basis is LegalBasis.FORBIDDEN or self.status is PlatformStatus.CLOSED):
            raise ValueError(
                "source : table attendue, à moins que la plateforme soit fermée, interdite ou empêchée (legal.blocked)"
            )
        return self


class _Believable(ServiceFile):
    """A service whose lines come in. `verified` is the day it was seen live, or « sample » when only a saved answer was read."""

    verified: Literal["sample"] | date
    sample: str
    expect: Expect

    @model_validator(mode="after")
    def _known_fields(self) -> "_Believable":
        if unknown := set(self.expect.fill) - FILLABLE:
            raise ValueError(f"expect.fill : champ inconnu « {min(unknown)} » (connus : {', '.join(sorted(FILLABLE))})")
        return self

    def facts(self) -> PlatformFacts:
        """What the register keeps, with what a believable run looks like."""
        return super().facts().model_copy(update={"expect": self.expect.model_dump(mode="json")})


class PushFile(_Believable):
    """A service whose editor posts its catalogue to us."""

    source: Push


class PlatformFile(_Believable):
    """A service that we collect: from where, how each line is read, and what a believable run looks like."""

    every_hours: int = Field(default=24, ge=1, le=24 * 31)
    source: Documents | Pages | Lookup = Field(discriminator="kind")
    drop: dict[str, PathRule] = Field(default_factory=dict)
    fields: Fields
    offers: tuple[OfferRules, ...] = Field(min_length=1)
    politeness: Politeness = Politeness()

    @model_validator(mode="after")
    def _hosts_of_links(self) -> "PlatformFile":
        if not self.hosts and (self.fields.url or any(offer.url for offer in self.offers)):
            raise ValueError("hosts : sites des liens attendus, puisque des liens sont lus")
        return self

    def facts(self) -> PlatformFacts:
        """What the register keeps, with when it is collected."""
        return super().facts().model_copy(update={"every_hours": self.every_hours, "night": self.politeness.night})

    @property
    def delay(self) -> float:
        """Seconds between two requests, unless robots.txt asks for more: two at least for the pages of a site."""
        return max(self.politeness.delay, 2.0 if isinstance(self.source, Pages) else 1.0)

    def rules(self) -> list[Rule]:
        """Every rule of the file that reads a line."""
        tables = [self.fields, *self.offers]
        alone = [rule for table in tables for _, rule in table if isinstance(rule, Rule)]
        return [*alone, *self.fields.ids.values(), *self.drop.values()]

    def addresses(self) -> list[str]:
        """Where the source asks: its own address, and that of the documents which an index lists."""
        details = self.source.details if isinstance(self.source, Documents) else None
        return [self.source.url, *([details.url] if details and details.url else [])]

    def at(self, origin: str) -> "PlatformFile":
        """The same platform asked at another server: scheme, host and port of the source's addresses are replaced."""
        source, moved = self.source, {"url": _moved(self.source.url, origin)}
        if isinstance(source, Documents) and source.details and source.details.url:
            details = source.details.model_copy(update={"url": _moved(source.details.url, origin)})
            return self.model_copy(update={"source": source.model_copy(update={**moved, "details": details})})
        return self.model_copy(update={"source": source.model_copy(update=moved)})


def _moved(url: str, origin: str) -> str:
    server = urlsplit(origin)
    return urlsplit(url)._replace(scheme=server.scheme, netloc=server.netloc).geturl()


AnyFile = RegisterFile | PushFile | PlatformFile
TABLES = (PlatformFile, Legal, Documents, Paging, Details, Auth, Pages, Lookup, Fields, OfferRules, Expect, Politeness)
KEYS = frozenset(key for table in TABLES for key in table.model_fields)


def load_file(slug: str, folder: Path) -> AnyFile:
    """The file of that slug, whatever its shape. Raises Problem naming file, key and what was expected."""
    if not folder.is_dir():
        raise Problem(f"{folder} : dossier de plateformes introuvable")
    path = folder / f"{slug}.toml"
    known = {file.stem for file in folder.glob("*.toml")}
    if slug not in known:
        raise Problem(f"plateforme inconnue : « {slug} » (voir « ouvoir platforms »)")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return _shape(table).model_validate({**table, "slug": slug})
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"{path.name} : TOML illisible ({error})") from None
    except (OSError, UnicodeDecodeError, RecursionError):
        raise Problem(f"{path.name} : fichier illisible (texte UTF-8 attendu)") from None
    except ValidationError as error:
        raise Problem(f"{path.name} : {first_fault(error, KEYS)}") from None


def _shape(table: dict[str, Any]) -> type[RegisterFile] | type[PushFile] | type[PlatformFile]:
    match table.get("source"):
        case None:
            return RegisterFile
        case {"kind": "push"}:
            return PushFile
    return PlatformFile


def load_platform(slug: str, folder: Path) -> PlatformFile:
    """The file of a platform that we collect. Raises Problem as `load_file`, or when there is nothing to collect."""
    file = load_file(slug, folder)
    if isinstance(file, PlatformFile):
        return file
    raise Problem(f"{slug} : {obstacle(file, rehearsed=True)}")


def obstacle(file: AnyFile, rehearsed: bool = False) -> str | None:
    """What keeps a service from being collected by us, in French; None when nothing does. A rehearsal needs no agreement."""
    if file.legal.basis is LegalBasis.FORBIDDEN:
        return f"collecte interdite ({file.legal.evidence})"
    if file.status is PlatformStatus.CLOSED:
        return "plateforme fermée, rien à collecter"
    if file.status is PlatformStatus.PAUSED:
        return f"collecte suspendue ({file.status_note})" if file.status_note else "collecte suspendue"
    if file.legal.blocked and (not rehearsed or isinstance(file, RegisterFile)):
        return f"collecte pas encore permise ({file.legal.blocked})"
    if isinstance(file, PushFile):
        return "l'éditeur nous envoie son catalogue, il n'y a rien à collecter"
    return None if isinstance(file, PlatformFile) else "son fichier ne dit pas comment la collecter"
