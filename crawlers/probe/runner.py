"""Run a probe (`ouvoir probe URL`): what a site says of itself to robots, and a first platform file for it."""

import subprocess
from urllib.parse import urlsplit

from crawlers import process_runner
from crawlers.addresses import is_web_url
from crawlers.identity import require_identity
from crawlers.platform_files.sources import RESERVED_HEADERS
from crawlers.probe.messages import ProbeMessage, ProbeOrder
from crawlers.probe.report import ProbeReport
from domain.common.errors import UserError
from domain.common.progress import ProgressCallback
from domain.common.text import clean_text


def run_probe(
    url: str, progress: ProgressCallback, body: str | None = None, headers: dict[str, str] | None = None
) -> ProbeReport:
    """Read a few documents of a site, in a child process, as politely as a run; a `body` of JSON is posted.

    Raises UserError when the address is no plain http(s) one, when nobody answers for the robot, or when the probe fails.
    """
    order = ProbeOrder(url=_normalise_url(url), body=body, headers=headers or {})
    require_identity(order.url)
    for name in order.headers:
        if name.lower() in RESERVED_HEADERS:
            raise UserError(f"en-tête réservé : {clean_text(name)} (une clé d'accès se dit dans source.auth, jamais ici)")
    arguments = [order.model_dump_json()]
    with process_runner.launch_module(
        "crawlers.probe.probe_process", arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        try:
            report = _wait_for_report(child, progress)
        finally:
            child.kill()
    if report is None:
        raise UserError(f"{clean_text(order.url)} : la sonde s'est arrêtée en panne")
    return report


def _normalise_url(url: str) -> str:
    """Return the address to probe: without a fragment, and the home page in place of robots.txt. Raises UserError."""
    if not is_web_url(url) or not url.isprintable() or " " in url:
        raise UserError(f"adresse http(s) attendue, lu « {clean_text(url)[:200]} »")
    parts = urlsplit(url)
    if parts.path == "/robots.txt":
        return parts._replace(path="/", query="", fragment="").geturl()
    return parts._replace(path=parts.path or "/", fragment="").geturl()


def _wait_for_report(child: process_runner.ChildProcess, progress: ProgressCallback) -> ProbeReport | None:
    """Tell the progress as it comes, and return the report; None when the child ended without one."""
    assert child.stdout is not None
    for line in child.stdout:
        message = ProbeMessage.model_validate_json(line)
        if message.report is not None:
            return message.report
        progress(clean_text(message.progress))
    return None
