"""The time of Paris: the day of a moment, and the hours during which the clock may start a collection."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def day_in_paris(moment: datetime) -> date:
    """The day that a moment is in Paris."""
    return moment.astimezone(PARIS).date()


def start_of(day: date) -> datetime:
    """When a day begins in Paris, in UTC."""
    return datetime.combine(day, time(), PARIS).astimezone(UTC)


def in_window(night: str | None, now: datetime) -> bool:
    """Whether the window (« 01:00-06:00 », Paris time, midnight may stand inside) is open; no window is always open.

    `now` is timezone-aware. Both clock changes are met: a window open at 02:30 is open both times the hour comes twice.
    """
    if night is None:
        return True
    opens, closes = _bounds(night)
    read = now.astimezone(PARIS).time()
    return opens <= read < closes if opens < closes else read >= opens or read < closes


def seconds_left(night: str | None, now: datetime) -> float | None:
    """Seconds until the window closes, real ones even across a change of clock; None without a window, 0 outside it."""
    if night is None:
        return None
    if not in_window(night, now):
        return 0.0
    _, closes = _bounds(night)
    here = now.astimezone(PARIS)
    end = here.replace(hour=closes.hour, minute=closes.minute, second=0, microsecond=0)
    if end.timestamp() <= now.timestamp():
        end += timedelta(days=1)
    return end.timestamp() - now.timestamp()


def next_opening(night: str | None, moment: datetime) -> datetime:
    """The first moment from that one on when the window is open: itself when it is, or when there is no window."""
    if in_window(night, moment):
        return moment
    opens, _ = _bounds(night or "")
    here = moment.astimezone(PARIS)
    start = here.replace(hour=opens.hour, minute=opens.minute, second=0, microsecond=0)
    if start.timestamp() < moment.timestamp():
        start += timedelta(days=1)
    return start.astimezone(UTC)


def _bounds(night: str) -> tuple[time, time]:
    opens, closes = night.split("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)
