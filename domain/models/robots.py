"""Table of the dated copies of robots.txt."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class RobotsCopy(SQLModel, table=True):
    """Store a robots.txt as a host served it between two moments: a dated proof of what a site allowed."""

    id: int | None = Field(default=None, primary_key=True)
    platform_id: int = Field(foreign_key="platform.id", index=True)
    host: str
    sha256: str
    body: str
    first_seen: datetime
    last_seen: datetime
