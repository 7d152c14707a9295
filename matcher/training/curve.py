"""Draw the reliability curve of a model as SVG."""

from collections.abc import Sequence

from matcher.explanations import format_number
from matcher.training.metrics import CalibrationBin

_SIZE, _MARGIN = 360, 48  # pixels
_TICKS = (0, 0.5, 1)


def _get_point(probability: float, accuracy: float) -> tuple[float, float]:
    span = _SIZE - 2 * _MARGIN
    return _MARGIN + span * probability, _SIZE - _MARGIN - span * accuracy


def _draw_points(bins: Sequence[CalibrationBin]) -> list[str]:
    coordinates, circles = [], []
    for bin_ in bins:
        x, y = _get_point(bin_.probability, bin_.accuracy)
        coordinates.append(f"{x:.1f},{y:.1f}")
        label = f"{format_number(bin_.probability, 3)} annoncé, {format_number(bin_.accuracy, 3)} juste"
        circles.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{bin_.count} entrées : {label}</title></circle>')
    polyline = f'<polyline points="{" ".join(coordinates)}" fill="none" stroke="#0a4a8f" stroke-width="2"/>'
    return [polyline, '<g fill="#0a4a8f">', *circles, "</g>"]


def _draw_axes() -> list[str]:
    left, bottom = _get_point(0, 0)
    right, top = _get_point(1, 1)
    middle = _SIZE / 2
    return [
        f'<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="#333"/>',
        f'<path d="M{left} {bottom}L{right} {top}" stroke="#767676" stroke-dasharray="4 4"/>',
        *_draw_ticks(left, bottom),
        f'<text x="{middle}" y="{_SIZE - 8}" text-anchor="middle">probabilité annoncée</text>',
        f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">part juste</text>',
    ]


def _draw_ticks(left: float, bottom: float) -> list[str]:
    ticks = []
    for tick in _TICKS:
        x, _ = _get_point(tick, 0)
        _, y = _get_point(0, tick)
        label = format_number(tick, 1)
        ticks.append(f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{label}</text>')
        ticks.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{label}</text>')
    return ticks


def draw_curve(bins: Sequence[CalibrationBin]) -> str:
    """Return the curve, a point a bin; on its dashed diagonal, probabilities are right."""
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" role="img" '
        'font-family="system-ui, sans-serif" font-size="12">'
    )
    title = "<title>Part juste selon la probabilité annoncée</title>"
    background = f'<rect width="{_SIZE}" height="{_SIZE}" fill="#fff"/>'
    return "\n".join([opening, title, background, *_draw_axes(), *_draw_points(bins), "</svg>", ""])
