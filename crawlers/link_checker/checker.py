"""The links of one service checked, within its budget of the day; what is broken for days is hidden."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic

from sqlalchemy import Engine

from crawlers.link_checker.client import Asker
from crawlers.platform_files.loader import AnyFile, PlatformFile
from crawlers.platform_files.permission import require_collectable, require_unpaused
from domain.common.enums import LinkFinding
from domain.common.errors import Problem
from domain.common.paris_time import in_window
from domain.common.text import counted
from domain.db.engine import reading, writing
from domain.db.locks import hold
from domain.monitoring.link_checks import hide_broken, is_stopped, note_check
from domain.monitoring.link_lists import due_links
from domain.runs.platforms import register

DAILY = 200
"""Links of a service checked in a day, all passes together."""
_TOLD = {
    LinkFinding.FINE: ("trouvé", "trouvés"),
    LinkFinding.GONE: ("rompu", "rompus"),
    LinkFinding.FAULT: ("en panne", "en panne"),
    LinkFinding.REFUSED: ("refusé", "refusés"),
}


@dataclass(frozen=True)
class Checked:
    """What a pass found, and how many links it hid."""

    found: Counter[LinkFinding] = field(default_factory=Counter)
    hidden: int = 0

    def __add__(self, other: "Checked") -> "Checked":
        return Checked(self.found + other.found, self.hidden + other.hidden)

    def sentence(self) -> str:
        """« 200 liens vérifiés : 198 trouvés, 2 rompus »; empty when there was nothing to check."""
        told = [f"{self.found[word]} {said[self.found[word] > 1]}" for word, said in _TOLD.items() if self.found[word]]
        hidden = f" ; {counted(self.hidden, 'caché')}" if self.hidden else ""
        return f"{counted(self.found.total(), 'lien vérifié')} : {', '.join(told)}{hidden}" if told else ""


def check_links(engine: Engine, file: AnyFile, most: int = DAILY, seconds: float | None = None) -> Checked:
    """Checks the links of a service that were not yet today, `most` in the day, until `seconds` have passed.

    Raises Problem when the service may not be asked, now or ever; nothing is asked of it then.
    """
    platform, now = require_collectable(file, None), datetime.now(UTC)
    if not in_window(platform.politeness.night, now):
        raise Problem(f"{platform.slug} : liens à vérifier pendant ses heures seulement ({platform.politeness.night})")
    with hold(engine, f"crawl-{platform.slug}", f"{platform.slug} : une collecte de cette plateforme est en cours"):
        with writing(engine) as session:
            registered = register(session, platform.facts())
            require_unpaused(session, registered)
        with reading(engine) as session:
            urls = due_links(session, registered, now, most)
        found = Counter(_ask_all(engine, platform, registered.id or 0, urls, _until(seconds)) if urls else ())
        if not found:
            return Checked()
        with writing(engine) as session:
            return Checked(found, hide_broken(session, registered, datetime.now(UTC)))


def _until(seconds: float | None) -> Callable[[], bool]:
    started = monotonic()
    return lambda: seconds is not None and monotonic() - started > seconds


def _ask_all(
    engine: Engine, platform: PlatformFile, number: int, urls: Sequence[str], is_over: Callable[[], bool]
) -> Iterator[LinkFinding]:
    with Asker(platform) as asker:
        for url in urls:
            with reading(engine) as session:
                stopped = is_stopped(session, number, datetime.now(UTC))
            if stopped or is_over() or not in_window(platform.politeness.night, datetime.now(UTC)):
                return
            answer = asker.ask(url)
            with writing(engine) as session:
                note_check(session, number, url, answer.finding, answer.status, datetime.now(UTC))
            yield answer.finding
