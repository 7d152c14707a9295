"""The first failure of a crawl is the one that its run tells; a failed pipeline ends the crawl."""

from types import SimpleNamespace
from typing import Any

import pytest
from twisted.python.failure import Failure

from crawlers.extensions.failures import ERROR_FINISH_REASON, FailureRecorder
from domain.common.errors import UserError


@pytest.fixture
def crawler() -> Any:
    """Stand in for a crawler: the signals are ignored, the reasons to stop are kept."""
    reasons: list[str] = []
    stopper = SimpleNamespace(stop=reasons.append)
    signals = SimpleNamespace(connect=lambda receiver, signal: None)
    return SimpleNamespace(signals=signals, get_extension=lambda extension: stopper, reasons=reasons)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (UserError("base de données occupée"), "base de données occupée"),
        (MemoryError(), "document trop lourd à lire"),
        (KeyError("x"), "erreur interne du collecteur, voir le journal"),
    ],
)
def test_the_first_failure_is_kept_and_ends_the_crawl(crawler: Any, error: Exception, message: str) -> None:
    recorder = FailureRecorder(crawler)
    recorder.record_item_error(Failure(error))  # type: ignore[no-untyped-call]
    recorder.record_spider_error(Failure(UserError("un autre")))  # type: ignore[no-untyped-call]
    assert recorder.first_failure == message and crawler.reasons == [ERROR_FINISH_REASON]
