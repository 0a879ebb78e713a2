"""Jobs on two hosts of this machine that a slower network joins, against what the model predicts."""

import os
import statistics
import subprocess
import tempfile

from report import amount, seconds, table

# Latency of a packet one way, and rate. The model learns from the first ones how much of waits and
# transfers a job feels; the last is held out, as is the middle size on all.
NETWORKS = (("0.1ms", "10gbit"), ("1ms", "10gbit"), ("0.1ms", "1gbit"), ("0.4ms", "2gbit"))
LEARNT = NETWORKS[:-1]
RANKS = 2
PARTS = (4, 2, 1)  # of a job's usual size
LEARNT_PARTS = (4, 1)


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


def measure_emulated(project, probe, run, jobs):
    """A point for each network, job and size. probe(launch) tells what a network does in truth;
    run(launch, job, part) runs a job of so small a part of its usual size."""
    for latency, rate in NETWORKS:
        with Hosts(os.path.join(project, "tools", "hosts"), latency, rate) as launch:
            network = probe(launch)
            for job in jobs:
                for part in PARTS:
                    learnt = (latency, rate) in LEARNT and part in LEARNT_PARTS
                    yield {**run(launch, job, part), "latency": latency, "rate": rate,
                           "network": network, "learnt": learnt}


def learn_overlaps(studies, points):
    for study in studies:
        learnt = [p for p in points if p["job"] == study.job and p["learnt"]]
        if learnt:
            study.model.learn_overlap(learnt)


def emulated_section(studies, points):
    """What was measured beside what the model, fitted to other points, says of them."""
    if not points:
        return ""
    rows, errors = [], []
    for point in points:
        study = next((s for s in studies if s.job == point["job"]), None)
        if study is None or point["learnt"]:
            continue
        parts = study.model.predict(point["items"], RANKS, point["threads"], point["network"],
                                    emulated=True)
        total = sum(parts.values())
        errors.append(abs(total / point["seconds"] - 1))
        rows.append((point["job"], amount(point["items"]), f"{point['latency']}, {point['rate']}",
                     seconds(parts["work"]), seconds(parts["latency"]), seconds(parts["transfer"]),
                     seconds(total), seconds(point["seconds"]),
                     f"{total / point['seconds']:.2f}"))
    networks = {(p["latency"], p["rate"]): p["network"] for p in points}
    real = [(f"{latency}, {rate}", f"{1e3 * n['latency']:.3g} ms", f"{n['bandwidth'] / 1e9:.3g}")
            for (latency, rate), n in networks.items()]
    factors = [(s.job, *(f"{x:.2g}" for x in s.model.overlap)) for s in studies]
    return f"""## Check of the model on emulated networks

Two hosts on this machine (tools/hosts), one rank of one thread each, joined by a program that holds
each packet for the latency and lets through so many bits a second; hosts share the cores with it.
What such a network does in truth, by a byte's way and by an exchange of 16 MiB each way:

{table(("network", "one way", "GB/s a rank"), real)}
How much of the work, the waits and the transfers that are counted a job takes in truth, learnt from
the smallest and the largest size on all networks but the last:

{table(("job", "work", "waits", "transfers"), factors)}
What was held out, the middle size and all of the last network. Error: median
{100 * statistics.median(errors):.0f} %, nine tenths below \
{100 * sorted(errors)[len(errors) * 9 // 10]:.0f} %, largest {100 * max(errors):.0f} %.

""" + table(("job", "items", "network", "work, s", "waits, s", "transfer, s", "model, s",
             "measured, s", "ratio"), rows) + "\n"
