"""What an address of the tables asks for: a day, filters, choices of method, another day beside it."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from sqlmodel import Session, col, func, select
from werkzeug.datastructures import MultiDict

from domain.common.enums import RunState
from domain.common.paris_time import day_in_paris
from domain.common.text import clean
from domain.coverage.as_of import end_of
from domain.coverage.schema import CountryRule, Filters, Known, LanguageRule
from domain.models.run import Run
from search.filters import ACCESSES
from webapp.core.context import Refusal
from webapp.core.my_services import PARAMETER, MyServices, read_services

FIRST_DAY = date(2020, 1, 1)
_LONGEST, _MOST_PAGES = 40, 10_000
_DAY, _MONTH = re.compile(r"\d{4}-\d{2}-\d{2}"), re.compile(r"\d{4}-\d{2}")
Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class Asked:
    """A day in Paris and its moment (UTC), provisional while the day is not over; filters; a day beside it, or none."""

    day: date
    at: datetime
    provisional: bool
    beside: date | None
    filters: Filters
    accesses: tuple[str, ...]
    services: MyServices
    page: int

    @property
    def kept(self) -> dict[str, str]:
        """What an address carries, so that it gives the same figures again; usual choices are left out."""
        chosen = self.filters
        told = {
            "jour": self.day.isoformat(),
            "avec": self.beside.isoformat() if self.beside else "",
            "acces": ",".join(self.accesses),
            "pays": "" if chosen.country is CountryRule.FIRST else chosen.country,
            "langue": "" if chosen.language is LanguageRule.TOLD else chosen.language,
            "etat": "" if chosen.known is Known.THEN else chosen.known,
        }
        return {name: str(value) for name, value in told.items() if value} | self.services.kept


def read_asked(session: Session, args: MultiDict[str, str]) -> Asked:
    """What is asked. Raises Refusal, in one French sentence, for a value that is none of those expected."""
    services = read_services(session, args.getlist(PARAMETER))
    accesses = _accesses(args)
    filters = Filters(
        services=services.slugs,
        accesses=tuple(access for name in accesses for access in ACCESSES[name]),
        country=_word(args, "pays", CountryRule, CountryRule.FIRST),
        language=_word(args, "langue", LanguageRule, LanguageRule.TOLD),
        known=_word(args, "etat", Known, Known.THEN),
    )
    day = _day(args, "jour") or default_day(session)
    return _asked(day, _day(args, "avec"), filters, accesses, services, _page(args))


def read_month(session: Session, args: MultiDict[str, str]) -> Asked:
    """The last day of the month asked for, or the last that is over of a month that is not. Raises Refusal as `read_asked`."""
    today, written = day_in_paris(datetime.now(UTC)), args.get("mois", "")
    first = _first_of(written) if written else default_day(session).replace(day=1)
    if first > today:
        raise Refusal("Ce mois n’a pas commencé (paramètre « mois »).")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    day = last if last < today else max(first, default_day(session))
    return _asked(day, None, Filters(), (), read_services(session, []), 1)


def _asked(day: date, beside: date | None, filters: Filters, accesses: tuple[str, ...], services: MyServices, page: int) -> Asked:
    now = datetime.now(UTC)
    provisional = day == day_in_paris(now)
    return Asked(day, now if provisional else end_of(day), provisional, beside, filters, accesses, services, page)


def default_day(session: Session) -> date:
    """Yesterday in Paris; today when nothing had been collected by then."""
    today = day_in_paris(datetime.now(UTC))
    first = session.exec(select(func.min(Run.ended)).where(col(Run.state) == RunState.ACCEPTED)).one()
    yesterday = today - timedelta(days=1)
    return yesterday if first is not None and first <= end_of(yesterday) else today


def moment_of(day: date) -> datetime:
    """The end of a day, or now when it is not over."""
    return min(end_of(day), datetime.now(UTC))


def _first_of(written: str) -> date:
    try:
        first = date.fromisoformat(f"{written}-01") if _MONTH.fullmatch(written) else None
    except ValueError:
        first = None
    if first is None or first < FIRST_DAY:
        raise Refusal("Mois attendu sous la forme AAAA-MM, à partir de 2020 (paramètre « mois »).")
    return first


def _day(args: MultiDict[str, str], name: str) -> date | None:
    written = args.get(name, "").strip()
    if not written:
        return None
    try:
        day = date.fromisoformat(written) if _DAY.fullmatch(written) else None
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= day_in_paris(datetime.now(UTC)):
        raise Refusal(f"Jour attendu sous la forme AAAA-MM-JJ, de 2020 à aujourd’hui (paramètre « {name} »).")
    return day


def _accesses(args: MultiDict[str, str]) -> tuple[str, ...]:
    told = tuple(dict.fromkeys(filter(None, ",".join(args.getlist("acces")).split(","))))
    for name in told:
        if name not in ACCESSES:
            raise Refusal(_unknown("acces", name, tuple(ACCESSES)))
    return told


def _word(args: MultiDict[str, str], name: str, words: type[Word], usual: Word) -> Word:
    written = args.get(name, "") or usual
    if written not in tuple(words):
        raise Refusal(_unknown(name, written, tuple(words)))
    return words(written)


def _unknown(name: str, value: str, expected: tuple[str, ...]) -> str:
    told = clean(value)[:_LONGEST]
    return f"Valeur inconnue (paramètre « {name} ») : « {told} ». Valeurs attendues : {', '.join(expected)}."


def _page(args: MultiDict[str, str]) -> int:
    written = args.get("page", "1")
    if not written.isdecimal() or not 1 <= len(written) <= 5 or not 1 <= int(written) <= _MOST_PAGES:
        raise Refusal("Numéro de page attendu, à partir de 1 (paramètre « page »).")
    return int(written)
