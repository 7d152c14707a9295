"""What a run tells a person: a line while it runs, a table when it ends."""

from collections.abc import Iterable

from domain.common.text import format_count
from domain.models.run import Run
from domain.runs.hold_reasons import format_verdict
from domain.runs.runs import STATE_LABELS, get_run_counts
from domain.runs.validation import RunCounts


def format_progress(counts: RunCounts, expected: int | None, seconds: float) -> str:
    """« 1240 lignes lues sur 3449 (36 %), 98,0 par seconde, encore 23 s »; the end is told once it can be guessed.

    `expected` is what the last accepted run received: it serves where neither the platform nor its sitemap announces a total.
    """
    done = counts.rows + counts.duplicates + counts.missed
    total = counts.listed or counts.announced or expected or 0
    rate = done / seconds if seconds > 0 else 0.0
    told = format_count(done, "ligne lue") + (f" sur {total} ({min(100, 100 * done // total)} %)" if total else "")
    if not rate:
        return told
    told += f", {rate:.1f} par seconde".replace(".", ",")
    return f"{told}, encore {_format_duration((total - done) / rate)}" if total > done else told


def _format_duration(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02}" if hours else f"{minutes} min {left:02}" if minutes else f"{left} s"


def format_run_table(run: Run) -> list[str]:
    """The figures of an ended run, one a line, those that are nothing left out."""
    return [f"  {name:<28}{value:>10}" for name, value in list_run_figures(run)]


def list_run_figures(run: Run) -> list[tuple[str, int | str]]:
    """The figures of a run by name, in the order they are told; those that are nothing left out."""
    return [(name, value) for name, value in _iter_figures(run) if value not in (0, "")]


def _iter_figures(run: Run) -> Iterable[tuple[str, int | str]]:
    counts = get_run_counts(run)
    yield "requêtes", counts.requests
    yield "pages annoncées", counts.listed
    yield "pages inchangées, gardées", counts.carried
    yield "pages retirées", counts.gone
    yield "pages en échec", counts.missed
    yield "lignes reçues", counts.rows
    yield from ((f"écartées : {rule}", number) for rule, number in counts.dropped.items())
    yield "en double", counts.duplicates
    yield "illisibles", counts.unmapped
    yield "avec un mot inconnu", counts.unknown_words
    yield "à un prix inhabituel", counts.strange_prices
    yield "renommées depuis", counts.retitled
    yield "titres gardés", counts.kept
    if run.ended_at is not None:
        yield "durée", _format_duration((run.ended_at - run.started_at).total_seconds())


def describe_run(run: Run, slug: str, issues: dict[str, list[str]]) -> str:
    """A run in a list: a line of figures, then why it is held, who accepted it, and its issues by kind."""
    counts = get_run_counts(run)
    dropped = ", ".join(f"{rule} {count}" for rule, count in counts.dropped.items())
    head = f"{run.id:>5}  {slug:<24} {run.started_at:%Y-%m-%d %H:%M} UTC  {STATE_LABELS[run.state]:<10}"
    figures = f"  {counts.rows:>6} reçues {counts.kept:>6} gardées {counts.unmapped:>4} illisibles"
    details = [f"écartées : {dropped}" if dropped else "", format_verdict(run)]
    details += [f"{STATE_LABELS[run.state]} par une personne : {run.reason}" if run.reason else ""]
    details += [f"{kind} ({len(messages)}) : {messages[0]}" for kind, messages in issues.items()]
    return "\n".join([head + figures, *(f"       {detail}" for detail in details if detail)])
