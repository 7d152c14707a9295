"""Answers unpacked, and what is kept of one that is too large."""

import gzip
from traceback import walk_tb

import pytest
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.utils.test import get_crawler

from crawlers.middlewares.decompression import LeanHttpCompressionMiddleware
from crawlers.politeness import build_polite_settings

ADDRESS = "https://films.example/liste"
LIMIT = 2**20


@pytest.fixture
def unpacking() -> LeanHttpCompressionMiddleware:
    return LeanHttpCompressionMiddleware.from_crawler(get_crawler(settings_dict={"DOWNLOAD_MAXSIZE": LIMIT}))


def packed(body: bytes) -> Response:
    return Response(ADDRESS, headers={"Content-Encoding": "gzip"}, body=gzip.compress(body))


def test_an_answer_is_unpacked(unpacking: LeanHttpCompressionMiddleware) -> None:
    answer = unpacking.process_response(Request(ADDRESS), packed(b"un film"))
    assert isinstance(answer, Response) and answer.body == b"un film"


def test_a_refusal_holds_nothing_of_what_was_unpacked(unpacking: LeanHttpCompressionMiddleware) -> None:
    with pytest.raises(IgnoreRequest, match="exceeded DOWNLOAD_MAXSIZE") as refused:
        unpacking.process_response(Request(ADDRESS), packed(bytes(2 * LIMIT)))
    cause = refused.value.__cause__
    assert cause is not None  # crawlers.middlewares.tdm tells a bomb from other refusals by it
    frames = [frame for error in (refused.value, cause) for frame, _ in walk_tb(error.__traceback__)]
    assert not [name for frame in frames for name in frame.f_locals if name == "output_stream"]


def test_every_run_unpacks_so() -> None:
    used = build_polite_settings(1.0, [])["DOWNLOADER_MIDDLEWARES"]
    assert used["crawlers.middlewares.decompression.LeanHttpCompressionMiddleware"] == 590
    assert used["scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware"] is None
