"""Coverage in public: what the site knows now, and the CNC's tables as of any day."""

from webapp.public.coverage import monthly_report, tables
from webapp.public.coverage.summary import bp as bp

__all__ = ["bp", "monthly_report", "tables"]
