"""Read feeds in formats made for partners into rows of one shape, which a platform file maps with plain JMESPath.

    {"ref", "title", "other_titles": [..], "year", "directors": [..], "minutes", "countries": [..], "kind", "url",
     "ids": {scheme: number},
     "offers": [{"mode", "price", "currency", "quality", "languages": [..], "starts", "ends", "url",
                 "territories": [..], "excluded": [..]}]}

A key that the feed does not say is absent. Words stay as the feed writes them (`mode` is « rental », « EST »…): the `words` of
the platform file translate them. `minutes` is a whole number, or what the feed wrote when that cannot be read. Offers on two or
three levels are flattened, one for each price. `territories` are the countries that an offer is for, `excluded` those that it
is not for; a platform file keeps those of its country:

    each = "offers[?contains(territories || ['FR'], 'FR')]"

- `media-actions`: `ref` is the entity's `@id`; `year` that of its first release unless the feed tells the year of the work; the
  keys of `ids` are the `propertyID` in lower case without `_ID` (`imdb`), and `eidr`. Languages are not told.
- `gowatchit`: the country of an offer is that of its `locale`; its languages are the audio ones of the title.
- `avails` (EMA and MovieLabs, XLSX or XML): one row for each ALID, its licences being the offers; `price` is the price advised
  to the public (SRP) alone, never a wholesale price; `ends` is absent for « Open », and an end that depends on another licence
  (« ESTStart ») stays as it is written.
"""

from collections.abc import Callable
from typing import Any

from crawlers.formats.avails import read_avails
from crawlers.formats.gowatchit import read_gowatchit
from crawlers.formats.media_actions import read_media_actions

Reader = Callable[[bytes, str, str | None], list[Any]]
READERS: dict[str, Reader] = {"media-actions": read_media_actions, "gowatchit": read_gowatchit, "avails": read_avails}
