"""What an address of the tables asks for: a day, filters, choices of method, another day beside it."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from sqlmodel import Session, col, func, select
from werkzeug.datastructures import MultiDict

from domain.common.enums import RunState
from domain.common.paris_time import get_paris_date
from domain.common.text import clean_text
from domain.coverage.as_of import get_day_end
from domain.coverage.schema import CountryRule, Filters, Knowledge, LanguageRule
from domain.models.run import Run
from search.filters import ACCESS_CHOICES, SERVICES_PARAM, ServiceSelection
from webapp.core.context import RequestError
from webapp.core.my_services import parse_services

FIRST_DAY = date(2020, 1, 1)
_MAX_QUOTED_LENGTH, _MAX_PAGE = 40, 10_000
_DAY_PATTERN, _MONTH_PATTERN = re.compile(r"\d{4}-\d{2}-\d{2}"), re.compile(r"\d{4}-\d{2}")
ChoiceEnum = TypeVar("ChoiceEnum", bound=StrEnum)


@dataclass(frozen=True)
class CoverageQuery:
    """A day in Paris and its moment (UTC), provisional while the day is not over; filters; a day beside it, or none."""

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
        """What an address carries, so that it gives the same figures again; usual choices are left out."""
        chosen = self.filters
        told = {
            "jour": self.day.isoformat(),
            "avec": self.compared_day.isoformat() if self.compared_day else "",
            "acces": ",".join(self.accesses),
            "pays": "" if chosen.country is CountryRule.FIRST else chosen.country,
            "langue": "" if chosen.language is LanguageRule.TOLD else chosen.language,
            "etat": "" if chosen.knowledge is Knowledge.THEN else chosen.knowledge,
        }
        return {name: str(value) for name, value in told.items() if value} | self.services.query_params


def parse_coverage_query(session: Session, args: MultiDict[str, str]) -> CoverageQuery:
    """What is asked. Raises Refusal, in one French sentence, for a value that is none of those expected."""
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
    """The last day of the month asked for, or the last that is over of a month that is not. Raises Refusal as `read_asked`."""
    today, written = get_paris_date(datetime.now(UTC)), args.get("mois", "")
    first = _parse_month(written) if written else get_default_day(session).replace(day=1)
    if first > today:
        raise RequestError("Ce mois n’a pas commencé (paramètre « mois »).")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    day = last if last < today else max(first, get_default_day(session))
    return _make_query(day, None, Filters(), (), parse_services(session, []), 1)


def _make_query(
    day: date, compared_day: date | None, filters: Filters, accesses: tuple[str, ...], services: ServiceSelection, page: int
) -> CoverageQuery:
    now = datetime.now(UTC)
    provisional = day == get_paris_date(now)
    return CoverageQuery(
        day, now if provisional else get_day_end(day), provisional, compared_day, filters, accesses, services, page
    )


def get_default_day(session: Session) -> date:
    """Yesterday in Paris; today when nothing had been collected by then."""
    today = get_paris_date(datetime.now(UTC))
    first = session.exec(select(func.min(Run.ended_at)).where(col(Run.state) == RunState.ACCEPTED)).one()
    yesterday = today - timedelta(days=1)
    return yesterday if first is not None and first <= get_day_end(yesterday) else today


def get_day_moment(day: date) -> datetime:
    """The end of a day, or now when it is not over."""
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
    written = args.get(name, "").strip()
    if not written:
        return None
    try:
        day = date.fromisoformat(written) if _DAY_PATTERN.fullmatch(written) else None
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= get_paris_date(datetime.now(UTC)):
        raise RequestError(f"Jour attendu sous la forme AAAA-MM-JJ, de 2020 à aujourd’hui (paramètre « {name} »).")
    return day


def _parse_accesses(args: MultiDict[str, str]) -> tuple[str, ...]:
    told = tuple(dict.fromkeys(filter(None, ",".join(args.getlist("acces")).split(","))))
    for name in told:
        if name not in ACCESS_CHOICES:
            raise RequestError(_format_unknown_value("acces", name, tuple(ACCESS_CHOICES)))
    return told


def _parse_choice(args: MultiDict[str, str], name: str, choices: type[ChoiceEnum], default: ChoiceEnum) -> ChoiceEnum:
    written = args.get(name, "") or default
    if written not in tuple(choices):
        raise RequestError(_format_unknown_value(name, written, tuple(choices)))
    return choices(written)


def _format_unknown_value(name: str, value: str, expected: tuple[str, ...]) -> str:
    told = clean_text(value)[:_MAX_QUOTED_LENGTH]
    return f"Valeur inconnue (paramètre « {name} ») : « {told} ». Valeurs attendues : {', '.join(expected)}."


def _parse_page(args: MultiDict[str, str]) -> int:
    written = args.get("page", "1")
    if not written.isdecimal() or not 1 <= len(written) <= 5 or not 1 <= int(written) <= _MAX_PAGE:
        raise RequestError("Numéro de page attendu, à partir de 1 (paramètre « page »).")
    return int(written)
