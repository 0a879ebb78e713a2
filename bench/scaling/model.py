"""A model of a job's time, fitted to measurements, and of its traffic, fitted to counts.

    time(n, p, t) = a + b n^e / (p t) + c log2(p) + d bytes(n, p) / bandwidth

p ranks of t threads; bytes(n, p) are what a rank puts on the network; e is 1, but for jobs whose
work grows otherwise (see EXPONENT). Coefficients are not negative. On a cluster, c and d are
replaced by what the network is said to do: see predict().
"""

import itertools
import math


# A neighbour graph's queries look into lists whose lengths grow with the root of the vectors.
EXPONENT = {"knn graph": 1.5}
CHUNK = 1 << 20  # bytes of a message, at most


def solve(matrix, right):
    """x of a small linear system, or None when it is singular."""
    n = len(right)
    rows = [list(map(float, row)) + [float(r)] for row, r in zip(matrix, right)]
    for i in range(n):
        best = max(range(i, n), key=lambda r: abs(rows[r][i]))
        if abs(rows[best][i]) < 1e-30:
            return None
        rows[i], rows[best] = rows[best], rows[i]
        for r in range(n):
            if r != i:
                factor = rows[r][i] / rows[i][i]
                rows[r] = [x - factor * y for x, y in zip(rows[r], rows[i])]
    return [rows[i][n] / rows[i][i] for i in range(n)]


def fit(features, values):
    """Least squares of relative errors with coefficients >= 0: the best of all subsets."""
    best = None
    width = len(features[0])
    scales = [max((abs(f[j]) for f in features), default=0) or 1.0 for j in range(width)]
    rows = [[f[j] / scales[j] / v for j in range(width)] for f, v in zip(features, values)]
    for size in range(width + 1):
        for chosen in itertools.combinations(range(width), size):
            normal = [[sum(r[i] * r[j] for r in rows) for j in chosen] for i in chosen]
            found = solve(normal, [sum(r[i] for r in rows) for i in chosen])
            if found is None or any(x < 0 for x in found):
                continue
            x = [0.0] * width
            for j, value in zip(chosen, found):
                x[j] = value
            error = sum((sum(a * b for a, b in zip(r, x)) - 1) ** 2 for r in rows)
            if best is None or error < best[0] * (1 - 1e-9):
                best = (error, x)
    return [x / s for x, s in zip(best[1], scales)]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


class Traffic:
    """Messages, collective calls and bytes of the busiest rank, by the number of ranks."""

    TERMS = ("", "log2 p", "p", "(p-1)/p", "(p-1)/p^2")

    def __init__(self, counts):
        self.laws = {}
        self.items = counts[0]["items"] if counts else 1
        for name in ("messages", "message_bytes", "collectives", "collective_bytes"):
            points = [c for c in counts if c["ranks"] > 1]
            values = [c[name] for c in points]
            if len(points) < 3 or max(values) == 0:
                self.laws[name] = [0.0] * 5
            else:
                self.laws[name] = fit([self.basis(c["ranks"]) for c in points],
                                      [max(v, 1) for v in values])

    @staticmethod
    def basis(p):
        return [1, math.log2(p), p, (p - 1) / p, (p - 1) / p ** 2]

    def at(self, name, p, items):
        """Of one run of `items` items on p ranks; what is shared out grows with the items."""
        if p == 1:
            return 0.0
        law = self.laws[name]
        grows = items / self.items if "bytes" in name and name != "collective_bytes" else 1
        basis = self.basis(p)
        return dot(law[:3], basis[:3]) + grows * dot(law[3:], basis[3:])

    def text(self, name):
        parts = [f"{x:.3g} {t}".strip() for x, t in zip(self.laws[name], self.TERMS) if x > 0]
        return " + ".join(parts) or "0"


class TimeModel:
    def __init__(self, points, traffic, bandwidth):
        self.traffic, self.bandwidth = traffic, bandwidth
        self.exponent = EXPONENT.get(points[0]["job"], 1)
        self.coefficients = fit([self.features(p) for p in points], [p["seconds"] for p in points])
        self.overlap = [1.0, 1.0, 1.0]

    def bytes_of(self, point):
        return self.traffic.at("message_bytes", point["ranks"], point["items"])

    def features(self, point):
        p = point["ranks"]
        return [1, point["items"] ** self.exponent / (p * point["threads"]), math.log2(p),
                self.bytes_of(point) / self.bandwidth]

    def seconds(self, point):
        return dot(self.coefficients, self.features(point))

    def parts(self, items, ranks, threads, network):
        """The work as fitted here; each message and each of the log2(p) steps of a collective
        operation waits for the network once, and what a rank sends goes at its bandwidth."""
        a, b = self.coefficients[:2]
        steps = 2 * math.log2(ranks) if ranks > 1 else 0
        sent = self.traffic.at("message_bytes", ranks, items)
        waits = (self.traffic.at("messages", ranks, items) + sent / CHUNK
                 + steps * self.traffic.at("collectives", ranks, items))
        sent += self.traffic.at("collective_bytes", ranks, items)
        return [a + b * items ** self.exponent / (ranks * threads), waits * network["latency"],
                sent / network["bandwidth"]]

    def learn_overlap(self, points):
        """Of what parts() counts, how much a job really takes, from points on real networks: waits
        overlap each other and the work, and the emulation takes processor time of its own."""
        self.overlap = fit([self.parts(p["items"], p["ranks"], p["threads"], p["network"])
                            for p in points], [p["seconds"] for p in points])

    def predict(self, items, ranks, threads, network, emulated=False):
        """One rank a node. Where waits and transfers were measured on a network, they count as much
        as there; else nothing is taken to overlap. Work counts once, but `emulated`."""
        work, waits, transfer = self.parts(items, ranks, threads, network)
        slower, waiting, sending = self.overlap
        return {"work": work * (slower if emulated else 1), "latency": waits * waiting,
                "transfer": transfer * sending}
