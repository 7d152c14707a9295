"""The reliability curve, as SVG."""

from collections.abc import Sequence

from matcher.explanations import format_number
from matcher.training.metrics import CalibrationBin

_SIZE, _MARGIN = 360, 48


def _get_point(probability: float, accuracy: float) -> tuple[float, float]:
    span = _SIZE - 2 * _MARGIN
    return _MARGIN + span * probability, _SIZE - _MARGIN - span * accuracy


def _draw_points(bins: Sequence[CalibrationBin]) -> list[str]:
    placed = [(each, _get_point(each.probability, each.accuracy)) for each in bins]
    line = " ".join(f"{x:.1f},{y:.1f}" for _, (x, y) in placed)
    marks = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{each.count} entrées : {format_number(each.probability, 3)} annoncé, '
        f"{format_number(each.accuracy, 3)} juste</title></circle>"
        for each, (x, y) in placed
    ]
    return [f'<polyline points="{line}" fill="none" stroke="#0a4a8f" stroke-width="2"/>', '<g fill="#0a4a8f">', *marks, "</g>"]


def _draw_axes() -> list[str]:
    (left, bottom), (right, top) = _get_point(0, 0), _get_point(1, 1)
    drawn = [f'<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="#333"/>']
    drawn.append(f'<path d="M{left} {bottom}L{right} {top}" stroke="#767676" stroke-dasharray="4 4"/>')
    for tick in (0, 0.5, 1):
        (x, _), (_, y) = _get_point(tick, 0), _get_point(0, tick)
        told = format_number(tick, 1)
        drawn.append(f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{told}</text>')
        drawn.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{told}</text>')
    middle = _SIZE / 2
    drawn.append(f'<text x="{middle}" y="{_SIZE - 8}" text-anchor="middle">probabilité annoncée</text>')
    return [*drawn, f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">part juste</text>']


def draw_curve(bins: Sequence[CalibrationBin]) -> str:
    """A point a bin: on the dashed line, the probability tells the truth."""
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" role="img" '
        'font-family="system-ui, sans-serif" font-size="12">'
    )
    name = "<title>Part juste selon la probabilité annoncée</title>"
    ground = f'<rect width="{_SIZE}" height="{_SIZE}" fill="#fff"/>'
    return "\n".join([opening, name, ground, *_draw_axes(), *_draw_points(bins), "</svg>", ""])
