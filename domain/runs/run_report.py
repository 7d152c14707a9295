"""Format runs for a person: a progress line while one lasts, a table of figures when it ends, a line in a list."""

from collections.abc import Iterator, Mapping, Sequence

from domain.common.text import format_count
from domain.models.run import Run
from domain.runs.hold_reasons import format_verdict
from domain.runs.runs import STATE_LABELS, get_run_counts
from domain.runs.validation import RunCounts


def format_progress(counts: RunCounts, expected: int | None, seconds: float) -> str:
    """Format progress as « 1240 lignes lues sur 3449 (36 %), 98,0 par seconde, encore 23 s ».

    `expected` is the number of rows of the last accepted run, used where neither the platform nor its sitemap announces a total.
    """
    done = counts.rows + counts.duplicates + counts.missed
    total = counts.listed or counts.announced or expected or 0
    progress = format_count(done, "ligne lue")
    if total:
        progress += f" sur {total} ({min(100, 100 * done // total)} %)"
    if not done or seconds <= 0:
        return progress
    rate = done / seconds
    progress += f", {rate:.1f} par seconde".replace(".", ",")
    if total > done:
        progress += f", encore {_format_duration((total - done) / rate)}"
    return progress


def _format_duration(duration: float) -> str:
    """Format seconds as « 23 s », « 2 min 05 » or « 1 h 05 »."""
    minutes, seconds = divmod(round(duration), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02}"
    if minutes:
        return f"{minutes} min {seconds:02}"
    return f"{seconds} s"


def format_run_table(run: Run) -> list[str]:
    """Format the figures of an ended run as lines of a table, without those that are zero."""
    return [f"  {name:<28}{value:>10}" for name, value in list_run_figures(run)]


def list_run_figures(run: Run) -> list[tuple[str, int | str]]:
    """List the figures of a run with their French names, without those that are zero."""
    return [(name, value) for name, value in _iter_figures(run) if value not in (0, "")]


def _iter_figures(run: Run) -> Iterator[tuple[str, int | str]]:
    counts = get_run_counts(run)
    yield "requêtes", counts.requests
    yield "pages annoncées", counts.listed
    yield "pages inchangées, gardées", counts.carried
    yield "pages retirées", counts.gone
    yield "pages en échec", counts.missed
    yield "lignes reçues", counts.rows
    for rule, count in counts.dropped.items():
        yield f"écartées : {rule}", count
    yield "en double", counts.duplicates
    yield "illisibles", counts.unmapped
    yield "avec un mot inconnu", counts.unknown_words
    yield "à un prix inhabituel", counts.strange_prices
    yield "renommées depuis", counts.retitled
    yield "titres gardés", counts.kept
    if run.ended_at is not None:
        yield "durée", _format_duration((run.ended_at - run.started_at).total_seconds())


def describe_run(run: Run, slug: str, issues: Mapping[str, Sequence[str]]) -> str:
    """Describe a run in a list: a line of figures, then indented why it is held, who decided of it and its issues by kind."""
    counts = get_run_counts(run)
    head = f"{run.id:>5}  {slug:<24} {run.started_at:%Y-%m-%d %H:%M} UTC  {STATE_LABELS[run.state]:<10}"
    figures = f"  {counts.rows:>6} reçues {counts.kept:>6} gardées {counts.unmapped:>4} illisibles"
    details = []
    if counts.dropped:
        details.append("écartées : " + ", ".join(f"{rule} {count}" for rule, count in counts.dropped.items()))
    verdict = format_verdict(run)
    if verdict:
        details.append(verdict)
    if run.reason:
        details.append(f"{STATE_LABELS[run.state]} par une personne : {run.reason}")
    details += [f"{kind} ({len(messages)}) : {messages[0]}" for kind, messages in issues.items()]
    return "\n".join([head + figures, *(f"       {detail}" for detail in details)])
