"""Unpack answers as Scrapy does; of one that is too large once unpacked, nothing is kept."""

from scrapy import Spider
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response


class LeanHttpCompressionMiddleware(HttpCompressionMiddleware):
    """Unpack as Scrapy's own middleware, but hold no body in a refusal.

    A refusal keeps its traceback, hence the buffer of what was unpacked so far: 64 MiB each, and Python frees it long after,
    because it counts objects, not bytes, before it looks for those that hold each other.
    """

    def process_response(self, request: Request, response: Response, spider: Spider | None = None) -> Request | Response:
        """Return the answer unpacked. Raises IgnoreRequest, with its cause, when it is too large."""
        try:
            return super().process_response(request, response)
        except IgnoreRequest as refusal:
            if refusal.__cause__ is not None:
                refusal.__cause__.__traceback__ = None
            raise
