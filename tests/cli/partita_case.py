"""Runs the real `partita` command: what the tests of the command line share.

CTest sets PARTITA_BINARY, MPIEXEC and the environment of MPI. By hand:
    PARTITA_BINARY=build/release/bin/partita /usr/bin/python3 -m unittest test_usage
"""

import atexit
import os
import re
import shutil
import struct
import subprocess
import tempfile
import unittest
from typing import NamedTuple

BINARY = os.path.abspath(os.environ.get("PARTITA_BINARY", "partita"))
MPIEXEC = os.environ.get("MPIEXEC", "mpirun")

# All of a user's mpirun keep their files in one folder, and fail to start while another, which was
# the last to use it, removes it at its end: tests that run beside this one have their own.
os.environ["OMPI_MCA_orte_tmpdir_base"] = tempfile.mkdtemp(prefix="partita-mpi-")
os.chmod(os.environ["OMPI_MCA_orte_tmpdir_base"], 0o1777)
atexit.register(shutil.rmtree, os.environ["OMPI_MCA_orte_tmpdir_base"], ignore_errors=True)


class Result(NamedTuple):
    status: int
    out: str
    err: str


# What is told of any work that takes more than ten seconds, as all may on a busy machine.
PROGRESS = re.compile(r"partita: [^:]+: (\d+ %, [\d,]+ of [\d,]+ |[\d,]+ \S+ in \d)")


def without_noise(text):
    """Without progress, and what mpirun's event library says of a pipe that a rank has just closed."""
    return "".join(line for line in text.splitlines(keepends=True)
                   if not line.startswith("[warn] Epoll ") and not PROGRESS.match(line))


class PartitaCase(unittest.TestCase):
    """A test with an empty folder, in which the command runs."""

    user = None  # of whom the command runs: the one who runs the test

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="partita-cli-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def partita(self, *arguments, ranks=1, env=None):
        """Run the command on `ranks` ranks, one without mpirun."""
        launch = [] if ranks == 1 else [MPIEXEC, "-q", "--timeout", "60", "-n", str(ranks)]
        variables = {k: v for k, v in os.environ.items() if not k.startswith("PARTITA_")}
        variables.update(PARTITA_BIND="keep", **(env or {}))
        done = subprocess.run(
            [*launch, BINARY, *map(str, arguments)], cwd=self.folder, env=variables,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90, user=self.user)
        return Result(done.returncode, done.stdout, without_noise(done.stderr))

    def succeed(self, *arguments, ranks=1, env=None):
        """The output of a command that must end well and leave standard error alone."""
        result = self.partita(*arguments, ranks=ranks, env=env)
        self.assertEqual((result.status, result.err), (0, ""), f"{arguments} on {ranks}")
        return result.out

    def fail_with(self, sentence, *arguments, ranks=(1, 3), env=None):
        """A command must end with exit code 1 and this sentence, once, and leave no file."""
        before = sorted(os.listdir(self.folder))
        for count in ranks:
            result = self.partita(*arguments, ranks=count, env=env)
            what = f"{arguments} on {count}"
            self.assertEqual(result.err, f"partita: {sentence}\n", what)
            self.assertEqual((result.status, result.out), (1, ""), what)
            self.assertEqual(sorted(os.listdir(self.folder)), before, what)


def children(pid):
    """Processes below `pid`, at any depth."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            direct = [int(child) for child in file.read().split()]
    except OSError:
        return []
    return direct + [below for child in direct for below in children(child)]


def is_partita(pid):
    try:
        return os.path.samefile(os.readlink(f"/proc/{pid}/exe"), BINARY)
    except OSError:
        return False


def ranks_of(job):
    """The process ids of a job's ranks, ascending: those below its launcher that run the command."""
    return sorted(filter(is_partita, children(job.pid)))


def npy(shape, data=b"", descr="<f4"):
    """A file in NumPy's format."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data


def floats(*values):
    return struct.pack(f"<{len(values)}f", *values)


def subcommands():
    """The paths of all subcommands, ["knn", "graph"] and the like, as the help lists them."""

    def listed(*words):
        out = subprocess.run([BINARY, *words, "--help"], capture_output=True, text=True,
                             stdin=subprocess.DEVNULL, timeout=60).stdout
        if "\nSubcommands:\n" not in out:
            return [list(words)]
        section = out.split("\nSubcommands:\n")[1].split("\n\n")[0]
        names = [line.split()[0] for line in section.splitlines()
                 if line.startswith("  ") and line[2] != " "]
        return [path for name in names for path in listed(*words, name)]

    return listed()
