"""`ouvoir probe URL`: what a site says of itself to robots, and a first platform file for it."""

import json
import subprocess
from collections.abc import Callable
from urllib.parse import urlsplit

from crawlers.platform_files.sources import OUR_OWN_HEADERS
from crawlers.politeness import require_identity
from crawlers.probe.report import ProbeReport
from crawlers.process_runner import Child, launch
from domain.common.errors import Problem
from domain.common.text import clean

Progress = Callable[[str], None]


def probe(url: str, progress: Progress, body: str | None = None, headers: dict[str, str] | None = None) -> ProbeReport:
    """Reads a few documents of a site, in a child process, as politely as a run; a `body` of JSON is posted.

    Raises Problem when the address is no plain http(s) one, when nobody answers for the robot, or when the probe fails.
    """
    address = _address(url)
    require_identity(address)
    if reserved := [name for name in headers or {} if name.lower() in OUR_OWN_HEADERS]:
        raise Problem(f"en-tête réservé : {clean(reserved[0])} (une clé d'accès se dit dans source.auth, jamais ici)")
    order = json.dumps({"url": address, "body": body, "headers": headers or {}})
    with launch("crawlers.probe.probe_process", [order], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        try:
            report = _listen(child, progress)
        finally:
            child.kill()
    if report is None:
        raise Problem(f"{clean(address)} : la sonde s'est arrêtée en panne")
    return report


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        fit = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.username
    except ValueError:
        fit = False
    if not fit or not url.isprintable() or " " in url:
        raise Problem(f"adresse http(s) attendue, lu « {clean(url)[:200]} »")
    if parts.path == "/robots.txt":
        return parts._replace(path="/", query="", fragment="").geturl()
    return parts._replace(path=parts.path or "/", fragment="").geturl()


def _listen(child: Child, progress: Progress) -> ProbeReport | None:
    assert child.stdout is not None
    for line in child.stdout:
        told = json.loads(line)
        if "report" in told:
            return ProbeReport.model_validate(told["report"])
        progress(clean(told["said"]))
    return None
