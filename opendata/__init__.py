"""Open data: the facts of the base as files that anybody may reuse, and their way to data.gouv.fr."""
