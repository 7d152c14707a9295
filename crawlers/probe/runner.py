"""`ouvoir probe URL`: what a site says of itself to robots, and a first platform file for it."""

import json
import subprocess
from urllib.parse import urlsplit

from crawlers.identity import require_identity
from crawlers.platform_files.sources import RESERVED_HEADERS
from crawlers.probe.report import ProbeReport
from crawlers.process_runner import ChildProcess, launch_module
from domain.common.errors import UserError
from domain.common.progress import ProgressCallback
from domain.common.text import clean_text


def run_probe(
    url: str, progress: ProgressCallback, body: str | None = None, headers: dict[str, str] | None = None
) -> ProbeReport:
    """Reads a few documents of a site, in a child process, as politely as a run; a `body` of JSON is posted.

    Raises Problem when the address is no plain http(s) one, when nobody answers for the robot, or when the probe fails.
    """
    address = _normalise_url(url)
    require_identity(address)
    if reserved := [name for name in headers or {} if name.lower() in RESERVED_HEADERS]:
        raise UserError(f"en-tête réservé : {clean_text(reserved[0])} (une clé d'accès se dit dans source.auth, jamais ici)")
    order = json.dumps({"url": address, "body": body, "headers": headers or {}})
    with launch_module("crawlers.probe.probe_process", [order], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        try:
            report = _wait_for_report(child, progress)
        finally:
            child.kill()
    if report is None:
        raise UserError(f"{clean_text(address)} : la sonde s'est arrêtée en panne")
    return report


def _normalise_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        fit = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.username
    except ValueError:
        fit = False
    if not fit or not url.isprintable() or " " in url:
        raise UserError(f"adresse http(s) attendue, lu « {clean_text(url)[:200]} »")
    if parts.path == "/robots.txt":
        return parts._replace(path="/", query="", fragment="").geturl()
    return parts._replace(path=parts.path or "/", fragment="").geturl()


def _wait_for_report(child: ChildProcess, progress: ProgressCallback) -> ProbeReport | None:
    assert child.stdout is not None
    for line in child.stdout:
        told = json.loads(line)
        if "report" in told:
            return ProbeReport.model_validate(told["report"])
        progress(clean_text(told["said"]))
    return None
