"""Parse what an address of the tables asks for: a day, filters, choices of method, another day beside it."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from sqlmodel import Session, col, func, select
from werkzeug.datastructures import MultiDict

from domain.common.enums import RunState
from domain.common.paris_time import get_paris_date
from domain.common.parsing import parse_iso_day
from domain.common.text import clean_text
from domain.coverage.as_of import get_day_end
from domain.coverage.schema import CountryRule, Filters, Knowledge, LanguageRule
from domain.models.run import Run
from search.filters import ACCESS_CHOICES, SERVICES_PARAM, ServiceSelection
from webapp.core.context import RequestError
from webapp.core.my_services import parse_services

FIRST_DAY = date(2020, 1, 1)
_MAX_ECHOED_LENGTH = 40
_MAX_PAGE = 10_000
_MONTH_PATTERN = re.compile(r"\d{4}-\d{2}")
ChoiceEnum = TypeVar("ChoiceEnum", bound=StrEnum)


@dataclass(frozen=True)
class CoverageQuery:
    """Hold a day in Paris and its moment (UTC), provisional while it is not over; the filters; a day to compare with, or none."""

    day: date
    at: datetime
    provisional: bool
    compared_day: date | None
    filters: Filters
    accesses: tuple[str, ...]
    services: ServiceSelection
    page: int

    @property
    def query_params(self) -> dict[str, str]:
        """Return the parameters of an address that gives the same figures again; default choices are left out."""
        filters = self.filters
        params = {
            "jour": self.day.isoformat(),
            "avec": self.compared_day.isoformat() if self.compared_day else "",
            "acces": ",".join(self.accesses),
            "pays": _omit_default(filters.country, CountryRule.FIRST),
            "langue": _omit_default(filters.language, LanguageRule.TOLD),
            "etat": _omit_default(filters.knowledge, Knowledge.THEN),
        }
        return {name: str(value) for name, value in params.items() if value} | self.services.query_params


def _omit_default(value: str, default: str) -> str:
    return "" if value == default else value


def parse_coverage_query(session: Session, args: MultiDict[str, str]) -> CoverageQuery:
    """Return what an address asks for. Raises RequestError, with one French sentence, for a value that is not expected."""
    services = parse_services(session, args.getlist(SERVICES_PARAM))
    accesses = _parse_accesses(args)
    filters = Filters(
        services=services.slugs,
        accesses=tuple(access for name in accesses for access in ACCESS_CHOICES[name]),
        country=_parse_choice(args, "pays", CountryRule, CountryRule.FIRST),
        language=_parse_choice(args, "langue", LanguageRule, LanguageRule.TOLD),
        knowledge=_parse_choice(args, "etat", Knowledge, Knowledge.THEN),
    )
    day = _parse_day(args, "jour") or get_default_day(session)
    return _make_query(day, _parse_day(args, "avec"), filters, accesses, services, _parse_page(args))


def parse_month_query(session: Session, args: MultiDict[str, str]) -> CoverageQuery:
    """Return the query of a month: its last day, or the last one that is over. Raises RequestError as `parse_coverage_query`."""
    today = get_paris_date(datetime.now(UTC))
    text = args.get("mois", "")
    first = _parse_month(text) if text else get_default_day(session).replace(day=1)
    if first > today:
        raise RequestError("Ce mois n’a pas commencé (paramètre « mois »).")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    day = last if last < today else max(first, get_default_day(session))
    return _make_query(day, None, Filters(), (), parse_services(session, []), 1)


def _make_query(
    day: date, compared_day: date | None, filters: Filters, accesses: tuple[str, ...], services: ServiceSelection, page: int
) -> CoverageQuery:
    now = datetime.now(UTC)
    is_provisional = day == get_paris_date(now)
    at = now if is_provisional else get_day_end(day)
    return CoverageQuery(day, at, is_provisional, compared_day, filters, accesses, services, page)


def get_default_day(session: Session) -> date:
    """Return yesterday in Paris; today when nothing had been collected by then."""
    today = get_paris_date(datetime.now(UTC))
    yesterday = today - timedelta(days=1)
    first_ended_at = session.exec(select(func.min(Run.ended_at)).where(col(Run.state) == RunState.ACCEPTED)).one()
    if first_ended_at is None or first_ended_at > get_day_end(yesterday):
        return today
    return yesterday


def get_day_moment(day: date) -> datetime:
    """Return the end of a day, or now when it is not over."""
    return min(get_day_end(day), datetime.now(UTC))


def _parse_month(text: str) -> date:
    try:
        first = date.fromisoformat(f"{text}-01") if _MONTH_PATTERN.fullmatch(text) else None
    except ValueError:
        first = None
    if first is None or first < FIRST_DAY:
        raise RequestError("Mois attendu sous la forme AAAA-MM, à partir de 2020 (paramètre « mois »).")
    return first


def _parse_day(args: MultiDict[str, str], name: str) -> date | None:
    text = args.get(name, "").strip()
    if not text:
        return None
    try:
        day: date | None = parse_iso_day(text)
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= get_paris_date(datetime.now(UTC)):
        raise RequestError(f"Jour attendu sous la forme AAAA-MM-JJ, de 2020 à aujourd’hui (paramètre « {name} »).")
    return day


def _parse_accesses(args: MultiDict[str, str]) -> tuple[str, ...]:
    names = dict.fromkeys(filter(None, ",".join(args.getlist("acces")).split(",")))
    for name in names:
        if name not in ACCESS_CHOICES:
            raise RequestError(_format_unknown_value("acces", name, tuple(ACCESS_CHOICES)))
    return tuple(names)


def _parse_choice(args: MultiDict[str, str], name: str, choices: type[ChoiceEnum], default: ChoiceEnum) -> ChoiceEnum:
    text = args.get(name, "") or default
    if text not in tuple(choices):
        raise RequestError(_format_unknown_value(name, text, tuple(choices)))
    return choices(text)


def _format_unknown_value(name: str, value: str, expected: tuple[str, ...]) -> str:
    echoed = clean_text(value)[:_MAX_ECHOED_LENGTH]
    return f"Valeur inconnue (paramètre « {name} ») : « {echoed} ». Valeurs attendues : {', '.join(expected)}."


def _parse_page(args: MultiDict[str, str]) -> int:
    text = args.get("page", "1")
    if not text.isdecimal() or len(text) > len(str(_MAX_PAGE)) or not 1 <= int(text) <= _MAX_PAGE:
        raise RequestError("Numéro de page attendu, à partir de 1 (paramètre « page »).")
    return int(text)
