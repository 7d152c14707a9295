"""Platform files: one TOML a platform, checked whole before anything is asked of anybody."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator

from crawlers.expressions import PathRule, Rule
from crawlers.file_errors import first_fault
from crawlers.platform_tables import Address, Auth, Documents, Fields, Legal, OfferRules, Pages, Paging, Politeness, Table
from records.checks import Expect
from records.errors import Problem
from records.observed import Observed
from records.platforms import PlatformFacts
from records.vocabulary import PlatformStatus

FILLABLE = frozenset({*Observed.model_fields, "price_cents"})


class PlatformFile(Table):
    """A platform: who, by what right, from where, how each line is read, and what a believable run looks like."""

    slug: str = Field(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)
    name: str
    operator: str
    country: str = Field(default="FR", pattern="^[A-Z]{2}$")
    status: PlatformStatus = PlatformStatus.OPEN
    verified: Literal["sample"] | date
    sample: str
    every_hours: int = Field(default=24, ge=1, le=24 * 31)
    site: Address | None = None
    hosts: frozenset[str] = frozenset()
    legal: Legal
    source: Documents | Pages = Field(discriminator="kind")
    drop: dict[str, PathRule] = Field(default_factory=dict)
    fields: Fields
    offers: tuple[OfferRules, ...] = Field(min_length=1)
    expect: Expect
    politeness: Politeness = Politeness()

    @model_validator(mode="after")
    def _coherent(self) -> "PlatformFile":
        if unknown := set(self.expect.fill) - FILLABLE:
            raise ValueError(f"expect.fill : champ inconnu « {min(unknown)} » (connus : {', '.join(sorted(FILLABLE))})")
        if not self.hosts and (self.fields.url or any(offer.url for offer in self.offers)):
            raise ValueError("hosts : sites des liens attendus, puisque des liens sont lus")
        return self

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
        )

    @property
    def delay(self) -> float:
        """Seconds between two requests, unless robots.txt asks for more: two at least for the pages of a site."""
        return max(self.politeness.delay, 2.0 if isinstance(self.source, Pages) else 1.0)

    def rules(self) -> list[Rule]:
        """Every rule of the file that reads a line."""
        tables = [self.fields, *self.offers]
        alone = [rule for table in tables for _, rule in table if isinstance(rule, Rule)]
        return [*alone, *self.fields.ids.values(), *self.drop.values()]

    def at(self, origin: str) -> "PlatformFile":
        """The same platform asked at another server: scheme, host and port of the source are replaced."""
        server = urlsplit(origin)
        moved = urlsplit(self.source.url)._replace(scheme=server.scheme, netloc=server.netloc).geturl()
        return self.model_copy(update={"source": self.source.model_copy(update={"url": moved})})


TABLES = (PlatformFile, Legal, Documents, Paging, Auth, Pages, Fields, OfferRules, Expect, Politeness)
KEYS = frozenset(key for table in TABLES for key in table.model_fields)


def load_platform(slug: str, folder: Path) -> PlatformFile:
    """The platform file of that slug. Raises Problem naming file, key and what was expected."""
    if not folder.is_dir():
        raise Problem(f"{folder} : dossier de plateformes introuvable")
    path = folder / f"{slug}.toml"
    known = {file.stem for file in folder.glob("*.toml")}
    if slug not in known:
        raise Problem(f"plateforme inconnue : « {slug} » (connues : {', '.join(sorted(known)) or 'aucune'})")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return PlatformFile.model_validate({**table, "slug": slug})
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"{path.name} : TOML illisible ({error})") from None
    except (OSError, UnicodeDecodeError, RecursionError):
        raise Problem(f"{path.name} : fichier illisible (texte UTF-8 attendu)") from None
    except ValidationError as error:
        raise Problem(f"{path.name} : {first_fault(error, KEYS)}") from None
