"""What both spiders share: how a failed request is told."""

import re
from typing import Any
from urllib.parse import urlsplit

import scrapy
from scrapy import exceptions
from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawlers.guard import Refused
from crawlers.platform_file import PlatformFile
from crawlers.recorder import Recorder
from records.errors import Problem

_SIGN_IN = re.compile(r"/(login|log-in|signin|sign-in|connexion|identification|auth)(/|$)", re.IGNORECASE)
_FAULTS: dict[type[Exception], str] = {
    exceptions.DownloadTimeoutError: "pas de réponse à temps",
    exceptions.CannotResolveHostError: "nom de site introuvable, ou adresse locale refusée",
    exceptions.DownloadConnectionRefusedError: "connexion refusée",
    exceptions.DownloadCancelledError: "document trop gros",
    exceptions.ResponseDataLossError: "réponse coupée en route",
    exceptions.DownloadFailedError: "connexion coupée",
    exceptions.IgnoreRequest: "document trop gros une fois décompressé",
}


class CatalogueSpider(scrapy.Spider):
    """What both spiders share. A Problem raised while reading ends the run as failed."""

    name = "catalogue"

    def __init__(self, platform: PlatformFile, recorder: Recorder) -> None:
        super().__init__()
        self.platform, self.recorder = platform, recorder

    def give_up(self, failure: Failure) -> None:
        """Ends the run: a document that the catalogue cannot do without was not had."""
        raise Problem(explain(failure))


def sign_in_page(response: Response) -> str | None:
    """What to say of a request that was redirected to a sign-in page; None for any other."""
    if "redirect_urls" in response.meta and _SIGN_IN.search(urlsplit(response.url).path):
        return f"renvoi vers une page de connexion : {response.url}"
    return None


def explain(failure: Failure) -> str:
    """Why a request failed, in one French line."""
    error: Any = failure.value
    if isinstance(error, Refused):
        return str(error)
    request: Request = failure.request  # type: ignore[attr-defined]
    tries = request.meta.get("retry_times", 0) + 1
    if isinstance(error, HttpError):
        what = f"réponse {error.response.status}"
    else:
        what = next((words for kind, words in _FAULTS.items() if isinstance(error, kind)), f"échec ({type(error).__name__})")
    return f"{what} après {tries} essai{'s' if tries > 1 else ''} : {request.url}"
