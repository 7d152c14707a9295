"""Define the codes that tables, files and answers use."""

from enum import StrEnum


class Access(StrEnum):
    """Name how an offer is watched and paid for."""

    FREE = "free"
    FREE_WITH_ADS = "free-with-ads"
    CATCH_UP = "catch-up"
    LIBRARY = "library"
    SUBSCRIPTION = "subscription"
    RENT = "rent"
    BUY = "buy"


FREE_ACCESSES = (Access.FREE, Access.FREE_WITH_ADS, Access.CATCH_UP)
"""What is watched without paying."""


class Quality(StrEnum):
    """Name the best picture quality of an offer."""

    SD = "SD"
    HD = "HD"
    UHD = "UHD"


class Kind(StrEnum):
    """Name what sort of work a film or an entry is."""

    FILM = "film"
    SHORT = "short"
    SERIES = "series"
    EPISODE = "episode"
    OTHER = "other"


class LegalBasis(StrEnum):
    """Name on what ground a platform may be collected, or that it may not."""

    CONTRACT = "contract"
    OPEN = "open"
    FORBIDDEN = "forbidden"
    INVENTED = "invented"


class Blocker(StrEnum):
    """Name what keeps a platform from being collected today."""

    AGREEMENT = "agreement"
    KEY = "key"
    PROBE = "probe"
    INVENTED = "invented"


class PlatformStatus(StrEnum):
    """Tell whether a platform is in service."""

    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class RunState(StrEnum):
    """Name the state of a run: still collecting, accepted, held for an agent, or rejected by one."""

    OPEN = "open"
    ACCEPTED = "accepted"
    HELD = "held"
    REJECTED = "rejected"


class Outcome(StrEnum):
    """Tell how a collection itself ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"


class HoldCode(StrEnum):
    """Name why a run is held: its volume, its content, or how the collection ended."""

    COLLECTION_FAILED = "collection-failed"
    INCOMPLETE = "incomplete"
    TOO_FEW_TITLES = "too-few-titles"
    TOO_MANY_TITLES = "too-many-titles"
    FEWER_TITLES = "fewer-titles"
    FEWER_OFFERS = "fewer-offers"
    ANNOUNCED_TOTAL = "announced-total"
    UNREADABLE_ROWS = "unreadable-rows"
    UNKNOWN_WORDS = "unknown-words"
    DUPLICATE_ROWS = "duplicate-rows"
    UNUSUAL_PRICES = "unusual-prices"
    PAST_OFFERS = "past-offers"
    REPRICED_TITLES = "repriced-titles"
    NEW_TITLES = "new-titles"
    SAME_LINK = "same-link"
    RENAMED_TITLES = "renamed-titles"
    FAILED_PAGES = "failed-pages"
    GONE_PAGES = "gone-pages"
    UNFILLED_FIELD = "unfilled-field"
    INTERRUPTED = "interrupted"
    COLLECTOR_STALLED = "collector-stalled"
    COLLECTOR_KILLED = "collector-killed"
    COLLECTOR_CRASHED = "collector-crashed"
    COLLECTOR_SILENT = "collector-silent"
    COLLECTOR_ERROR = "collector-error"
    TIME_LIMIT = "time-limit"
    MISSING_PARTS = "missing-parts"
    LEGACY = "legacy"


class CloseReason(StrEnum):
    """Name why a period of an offer ended."""

    TERMS_CHANGED = "terms-changed"
    ABSENT = "absent"
    WITHDRAWN = "withdrawn"
    BROKEN_LINK = "broken-link"


class IssueLevel(StrEnum):
    """Name how serious an issue of a run is."""

    WARNING = "warning"
    ERROR = "error"


class TitleKind(StrEnum):
    """Name what a title is to its film: displayed, original, of a release in some language, or an alias that somebody gave it."""

    DISPLAY = "display"
    ORIGINAL = "original"
    ALTERNATIVE = "alternative"
    ALIAS = "alias"


class TaskKind(StrEnum):
    """Name what a task asks an agent to look at."""

    ROBOTS = "robots"
    FILM = "film"
    LINKS = "links"
    OTHER = "other"


class Role(StrEnum):
    """Name what an agent may do: read; also settle and correct; also manage accounts."""

    READER = "reader"
    MANAGER = "manager"
    ADMIN = "admin"


class LinkFinding(StrEnum):
    """Name what a platform answered to a link: its page, no such page, a fault, or a refusal to be read."""

    FINE = "fine"
    GONE = "gone"
    FAULT = "fault"
    REFUSED = "refused"


class Complaint(StrEnum):
    """Name what a reader says is wrong."""

    NOT_THIS_FILM = "not-this-film"
    DEAD_LINK = "dead-link"
    PRICE = "price"
    LANGUAGE = "language"
    MISSING_OFFER = "missing-offer"
    FACTS = "facts"
    MISSING_FILM = "missing-film"
    OTHER = "other"


class ReportState(StrEnum):
    """Name what became of a report: received, being looked at, corrected, truly unavailable, not open yet, or unfounded."""

    RECEIVED = "received"
    ONGOING = "ongoing"
    CORRECTED = "corrected"
    UNAVAILABLE = "unavailable"
    NOT_OPEN = "not-open"
    UNFOUNDED = "unfounded"


class CaseCause(StrEnum):
    """Name why a case waits for agents: the matcher doubts, contradicts a person, is audited, or a reader objects."""

    DOUBT = "doubt"
    DISAGREEMENT = "disagreement"
    AUDIT = "audit"
    SILENT = "silent"
    REPORT = "report"


class RecordState(StrEnum):
    """Name what became of a record of a second source: linked to a film, doubtful, a new film, or left aside."""

    LINKED = "linked"
    DOUBTFUL = "doubtful"
    NEW = "new"
    ASIDE = "aside"


class LookupFinding(StrEnum):
    """Name what a source of open data answered about a film: one item, none, several, or one that is another work."""

    FOUND = "found"
    ABSENT = "absent"
    SEVERAL = "several"
    CONTRADICTED = "contradicted"


class Verdict(StrEnum):
    """Name what was decided of an entry: this film, no known film, or an agent must look."""

    SAME = "same"
    NONE = "none"
    UNSURE = "unsure"


class AuthorKind(StrEnum):
    """Name who may decide: an agent, the matcher, a source of open data, or somebody known by a text only."""

    AGENT = "agent"
    MATCHER = "matcher"
    SOURCE = "source"
    LEGACY = "legacy"


class ProvenanceKind(StrEnum):
    """Name where a title or an identifier comes from: a source, a merged film's record, an agent, a platform, or a text."""

    SOURCE = "source"
    MERGED_RECORD = "merged-record"
    AGENT = "agent"
    PLATFORM = "platform"
    LEGACY = "legacy"


class ReasonCode(StrEnum):
    """Name the rule, veto or act of a person that decided; `matcher.explanations` tells each in French."""

    COMPARISONS = "comparisons"
    NO_CANDIDATE = "no-candidate"
    BELOW_REVIEW = "below-review"
    BELOW_AUTO = "below-auto"
    ABOVE_AUTO = "above-auto"
    ABOVE_STRICT = "above-strict"
    IDENTIFIER_CONTRADICTED = "identifier-contradicted"
    IDENTIFIERS_DIFFER = "identifiers-differ"
    IDENTIFIER_OF_OTHER_FILM = "identifier-of-other-film"
    DIRECTORS_DIFFER = "directors-differ"
    RUNTIMES_DIFFER = "runtimes-differ"
    YEARS_DIFFER = "years-differ"
    TITLES_DIFFER = "titles-differ"
    TITLE_AND_YEAR_DIFFER = "title-and-year-differ"
    TITLE_ALONE = "title-alone"
    SIMILAR_TITLE_ALONE = "similar-title-alone"
    ARTICLE_DIFFERS = "article-differs"
    OTHER_OBJECT = "other-object"
    OTHER_SUBTITLE = "other-subtitle"
    NUMBERS_DIFFER = "numbers-differ"
    KINDS_DIFFER = "kinds-differ"
    RIVAL_FILMS = "rival-films"
    RIVAL_ENTRY = "rival-entry"
    RIVAL_RECORD = "rival-record"
    OTHER_COUNTRY = "other-country"
    COMPETING_WORK = "competing-work"
    IMPROBABLE = "improbable"
    FILMS_TAKEN = "films-taken"
    SAME_IDENTIFIER = "same-identifier"
    IDENTIFIER_ONLY = "identifier-only"
    IDENTIFIER_LOST = "identifier-lost"
    AGENT_CHOSE = "agent-chose"
    AGENT_REJECTED_ALL = "agent-rejected-all"
    AGENT_UNSURE = "agent-unsure"
    AGENT_MISSES_FILM = "agent-misses-film"
    FILMS_MERGED = "films-merged"
    FILM_SPLIT = "film-split"
    LEGACY = "legacy"
