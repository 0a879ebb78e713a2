"""Whether two contestants' answers agree: functions (contest, name, python) -> (yes, how)."""

import csv
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


def rows(path):
    with open(path, newline="") as file:
        return list(csv.reader(file))[1:]


def same_table(contest, name, _):
    """The same rows in any order; numbers to 12 digits."""
    if name == "partita":
        return True, f"{len(rows(contest.answer(name))):,} rows"
    ours, theirs = ({row[0]: [float(x) for x in row[1:]] for row in rows(contest.answer(n))}
                    for n in ("partita", name))
    if ours.keys() != theirs.keys():
        return False, f"{len(theirs):,} rows"
    worst = max((abs(a - b) / max(abs(a), abs(b)) for key in ours
                 for a, b in zip(ours[key], theirs[key]) if a != b), default=0)
    return worst < 1e-12, "equal" if worst == 0 else f"within {worst:.0e}"


def same_bytes(contest, name, _):
    if name == "partita":
        return True, f"{len(rows(contest.answer(name))):,} rows"
    ours, theirs = rows(contest.answer("partita")), rows(contest.answer(name))
    return ours == theirs, "equal" if ours == theirs else "other rows"


def near_probabilities(contest, name, _):
    ours, theirs = ([float(row[-1]) for row in rows(contest.answer(n))] for n in ("partita", name))
    if len(ours) != len(theirs):
        return False, f"{len(theirs):,} rows"
    worst = max(abs(a - b) for a, b in zip(ours, theirs))
    return worst < 1e-3, f"{len(ours):,} rows" if name == "partita" else f"within {worst:.0e}"


def near_inertia(contest, name, python):
    def inertia(who):
        return float(subprocess.check_output([python, os.path.join(HERE, "inputs.py"), "inertia",
                                              contest.inputs[0], contest.answer(who)]))
    ours, theirs = inertia("partita"), inertia(name)
    return theirs > 0.9 * ours and ours < 1.1 * theirs, f"inertia {theirs:.5g}"


def recall(contest, name, python):
    found = float(subprocess.check_output([python, os.path.join(HERE, "inputs.py"), "recall",
                                           contest.inputs[0], contest.answer(name)]))
    return found >= 0.9, f"recall {found:.3f}"


AGREE = {"wordcount": same_table, "reduce": same_table, "sort": same_bytes,
         "train": near_probabilities, "kmeans": near_inertia, "graph": recall}
