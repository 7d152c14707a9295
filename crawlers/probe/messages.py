"""Exchange an order, lines of progress and a report between the process that asks for a probe and the one that makes it."""

from pydantic import BaseModel, Field

from crawlers.probe.report import ProbeReport


class ProbeOrder(BaseModel):
    """Hold the address to probe; a `body` of JSON is posted, the `headers` are sent with the first request."""

    url: str
    body: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)


class ProbeMessage(BaseModel):
    """Hold one line of the output of the probing process: progress in French, or the report."""

    progress: str = ""
    report: ProbeReport | None = None


def send_progress(message: str) -> None:
    """Write one line of progress for the parent."""
    _send(ProbeMessage(progress=message))


def send_report(report: ProbeReport) -> None:
    """Write the report for the parent."""
    _send(ProbeMessage(report=report))


def _send(message: ProbeMessage) -> None:
    print(message.model_dump_json(), flush=True)  # noqa: T201 (the pipe to the parent)
