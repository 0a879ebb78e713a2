"""What the tests on real data share: what they are given, and how a job is run."""

import os
import subprocess
import sys

PARTITA, DATA = sys.argv[1], os.path.abspath(sys.argv[2])


def run(ranks, *arguments):
    command = ["mpirun", "-q", "--timeout", "300", "-n", str(ranks), PARTITA, *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout
