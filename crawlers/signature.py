"""How requests to a partner are signed. Secrets come from the environment, and go nowhere else."""

import base64
import os

from crawlers.source_tables import Auth
from records.errors import Problem


def signature(auth: Auth, slug: str) -> dict[str, str]:
    """The header that signs a request. Raises Problem naming the environment variable when it is missing."""
    secret = os.environ.get(auth.secret)
    if not secret:
        raise Problem(f"{slug}.toml : source.auth.secret : variable d'environnement absente : {auth.secret}")
    if auth.scheme == "bearer":
        return {auth.header: f"Bearer {secret}"}
    if auth.scheme == "basic":
        return {auth.header: f"Basic {base64.b64encode(secret.encode()).decode()}"}
    return {auth.header: secret}
