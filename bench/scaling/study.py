"""What a scaling study says: speed-ups, efficiencies, a model, its check and its predictions."""

import os
import re
import statistics

from emulate import emulated_section, learn_overlaps
from report import amount, seconds, svg, table

NODES = (4, 16, 64, 256)
FARTHER = 100  # times the largest input that was measured: what a cluster is for


def parse_network(text):
    """"1.5us,12.5GB/s (what it is)" as latency in s and bandwidth in B/s."""
    found = re.match(r"([\d.]+)us,([\d.]+)GB/s\s*(.*)", text)
    if not found:
        raise SystemExit(f"scaling: --network: expected like 1.5us,12.5GB/s, got '{text}'")
    return {"latency": float(found[1]) * 1e-6, "bandwidth": float(found[2]) * 1e9, "text": text}


def workers(point):
    return point["ranks"] * point["threads"]


class JobStudy:
    def __init__(self, job, points, counts, bandwidth, time_model, traffic):
        self.job = job
        self.points = points
        self.sizes = sorted({p["items"] for p in points})
        self.counts = sorted(counts, key=lambda c: c["ranks"])
        self.traffic = traffic(self.counts)
        # Half of the largest size is held out.
        middle = min(self.sizes, key=lambda size: abs(2 * size - self.sizes[-1]))
        self.held_out = [p for p in points if p["items"] == middle]
        fitted = [p for p in points if p not in self.held_out] or points
        self.model = time_model(fitted, self.traffic, bandwidth)

    def at(self, items, ranks, threads):
        found = [p for p in self.points
                 if (p["items"], p["ranks"], p["threads"]) == (items, ranks, threads)]
        return found[0] if found else None

    def strong(self):
        """(ranks, threads, seconds, speed-up, efficiency, communication share)."""
        size = self.sizes[-1]
        one = self.at(size, 1, 1) or min((p for p in self.points if p["items"] == size),
                                         key=workers)
        for p in sorted((p for p in self.points if p["items"] == size),
                        key=lambda p: (workers(p), p["ranks"])):
            ratio = one["seconds"] / p["seconds"]
            yield (p, ratio, ratio * workers(one) / workers(p), p["mpi_seconds"] / p["seconds"])

    def weak(self):
        """The same work for each worker: (point, efficiency)."""
        fewest = min(map(workers, self.points))
        ones = {p["items"] // workers(p): p for p in self.points if workers(p) == fewest}
        for p in sorted(self.points, key=workers):
            one = ones.get(p["items"] // workers(p))
            if one and workers(p) > fewest:
                yield p, one["seconds"] / p["seconds"]

    def errors(self):
        return [abs(self.model.seconds(p) / p["seconds"] - 1) for p in self.held_out]


def strong_table(studies):
    rows = []
    for study in studies:
        for point, speedup, efficiency, share in study.strong():
            rows.append((study.job, amount(point["items"]), point["ranks"], point["threads"],
                         seconds(point["seconds"]), f"{speedup:.2f}", f"{efficiency:.2f}",
                         f"{100 * share:.0f} %"))
    return table(("job", "items", "ranks", "threads", "seconds", "speed-up", "efficiency",
                  "in MPI"), rows)


def weak_table(studies):
    rows = [(study.job, amount(point["items"] / workers(point)), point["ranks"], point["threads"],
             seconds(point["seconds"]), f"{efficiency:.2f}")
            for study in studies for point, efficiency in study.weak()]
    return table(("job", "items a worker", "ranks", "threads", "seconds", "efficiency"), rows)


def model_table(studies):
    rows = []
    for study in studies:
        a, b, c, d = study.model.coefficients
        errors = study.errors()
        rows.append((study.job, f"{a:.2g}", f"{b:.2g}", f"{c:.2g}", f"{d:.2g}", len(errors),
                     f"{100 * statistics.median(errors):.0f} %", f"{100 * max(errors):.0f} %"))
    return table(("job", "a, s", "b, s an item", "c, s", "d", "held-out points",
                  "median error", "largest"), rows)


def prediction_table(studies, network, scale, threads):
    rows = []
    for study in studies:
        items = study.sizes[-1] * scale
        one = sum(study.model.predict(items, 1, threads, network).values())
        row = [study.job, amount(items), seconds(one)]
        for nodes in NODES:
            parts = study.model.predict(items, nodes, threads, network)
            total = sum(parts.values())
            row.append(f"{seconds(total)} ({one / total / nodes:.2f})")
        rows.append(row)
    return table(("job", "items", "1 node, s") + tuple(f"{n} nodes" for n in NODES), rows)


def count_table(studies):
    rows = []
    for study in studies:
        for count in study.counts:
            p = count["ranks"]
            rows.append((study.job, p, amount(count["messages"]), amount(count["message_bytes"]),
                         amount(count["message_bytes"] * p), amount(count["collectives"]),
                         amount(count["collective_bytes"])))
    return table(("job", "ranks", "messages a rank", "bytes a rank", "bytes x ranks",
                  "collective calls", "bytes in them"), rows)


def law_table(studies):
    return table(("job", "messages", "bytes", "collective calls", "bytes in them"),
                 [(study.job, *(study.traffic.text(name) for name in
                                ("messages", "message_bytes", "collectives", "collective_bytes")))
                  for study in studies])


def plot(studies, network, threads):
    panels = []
    for study in studies:
        # Beside fewest workers, which are taken to be as fast as ideal ones.
        measured = [(workers(p), efficiency * workers(p)) for p, _, efficiency, _ in study.strong()]
        most = max(x for x, _ in measured)
        items = study.sizes[-1]
        one = study.model.seconds({"items": items, "ranks": 1, "threads": 1})
        predicted = [(w, one / study.model.seconds({"items": items, "ranks": w, "threads": 1}))
                     for w in (1, 2, 4, 8, 16) if w <= most]
        best = {w: max(s for x, s in measured if x == w) for w, _ in measured}
        panels.append((study.job, [("measured", list(best.items()), "measured"),
                                   ("ideal", [(1, 1), (most, most)], "ideal"),
                                   ("model", predicted, "predicted")]))
    for study in studies:
        items = study.sizes[-1] * FARTHER
        one = sum(study.model.predict(items, 1, threads, network).values())
        line = [(n, one / sum(study.model.predict(items, n, threads, network).values()))
                for n in (1, 4, 16, 64, 256)]
        panels.append((f"{study.job}, PREDICTED", [("", line, "predicted"),
                                                   ("ideal", [(1, 1), (256, 256)], "ideal")]))
    return svg(panels, [
        "Speed-up over workers. Dots: measured, best of ranks x threads; grey: ideal; green: model.",
        f"PREDICTED, not measured: {FARTHER} times the items over nodes of a network of "
        f"{network['text']}."])


def exchange_bandwidth(points):
    rates = [p["message_bytes"] / p["seconds"] for p in points
             if p["job"] == "exchange" and p["ranks"] > 1]
    return max(rates, default=5e9)


def write_report(folder, points, counts, emulated, network_text, time_model, traffic):
    network = parse_network(network_text)
    bandwidth = exchange_bandwidth(points)
    jobs = list(dict.fromkeys(p["job"] for p in points))
    studies = [JobStudy(job, [p for p in points if p["job"] == job],
                        [c for c in counts if c["job"] == job], bandwidth, time_model, traffic)
               for job in jobs]
    learn_overlaps(studies, emulated)
    threads = max(p["threads"] for p in points)
    overlap = ("as much of it as on the emulated networks above" if emulated
               else "one after another, nothing overlaps")
    text = f"""# Scaling

"In MPI" is the mean over the ranks of the time spent in MPI, waiting for others included.

## Strong: one input, more workers

{strong_table(studies)}
## Weak: as much for each worker

{weak_table(studies)}
## Model: a + b n/(ranks x threads) + c log2(ranks) + d bytes/bandwidth

Fitted to the smallest and the largest input, checked on the middle one. Bandwidth of an exchange
here: {bandwidth / 1e9:.1f} GB/s a rank. For a neighbour graph n is the vectors' number to the power
of 1.5, as lists grow with its root.

{model_table(studies)}
{emulated_section(studies, emulated)}## Predictions, not measurements

Seconds (and efficiency) for {FARTHER} times the largest input on nodes like this one, {threads} threads
each, and a network of {network['text']}.
Work as the model says; messages and steps of collective operations wait for the network, and bytes
go at its bandwidth, as counted below: {overlap}.

{prediction_table(studies, network, FARTHER, threads)}
## Traffic by the number of ranks, one input

The busiest rank's; ranks share the cores here, so this tells nothing of time.

{count_table(studies)}
Laws fitted to these, p being the ranks:

{law_table(studies)}"""
    with open(os.path.join(folder, "report.md"), "w") as file:
        file.write(text)
    with open(os.path.join(folder, "scaling.svg"), "w") as file:
        file.write(plot(studies, network, threads))
