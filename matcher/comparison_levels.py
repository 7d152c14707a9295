"""The levels of each clue, best first where one is better."""

from enum import StrEnum


class TitleLevel(StrEnum):
    """How near two titles are, best first."""

    EXACT = "exact"
    SPELLING = "spelling"
    CLOSE = "close"
    SISTER = "sister"
    PART = "part"
    NEAR = "near"
    CONTAINED = "contained"
    VAGUE = "vague"
    UNLIKE = "unlike"


class WordsLevel(StrEnum):
    """How many words of four letters or so two unequal titles share."""

    MOST = "most"
    SOME = "some"
    NONE = "none"
    EQUAL = "equal"


class FirstWordLevel(StrEnum):
    """Whether two unequal titles begin alike."""

    SAME = "same"
    OTHER = "other"
    EQUAL = "equal"


class YearLevel(StrEnum):
    """How near two years are; earlier and later are the entry's, against the film's."""

    SAME = "same"
    EARLIER = "earlier"
    LATER = "later"
    TWO = "two"
    FEW = "few"
    FAR = "far"
    UNKNOWN = "unknown"


class ReleaseYearLevel(StrEnum):
    """Which of the film's years the entry gives."""

    PRODUCTION = "production"
    RELEASE = "release"
    NEITHER = "neither"
    UNKNOWN = "unknown"


class RuntimeLevel(StrEnum):
    """How near two running times are."""

    SAME = "same"
    CLOSE = "close"
    NEAR = "near"
    FAR = "far"
    UNKNOWN = "unknown"


class FilmLengthLevel(StrEnum):
    """Short films and features."""

    SAME = "same"
    OTHER = "other"
    SHORT = "short"
    UNKNOWN = "unknown"


class IdentifierLevel(StrEnum):
    """Whether a number of the same scheme says the two are one work."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


class KindLevel(StrEnum):
    """Whether two natures go together."""

    SAME = "same"
    CLASH = "clash"
    UNKNOWN = "unknown"


class TitleLengthLevel(StrEnum):
    """What a title that agrees is worth by its length: one word is borne by many films, five by one."""

    ONE_WORD = "one_word"
    TWO_WORDS = "two_words"
    FEW_WORDS = "few_words"
    MANY_WORDS = "many_words"
    UNEQUAL = "unequal"


class TitleFrequencyLevel(StrEnum):
    """How many films of the base bear the title that agrees."""

    ALONE = "alone"
    SHARED = "shared"
    CROWD = "crowd"
    UNEQUAL = "unequal"


class FilmographyLevel(StrEnum):
    """How many films of the base the director made, when the directors agree; busy: several that year."""

    ONE = "one"
    FEW = "few"
    MANY = "many"
    BUSY = "busy"
    UNKNOWN = "unknown"


class PopularityLevel(StrEnum):
    """How well known a film is, where the base says so."""

    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"
    UNKNOWN = "unknown"


class CorroborationLevel(StrEnum):
    """What stands behind a title that is not the film's: the director, and how many other facts that agree."""

    NEEDLESS = "needless"
    DIRECTOR_AND_THREE = "director_and_three"
    DIRECTOR_AND_TWO = "director_and_two"
    DIRECTOR_AND_ONE = "director_and_one"
    DIRECTOR = "director"
    NOBODY = "nobody"
