"""List the levels of each comparison, best first where one is better, and the groups of levels that rules share."""

from enum import StrEnum


class TitleLevel(StrEnum):
    """Say how alike two titles are, best first.

    LETTER: the same words; EXACT: the same but for spaces, signs, the form of numbers, an edition; ARTICLE: but for the first
    article too, or one title has it only; sisters begin alike and have different subtitles.
    """

    LETTER = "letter"
    EXACT = "exact"
    ARTICLE = "article"
    SPELLING = "spelling"
    CLOSE = "close"
    SISTER = "sister"
    PART = "part"
    NEAR = "near"
    CONTAINED = "contained"
    VAGUE = "vague"
    UNLIKE = "unlike"


class WordsLevel(StrEnum):
    """Say how many long words two unequal titles share."""

    MOST = "most"
    SOME = "some"
    NONE = "none"
    EQUAL = "equal"


class FirstWordLevel(StrEnum):
    """Say whether two unequal titles begin with the same word."""

    SAME = "same"
    OTHER = "other"
    EQUAL = "equal"


class NumbersLevel(StrEnum):
    """Say what the numbers in two titles tell.

    FIRST: one title says that it is the first part; MORE: it has another number that the other title lacks; LARGE: that number
    is too large for a sequel; OBJECT: one title
    names another object than a film, such as a part, a series or a trailer.
    """

    NONE = "none"
    SAME = "same"
    FIRST = "first"
    MORE = "more"
    LARGE = "large"
    OBJECT = "object"
    DIFFERENT = "different"


class YearLevel(StrEnum):
    """Say how far apart two years are; EARLIER and LATER tell where the entry's year is, beside the film's."""

    SAME = "same"
    EARLIER = "earlier"
    LATER = "later"
    TWO = "two"
    FEW = "few"
    FAR = "far"
    UNKNOWN = "unknown"


class ReleaseYearLevel(StrEnum):
    """Say which of the film's years the entry gives."""

    PRODUCTION = "production"
    RELEASE = "release"
    NEITHER = "neither"
    UNKNOWN = "unknown"


class PeopleLevel(StrEnum):
    """Say how far two lists of people agree; NAMESAKE: only by one word of a name, which few people of the base have."""

    SAME = "same"
    PARTIAL = "partial"
    NAMESAKE = "namesake"
    SIMILAR = "similar"
    DISJOINT = "disjoint"
    UNKNOWN = "unknown"


class RuntimeLevel(StrEnum):
    """Say how close two running times are."""

    SAME = "same"
    CLOSE = "close"
    NEAR = "near"
    FAR = "far"
    UNKNOWN = "unknown"


class FilmLengthLevel(StrEnum):
    """Say whether two works are both short films or both features; SHORT: the entry is short, the film's length is unknown."""

    SAME = "same"
    OTHER = "other"
    SHORT = "short"
    UNKNOWN = "unknown"


class CountriesLevel(StrEnum):
    """Say whether two works share a country; RARE: one that few films come from, so that it tells more."""

    RARE = "rare"
    SAME = "same"
    DISJOINT = "disjoint"
    UNKNOWN = "unknown"


class IdentifierLevel(StrEnum):
    """Say whether two works have the same identifier in some scheme; LIKELY: in one that the catalogue often gets wrong."""

    SAME = "same"
    LIKELY = "likely"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


class KindLevel(StrEnum):
    """Say whether two kinds of works are compatible; SERIES: both are series or episodes."""

    SAME = "same"
    SERIES = "series"
    CLASH = "clash"
    UNKNOWN = "unknown"


class TitleLengthLevel(StrEnum):
    """Say how long a title that agrees is: many films share a title of one word, few share one of five."""

    ONE_WORD = "one_word"
    TWO_WORDS = "two_words"
    FEW_WORDS = "few_words"
    MANY_WORDS = "many_words"
    UNEQUAL = "unequal"


class TitleSourceLevel(StrEnum):
    """Say which of a film's titles agrees: one of its own, or an alias that others gave it."""

    TITLE = "title"
    ALIAS = "alias"
    UNEQUAL = "unequal"


class TitleFrequencyLevel(StrEnum):
    """Say how many films have the title that agrees."""

    ALONE = "alone"
    SHARED = "shared"
    CROWD = "crowd"
    UNEQUAL = "unequal"


class FilmographyLevel(StrEnum):
    """Say how many films the director made, when the directors agree; BUSY: several in the entry's year."""

    ONE = "one"
    FEW = "few"
    MANY = "many"
    BUSY = "busy"
    UNKNOWN = "unknown"


class PopularityLevel(StrEnum):
    """Say how well known a film is."""

    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"
    UNKNOWN = "unknown"


class CorroborationLevel(StrEnum):
    """Say what confirms a weak title: the director, and how many other facts."""

    NEEDLESS = "needless"
    DIRECTOR_AND_THREE = "director_and_three"
    DIRECTOR_AND_TWO = "director_and_two"
    DIRECTOR_AND_ONE = "director_and_one"
    DIRECTOR = "director"
    NOBODY = "nobody"


NEUTRAL_LEVELS = frozenset(("unknown", "unequal", "needless", "equal"))
"""Levels without any weight in a model: what is unknown is no evidence."""
EQUAL_TITLES = (TitleLevel.LETTER, TitleLevel.EXACT, TitleLevel.ARTICLE)
AGREEING_TITLES = (*EQUAL_TITLES, TitleLevel.SPELLING)
CLOSE_YEARS = (YearLevel.SAME, YearLevel.EARLIER, YearLevel.LATER)
"""Countries and sources differ by one year on the date of a film."""
AGREEING_PEOPLE = (PeopleLevel.SAME, PeopleLevel.PARTIAL)
CLOSE_RUNTIMES = (RuntimeLevel.SAME, RuntimeLevel.CLOSE)
SHARED_COUNTRIES = (CountriesLevel.SAME, CountriesLevel.RARE)
