"""Jobs on two hosts of this machine that a slower network joins, against what the model predicts."""

import os
import statistics
import subprocess
import tempfile

from report import amount, seconds, table

# Latency of a packet one way, and rate: one network that makes jobs wait, one that is narrow.
NETWORKS = (("1ms", "10gbit"), ("0.1ms", "1gbit"))
RANKS = 2


def as_network(latency, rate):
    """Seconds and bytes a second of what tools/hosts is given."""
    return {"latency": float(latency.removesuffix("ms")) * 1e-3,
            "bandwidth": float(rate.removesuffix("gbit")) * 1e9 / 8}


class Hosts:
    """Two hosts on a network; leaves nothing behind."""

    def __init__(self, program, latency, rate):
        self.program, self.network = program, ("--latency", latency, "--rate", rate)

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="partita-emulated-")
        os.environ["PARTITA_HOSTS"] = os.path.join(self.folder.name, "hosts")
        subprocess.run([self.program, "up", str(RANKS), *self.network], check=True)
        return f"{self.program} mpirun -q -n {{ranks}} --map-by node " \
               "-x OMP_NUM_THREADS -x LD_PRELOAD -x PARTITA_MPI_COUNTS"

    def __exit__(self, *_):
        subprocess.run([self.program, "down"], check=True)
        del os.environ["PARTITA_HOSTS"]
        self.folder.cleanup()


def measure_emulated(project, run, jobs):
    """A point for each job and network; run(launch, job) runs one job once it is there."""
    for latency, rate in NETWORKS:
        with Hosts(os.path.join(project, "tools", "hosts"), latency, rate) as launch:
            for job in jobs:
                yield {**run(launch, job), "latency": latency, "rate": rate}


def emulated_section(studies, points):
    """What was measured beside what the model, fitted to one host, predicts for two."""
    if not points:
        return ""
    rows, errors = [], []
    for point in points:
        study = next((s for s in studies if s.job == point["job"]), None)
        if study is None:
            continue
        parts = study.model.predict(point["items"], RANKS, point["threads"],
                                    as_network(point["latency"], point["rate"]))
        total = sum(parts.values())
        errors.append(abs(total / point["seconds"] - 1))
        rows.append((point["job"], amount(point["items"]), f"{point['latency']}, {point['rate']}",
                     seconds(parts["work"]), seconds(parts["latency"]), seconds(parts["transfer"]),
                     seconds(total), seconds(point["seconds"]),
                     f"{total / point['seconds']:.2f}"))
    return f"""## Check of the predictions on an emulated network

Two hosts on this machine (tools/hosts), one rank of one thread each, joined by a program that holds
each packet for the latency and lets through so many bits a second; hosts share the cores with it.
Predictions are made as in the next section, by a model that has seen one host only. Error: median
{100 * statistics.median(errors):.0f} %, largest {100 * max(errors):.0f} %.

""" + table(("job", "items", "network", "work, s", "waits, s", "transfer, s", "predicted, s",
             "measured, s", "ratio"), rows) + "\n"
