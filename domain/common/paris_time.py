"""Convert between moments and days in Paris, and read the windows in which a platform may be collected."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def get_paris_date(moment: datetime) -> date:
    """Return the day in Paris at a moment."""
    return moment.astimezone(PARIS).date()


def get_day_start(day: date) -> datetime:
    """Return the moment, in UTC, when a day begins in Paris."""
    return datetime.combine(day, time(), PARIS).astimezone(UTC)


def is_window_open(night: str | None, now: datetime) -> bool:
    """Tell whether a window such as « 01:00-06:00 », Paris time, is open; it may span midnight, and None is always open.

    `now` is timezone-aware. When clocks are put back, a window open at 02:30 is open both times that 02:30 comes.
    """
    if night is None:
        return True
    opens, closes = _parse_bounds(night)
    time_of_day = now.astimezone(PARIS).time()
    if opens < closes:
        return opens <= time_of_day < closes
    return time_of_day >= opens or time_of_day < closes


def get_seconds_left(night: str | None, now: datetime) -> float | None:
    """Return the seconds until the window closes, real ones even across a clock change; None without a window, 0 outside it."""
    if night is None:
        return None
    if not is_window_open(night, now):
        return 0.0
    _, closes = _parse_bounds(night)
    local_now = now.astimezone(PARIS)
    end = local_now.replace(hour=closes.hour, minute=closes.minute, second=0, microsecond=0)
    if end.timestamp() <= now.timestamp():
        end += timedelta(days=1)
    return end.timestamp() - now.timestamp()


def get_next_opening(night: str | None, moment: datetime) -> datetime:
    """Return the first moment from a given one on when the window is open; the given one without a window."""
    if night is None or is_window_open(night, moment):
        return moment
    opens, _ = _parse_bounds(night)
    local_moment = moment.astimezone(PARIS)
    start = local_moment.replace(hour=opens.hour, minute=opens.minute, second=0, microsecond=0)
    if start.timestamp() < moment.timestamp():
        start += timedelta(days=1)
    return start.astimezone(UTC)


def _parse_bounds(night: str) -> tuple[time, time]:
    opens, closes = night.split("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)
