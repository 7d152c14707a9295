"""The time of Paris: the day of a moment, and the hours during which the clock may start a collection."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def get_paris_date(moment: datetime) -> date:
    """The day that a moment is in Paris."""
    return moment.astimezone(PARIS).date()


def get_day_start(day: date) -> datetime:
    """When a day begins in Paris, in UTC."""
    return datetime.combine(day, time(), PARIS).astimezone(UTC)


def is_window_open(night: str | None, now: datetime) -> bool:
    """Whether the window (« 01:00-06:00 », Paris time, midnight may stand inside) is open; no window is always open.

    `now` is timezone-aware. Both clock changes are met: a window open at 02:30 is open both times the hour comes twice.
    """
    if night is None:
        return True
    opens, closes = _parse_bounds(night)
    read = now.astimezone(PARIS).time()
    return opens <= read < closes if opens < closes else read >= opens or read < closes


def get_seconds_left(night: str | None, now: datetime) -> float | None:
    """Seconds until the window closes, real ones even across a change of clock; None without a window, 0 outside it."""
    if night is None:
        return None
    if not is_window_open(night, now):
        return 0.0
    _, closes = _parse_bounds(night)
    here = now.astimezone(PARIS)
    end = here.replace(hour=closes.hour, minute=closes.minute, second=0, microsecond=0)
    if end.timestamp() <= now.timestamp():
        end += timedelta(days=1)
    return end.timestamp() - now.timestamp()


def get_next_opening(night: str | None, moment: datetime) -> datetime:
    """The first moment from that one on when the window is open: itself when it is, or when there is no window."""
    if is_window_open(night, moment):
        return moment
    opens, _ = _parse_bounds(night or "")
    here = moment.astimezone(PARIS)
    start = here.replace(hour=opens.hour, minute=opens.minute, second=0, microsecond=0)
    if start.timestamp() < moment.timestamp():
        start += timedelta(days=1)
    return start.astimezone(UTC)


def _parse_bounds(night: str) -> tuple[time, time]:
    opens, closes = night.split("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)
