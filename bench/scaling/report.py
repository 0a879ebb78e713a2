"""Tables (Markdown) and a plot (SVG) of a scaling study."""

import math

COLORS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def seconds(value):
    return f"{value:.3g}"


def amount(value):
    for unit in ("", "k", "M", "G", "T"):
        if abs(value) < 1000 or unit == "T":
            return f"{value:.3g}{unit}" if unit or value != int(value) else f"{int(value)}"
        value /= 1000
    return ""


class Panel:
    """A small plot with two logarithmic axes (base 2)."""

    WIDTH, HEIGHT, LEFT, TOP = 220, 170, 38, 26

    def __init__(self, x, y, title, xs, ys):
        self.x, self.y, self.out = x, y, []
        self.xs = self.limits(xs)
        self.ys = self.limits(ys)
        self.text(self.LEFT + self.WIDTH / 2, 14, title, 12, "middle", "bold")
        self.out.append(f'<rect x="{x + self.LEFT}" y="{y + self.TOP}" width="{self.WIDTH}" '
                        f'height="{self.HEIGHT}" fill="none" stroke="#888"/>')
        for v in self.ticks(self.xs):
            self.text(self.at(v, self.ys[0])[0] - x, self.TOP + self.HEIGHT + 13, f"{v:g}", 10,
                      "middle")
        for v in self.ticks(self.ys):
            self.text(self.LEFT - 4, self.at(self.xs[0], v)[1] - y + 3, f"{v:g}", 10, "end")

    @staticmethod
    def limits(values):
        low, high = math.floor(math.log2(min(values))), math.ceil(math.log2(max(values)))
        return 2.0 ** low, 2.0 ** (high if high > low else low + 1)

    @staticmethod
    def ticks(limits):
        low, high = (round(math.log2(v)) for v in limits)
        step = max(1, (high - low + 5) // 6)
        return [2.0 ** e for e in range(low, high + 1, step)]

    def at(self, vx, vy):
        def place(v, limits):
            low, high = limits
            return (math.log2(v) - math.log2(low)) / (math.log2(high) - math.log2(low))
        return (self.x + self.LEFT + self.WIDTH * place(vx, self.xs),
                self.y + self.TOP + self.HEIGHT * (1 - place(vy, self.ys)))

    def text(self, x, y, text, size, anchor, weight="normal"):
        self.out.append(f'<text x="{self.x + x:.1f}" y="{self.y + y:.1f}" font-size="{size}" '
                        f'text-anchor="{anchor}" font-weight="{weight}">{text}</text>')

    def line(self, points, color, dashed=False, dots=False):
        places = [self.at(*p) for p in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        dash = ' stroke-dasharray="4 3"' if dashed else ""
        self.out.append(f'<polyline points="{path}" fill="none" stroke="{color}"{dash}/>')
        if dots:
            self.out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>'
                         for x, y in places]


def svg(panels, legend, columns=4):
    """panels: (title, [(label, points, style)]); style: "measured", "ideal" or "predicted"."""
    step_x = Panel.WIDTH + Panel.LEFT + 24
    step_y = Panel.HEIGHT + Panel.TOP + 30
    rows = (len(panels) + columns - 1) // columns
    width, height = step_x * columns + 10, step_y * rows + 16 + 14 * len(legend)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
           f'font-family="sans-serif">', f'<rect width="{width}" height="{height}" fill="white"/>',
           *(f'<text x="10" y="{step_y * rows + 14 * (i + 1)}" font-size="11">{line}</text>'
             for i, line in enumerate(legend))]
    for i, (title, lines) in enumerate(panels):
        points = [p for _, line, _ in lines for p in line]
        panel = Panel(10 + i % columns * step_x, 4 + i // columns * step_y, title,
                      [p[0] for p in points], [p[1] for p in points])
        for j, (_, line, style) in enumerate(lines):
            color = "#777" if style == "ideal" else COLORS[j % len(COLORS)]
            panel.line(sorted(line), color, style != "measured", style == "measured")
        out += panel.out
    return "\n".join(out + ["</svg>"]) + "\n"
