"""Curves as SVG: logarithmic both ways, legible on light and on dark ground, without any library."""

import html
import math

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 110, 44, 48
# Told apart without colour as well: each curve has a mark and a name at its end.
COLOURS = ("var(--a)", "var(--b)", "var(--c)", "var(--d)", "var(--e)")
STYLE = """
  svg { --paper: #ffffff; --ink: #1f2328; --faint: #d0d7de;
        --a: #0969da; --b: #bc4c00; --c: #1a7f37; --d: #8250df; --e: #9a6700; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #0d1117; --ink: #e6edf3; --faint: #30363d;
          --a: #58a6ff; --b: #f0883e; --c: #3fb950; --d: #bc8cff; --e: #d29922; }
  }
  text { font: 12px system-ui, sans-serif; fill: var(--ink); }
  .title { font-size: 14px; font-weight: 600; }
  .grid { stroke: var(--faint); }
  .axis { stroke: var(--ink); }
  .curve { fill: none; stroke-width: 2; }
"""


def short(value):
    """8, 64K, 1M; 0.2, 10, 20k."""
    for unit, scale in (("M", 1 << 20), ("K", 1 << 10)):
        if value >= scale and value % scale == 0:
            return f"{value // scale:.0f}{unit}"
    return f"{value:g}" if value < 10000 else f"{value / 1000:g}k"


def decades(least, most):
    """Ticks 1, 2, 5 of each power of ten if there are few, else the powers alone."""
    low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
    steps = (1, 2, 5) if high - low <= 3 else (1,)
    ticks = [step * 10.0 ** power for power in range(low, high + 1) for step in steps]
    inside = [tick for tick in ticks if least / 1.001 <= tick <= most * 1.001]
    return inside or [least, most]


class Axes:
    """Maps figures to places. A size of 0 gets the place before the smallest other one."""

    def __init__(self, xs, ys):
        self.xs = sorted(set(xs))
        positive = [x for x in self.xs if x > 0] or [1]
        ratio = positive[1] / positive[0] if len(positive) > 1 else 2
        self.zero = positive[0] / ratio
        self.x_range = self.log_x(self.xs[0]), self.log_x(self.xs[-1])
        low, high = math.log10(min(ys)), math.log10(max(ys))
        room = max(0.05 * (high - low), 0.02)
        self.y_range = low - room, high + room

    def log_x(self, x):
        return math.log(x if x > 0 else self.zero)

    def x(self, value):
        low, high = self.x_range
        return LEFT + (self.log_x(value) - low) / ((high - low) or 1) * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        low, high = self.y_range
        return HEIGHT - BOTTOM - (math.log10(value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    def y_ticks(self):
        return decades(10 ** self.y_range[0], 10 ** self.y_range[1])


def grid(axes, x_name, y_name):
    parts = []
    step = -(-len(axes.xs) // 10)
    for x in axes.xs[::step]:
        at = axes.x(x)
        parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 17}" text-anchor="middle">{short(x)}</text>')
    for y in axes.y_ticks():
        at = axes.y(y)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{short(y)}</text>')
    parts.append(f'<path class="axis" fill="none" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 12}" text-anchor="middle">'
                 f"{html.escape(x_name)}</text>")
    parts.append(f'<text transform="translate(16 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" '
                 f'text-anchor="middle">{html.escape(y_name)}</text>')
    return parts


def mark(number, x, y, colour):
    shapes = ("M-3.5-3.5h7v7h-7z", "M0-4.5L4 3.5H-4z", "M0-5L4 0L0 5L-4 0z", "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0",
              "M-4-1h8v2h-8z")
    return f'<path transform="translate({x:.1f} {y:.1f})" fill="{colour}" d="{shapes[number % 5]}"/>'


def spread(wanted, gap=15):
    """Heights for the names at the ends of the curves, moved apart so that none covers another."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed, last = dict.fromkeys(order, 0.0), -math.inf
    for i in order:
        placed[i] = last = max(wanted[i], last + gap)
    over = max(0.0, last - (HEIGHT - BOTTOM))
    return [placed[i] - over for i in range(len(wanted))]


def svg(title, x_name, y_name, curves):
    """curves: {name: {x: y}}, y above 0. The text of the picture; None if no curve has two points."""
    curves = {name: sorted((x, y) for x, y in points.items() if y > 0) for name, points in curves.items()}
    curves = {name: points for name, points in curves.items() if len(points) > 1}
    if not curves:
        return None
    axes = Axes([x for p in curves.values() for x, _ in p], [y for p in curves.values() for _, y in p])
    parts = grid(axes, x_name, y_name)
    heights = spread([axes.y(points[-1][1]) for points in curves.values()])
    for number, (name, points) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        places = [(axes.x(x), axes.y(y)) for x, y in points]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline class="curve" stroke="{colour}" points="{line}"/>')
        parts += [mark(number, x, y, colour) for x, y in places]
        parts.append(mark(number, WIDTH - RIGHT + 14, heights[number], colour))
        parts.append(f'<text x="{WIDTH - RIGHT + 23}" y="{heights[number] + 4:.1f}">{html.escape(name)}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
            f'height="{HEIGHT}" role="img">\n<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n'
            f'<rect width="100%" height="100%" fill="var(--paper)"/>\n'
            f'<text class="title" x="{LEFT}" y="26">{html.escape(title)}</text>\n'
            + "\n".join(parts) + "\n</svg>\n")
