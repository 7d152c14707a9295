"""Export the facts of the reference base and its offers as files that anybody may reuse, and publish them on data.gouv.fr."""
