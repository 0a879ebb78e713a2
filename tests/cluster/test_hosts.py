"""Partita on several hosts, which tools/hosts makes out of this machine's namespaces."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
from partita_case import BINARY  # noqa: E402

HOSTS = os.path.abspath(os.path.join(HERE, "..", "..", "tools", "hosts"))
QUIET = ("-q", "--timeout", "60")


def why_not():
    """Why there can be no hosts here; None when there can."""
    for program in ("ip", "nsenter", "unshare"):
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            return f"{program} is not installed (tools/install-packages --tests)"
    if os.geteuid() != 0:
        return "only root can make network namespaces"
    if subprocess.run(["unshare", "-n", "-u", "-m", "-p", "--fork", "ip", "link", "add",
                       "partitatest", "type", "bridge"], capture_output=True).returncode != 0:
        return "this machine allows no network namespaces, or has no bridges"
    return None


@unittest.skipIf(why_not(), f"no hosts: {why_not()}")
class Hosts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="partita-hosts-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.environment = {k: v for k, v in os.environ.items() if not k.startswith("PARTITA_")}
        cls.environment["PARTITA_HOSTS"] = os.path.join(cls.folder, "hosts")
        cls.environment["PATH"] += ":/usr/sbin:/sbin"
        cls.alone("make-data", "v.npy", "--rows", "20000", "--dim", "32", "--kind", "hard")
        cls.alone("knn", "build", "v.npy", "--type", "ivf", "--out", "v.index")

    @classmethod
    def run_in(cls, command, timeout=100, **more):
        return subprocess.run(command, cwd=cls.folder, env=cls.environment, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, timeout=timeout, **more)

    @classmethod
    def alone(cls, *arguments):
        """The command on one rank of this machine."""
        done = cls.run_in([BINARY, *arguments])
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def hosts(self, *arguments):
        done = self.run_in([HOSTS, *arguments])
        self.assertEqual(done.returncode, 0, f"hosts {arguments}: {done.stderr}")
        return done.stdout

    def up(self, *arguments):
        self.addCleanup(self.run_in, [HOSTS, "down"])
        self.hosts("up", *arguments)

    def spread(self, ranks, *arguments):
        """The command over all hosts, which must end well."""
        return self.hosts("mpirun", *QUIET, "-n", str(ranks), "--map-by", "node", BINARY,
                          *arguments)

    def read(self, name):
        with open(os.path.join(self.folder, name), "rb") as file:
            return file.read()

    def test_an_index_that_one_host_sees_is_sent_to_each_of_the_others_once(self):
        self.up("3", "--latency", "0.2ms", "--rate", "10gbit")
        self.alone("knn", "search", "v.index", "v.npy", "--nprobe", "8", "--out", "one.h5")
        for place in ("only-h1", "scratch"):
            os.mkdir(os.path.join(self.folder, place))
        self.hosts("exec", "h1", "mount", "-t", "tmpfs", "tmpfs", "only-h1")
        self.hosts("exec", "h1", "cp", "v.index", "v.index.json", "only-h1")
        for host in ("h1", "h2", "h3"):  # each host's scratch is its own
            self.hosts("exec", host, "mount", "-t", "tmpfs", "tmpfs", "scratch")
        self.assertEqual(os.listdir(os.path.join(self.folder, "only-h1")), [])
        out = self.spread(6, "knn", "search", "only-h1/v.index", "v.npy", "--nprobe", "8", "--out",
                          "three.h5", "--scratch", os.path.join(self.folder, "scratch"))
        self.assertRegex(out, r"broadcast +one copy on each of 3 nodes \(1 had it\)")
        for host, copies in (("h1", 0), ("h2", 1), ("h3", 1)):
            found = self.hosts("exec", host, "find", "scratch", "/dev/shm", "-name",
                               "partita-cache-*").split()
            self.assertEqual(len(found), copies, f"{host}: {found}")
        self.assertEqual(self.read("three.h5"), self.read("one.h5"))

    def test_jobs_over_hosts_give_what_one_host_gives(self):
        self.up("4")
        with open(os.path.join(self.folder, "t.csv"), "w") as file:
            file.write("city,x\n" + "".join(f"c{i * 7 % 13},{i * 37 % 101}\n" for i in range(9000)))
        for out, *command in (
                ("graph.h5", "knn", "graph", "v.npy", "--type", "ivf", "--nprobe", "8"),
                ("shared.h5", "knn", "search", "v.index", "v.npy", "--nprobe", "8", "--placement",
                 "shard"),
                ("sorted.csv", "sort", "t.csv", "--key", "city", "--value", "x"),
                ("k.model", "train", "kmeans", "t.csv", "--features", "x", "-k", "3")):
            with self.subTest(out):
                self.alone(*command, "--out", "one-" + out)
                self.spread(4, *command, "--out", out)
                self.assertEqual(self.read(out), self.read("one-" + out))

    GRAPH = ("knn", "graph", "v.npy", "--type", "ivf", "--nprobe", "100", "--train-sample", "2000",
             "--memory", "1MiB", "--resume", "--overwrite", "--placement", "replicate", "--out")

    def lose(self, how, out, launch="mpirun"):
        """A host is lost in mid-job: its exit status, and what it said."""
        if not os.path.exists(os.path.join(self.folder, "whole.h5")):
            self.alone(*self.GRAPH, "whole.h5")
        self.up("3")
        events = os.path.join(self.folder, f"{out}-events")
        os.mkfifo(events)
        # Nobody has rank 99; what that asks for is a record after each round.
        job = subprocess.Popen(
            [HOSTS, "mpirun", "--timeout", "60", "-n", "3", "--map-by", "node", "-x",
             "PARTITA_KILL_AT=99:0:never", BINARY, *self.GRAPH, out, "--events", events],
            cwd=self.folder, env={**self.environment, "MPIRUN": launch}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        with open(events) as lines:
            if not any('"knn.broadcast"' in line for line in lines):
                self.fail(f"it ended too early: {job.communicate()[0]}")
            self.hosts(how, "h3")
            drain = threading.Thread(target=lines.read)  # who starts again writes there, too
            drain.start()
            output, _ = job.communicate(timeout=60)
            drain.join()
        self.assertIn("h3", output)
        return job.returncode, output

    def end_by_hand(self, how):
        """It ends soon, and says which; then one host less goes on."""
        status, output = self.lose(how, f"{how}.h5")
        self.assertNotIn(status, (0, 110), output)  # 110: mpirun's own time-out
        self.assertFalse(os.path.exists(os.path.join(self.folder, f"{how}.h5")))
        with open(os.path.join(self.folder, "two"), "w") as file:
            file.write("h1 slots=2\nh2 slots=2\n")
        done = self.run_in(["env", "HOSTFILE=two", HOSTS, "mpirun", *QUIET, "-n", "4", BINARY,
                            *self.GRAPH, f"{how}.h5"])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.read(f"{how}.h5"), self.read("whole.h5"))
        self.assertIn("done before", done.stdout)

    def test_a_host_is_cut_off(self):
        self.end_by_hand("cut")

    def test_a_host_dies(self):
        self.end_by_hand("kill")

    def test_retry_goes_on_without_a_host_that_is_lost(self):
        status, output = self.lose("kill", "retried.h5", f"{BINARY} retry --times 1 -- mpirun")
        self.assertEqual(status, 0, output)
        self.assertRegex(output, "no answer from h3: going on without, in 2 ranks\n")
        self.assertIn("done before", output)
        self.assertRegex(output, "memory .* 2 ranks with")
        self.assertEqual(self.read("retried.h5"), self.read("whole.h5"))


if __name__ == "__main__":
    unittest.main()
