"""Represent why a run is held as codes with parameters, and describe them in French."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from domain.common.enums import HoldCode
from domain.common.text import format_count
from domain.models.run import Run

Params = Mapping[str, Any]


class HoldReason(BaseModel):
    """Represent one reason to hold a run, as stored in `Run.hold_reasons`.

    `params` holds the figures behind the code: numbers of rows as integers, shares as fractions of 1. A reason for which the
    collector wrote a log has that file's name under `log`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: HoldCode
    params: dict[str, Any] = Field(default_factory=dict)


def build_reason(code: HoldCode, **params: Any) -> HoldReason:
    """Build a reason from its code and figures."""
    return HoldReason(code=code, params=params)


def get_hold_reasons(run: Run) -> list[HoldReason]:
    """Return the reasons for which the run is or was held."""
    return [HoldReason.model_validate(stored) for stored in run.hold_reasons]


def set_hold_reasons(run: Run, reasons: Iterable[HoldReason]) -> None:
    """Replace the reasons for which the run is held."""
    run.hold_reasons = [reason.model_dump(mode="json") for reason in reasons]


def format_verdict(run: Run) -> str:
    """Format all the reasons of a run as one French line; empty when it has none."""
    return " ; ".join(format_hold_reasons(get_hold_reasons(run)))


def format_hold_reasons(reasons: Iterable[HoldReason]) -> list[str]:
    """Format each reason as a French phrase."""
    return [format_hold_reason(reason) for reason in reasons]


def format_hold_reason(reason: HoldReason) -> str:
    """Format one reason as a French phrase: « 10 titres contre 20 récemment : baisse de 50 %, 10 % admis »."""
    phrase = _FORMATTERS[reason.code](reason.params)
    log = reason.params.get("log")
    return f"{phrase} (journal : {log})" if log else phrase


def _format_percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0").replace(".", ",") + " %"


def _build_text_formatter(phrase: str) -> Callable[[Params], str]:
    """Return a formatter for a reason without figures."""
    return lambda params: phrase


def _build_excess_formatter(noun: str, detail: str = "") -> Callable[[Params], str]:
    """Return a formatter for a share that is larger than the platform file admits."""

    def format_excess(params: Params) -> str:
        counted = format_count(params["count"], noun) + detail
        return f"{counted} sur {params['total']}, {_format_percent(params['limit'])} admis"

    return format_excess


def _build_fall_formatter(noun: str) -> Callable[[Params], str]:
    """Return a formatter for a count that fell since the recent accepted runs."""

    def format_fall(params: Params) -> str:
        count = params["count"]
        before = params["before"]
        fall = f"baisse de {_format_percent(1 - count / before)}, {_format_percent(params['limit'])} admis"
        return f"{format_count(count, noun)} contre {before} récemment : {fall}"

    return format_fall


def _format_too_few(params: Params) -> str:
    return f"{format_count(params['count'], 'titre gardé')}, {format_count(params['minimum'], 'attendu')} au moins"


def _format_too_many(params: Params) -> str:
    return f"{format_count(params['count'], 'titre gardé')}, {format_count(params['maximum'], 'attendu')} au plus"


def _format_announced_total(params: Params) -> str:
    return f"{format_count(params['rows'], 'ligne reçue')} pour {format_count(params['announced'], 'annoncée')}"


def _format_unfilled_field(params: Params) -> str:
    share = _format_percent(params["share"])
    minimum = _format_percent(params["minimum"])
    return f"champ « {params['field']} » rempli à {share}, {minimum} attendus au moins"


def _format_crash(params: Params) -> str:
    return f"le collecteur s'est arrêté en panne, code {params['exit_code']}"


def _format_message(params: Params) -> str:
    message: str = params["message"]
    return message


def _format_missing_parts(params: Params) -> str:
    if params["count"] == 1:
        return _format_message(params)
    return f"{params['count']} manques, dont : {params['message']}"


_FORMATTERS: Mapping[HoldCode, Callable[[Params], str]] = {
    HoldCode.COLLECTION_FAILED: _build_text_formatter("collecte en échec"),
    HoldCode.INCOMPLETE: _build_text_formatter("collecte incomplète"),
    HoldCode.TOO_FEW_TITLES: _format_too_few,
    HoldCode.TOO_MANY_TITLES: _format_too_many,
    HoldCode.FEWER_TITLES: _build_fall_formatter("titre"),
    HoldCode.FEWER_OFFERS: _build_fall_formatter("offre"),
    HoldCode.ANNOUNCED_TOTAL: _format_announced_total,
    HoldCode.UNREADABLE_ROWS: _build_excess_formatter("ligne illisible"),
    HoldCode.UNKNOWN_WORDS: _build_excess_formatter("ligne", " au mot inconnu"),
    HoldCode.DUPLICATE_ROWS: _build_excess_formatter("ligne", " en double"),
    HoldCode.UNUSUAL_PRICES: _build_excess_formatter("titre", " au prix inhabituel"),
    HoldCode.PAST_OFFERS: _build_excess_formatter("titre", " dont toutes les offres sont passées"),
    HoldCode.REPRICED_TITLES: _build_excess_formatter("titre", " dont le prix a changé"),
    HoldCode.NEW_TITLES: _build_excess_formatter("titre", " jamais vus"),
    HoldCode.SAME_LINK: _build_excess_formatter("titre", " au même lien"),
    HoldCode.RENAMED_TITLES: _build_excess_formatter("titre", " sous un autre nom qu'à la dernière collecte"),
    HoldCode.FAILED_PAGES: _build_excess_formatter("page", " en échec"),
    HoldCode.GONE_PAGES: _build_excess_formatter("page retirée"),
    HoldCode.UNFILLED_FIELD: _format_unfilled_field,
    HoldCode.INTERRUPTED: _build_text_formatter("interrompue avant la fin"),
    HoldCode.COLLECTOR_STALLED: _build_text_formatter("le collecteur s'est figé sur un document"),
    HoldCode.COLLECTOR_KILLED: _build_text_formatter("le collecteur a été tué"),
    HoldCode.COLLECTOR_CRASHED: _format_crash,
    HoldCode.COLLECTOR_SILENT: _build_text_formatter("le collecteur n'a pas rendu compte"),
    HoldCode.COLLECTOR_ERROR: _format_message,
    HoldCode.TIME_LIMIT: _build_text_formatter("collecte arrêtée, elle dépassait le temps permis"),
    HoldCode.MISSING_PARTS: _format_missing_parts,
    HoldCode.LEGACY: _format_message,
}
