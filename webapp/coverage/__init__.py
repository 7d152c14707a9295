"""Coverage in public: what the site knows now, and the CNC's tables as of any day."""

from webapp.coverage import reports as reports
from webapp.coverage import tables as tables
from webapp.coverage.summary import pages as pages
