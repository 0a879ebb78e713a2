import os
import select
import signal
import subprocess
import unittest

from partita_case import BINARY, MPIEXEC, PartitaCase, ranks_of


class Kill(PartitaCase):
    """One of four ranks is killed in the middle: the job ends, and leaves nothing half-written."""

    def start(self, *arguments):
        variables = {k: v for k, v in os.environ.items() if not k.startswith("PARTITA_")}
        return subprocess.Popen([MPIEXEC, "--timeout", "120", "-n", "4", BINARY, *arguments],
                                cwd=self.folder, env=variables, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def wait_for(self, event, events):
        """Read a job's events until this one comes; fails where the job ends or hangs before."""
        poller = select.poll()
        poller.register(events, select.POLLIN)
        told = b""
        while f'"{event}"'.encode() not in told:
            self.assertTrue(poller.poll(90_000), "the job told nothing for 90 s")
            more = os.read(events, 1 << 16)
            self.assertTrue(more, "the job ended too early")
            told += more

    def leftovers(self):
        return sorted(os.listdir(self.path("out"))) + sorted(os.listdir(self.path("scratch")))

    def kill_after(self, event, *options):
        os.mkdir(self.path("out"))
        os.mkdir(self.path("scratch"))
        self.succeed("make-data", "v.npy", "--rows", "60000", "--dim", "48", "--kind", "hard")
        os.mkfifo(self.path("events"))
        # Open before there is a job: a reader that came after its early end would wait for ever.
        events = os.open(self.path("events"), os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, events)
        job = self.start("knn", "graph", "v.npy", "--type", "ivf", "--nprobe", "200", "--scratch",
                         "scratch", "--out", "out/nn.h5", "--events", "events", *options)
        self.wait_for(event, events)
        ranks = ranks_of(job)
        self.assertEqual(len(ranks), 4)
        os.kill(ranks[2], signal.SIGKILL)
        output, _ = job.communicate(timeout=30)
        self.assertNotEqual(job.returncode, 0)
        self.assertIn("signal 9", output)
        self.assertFalse(os.path.exists(self.path("out/nn.h5")))
        before = set(os.listdir("/dev/shm"))
        self.succeed("make-data", "small.npy", "--rows", "300", "--dim", "4")
        self.succeed("knn", "graph", "small.npy", "--scratch", "scratch", "--out", "out/nn.h5")
        self.assertEqual(self.leftovers(), ["nn.h5"])
        left = set(os.listdir("/dev/shm")) - before
        self.assertFalse([name for name in left if "partita" in name])

    def test_while_the_index_is_built(self):
        self.kill_after("knn.train")

    def test_while_queries_are_searched(self):
        self.kill_after("knn.broadcast")

    def test_while_queries_travel_to_a_shared_out_index(self):
        self.kill_after("knn.shard", "--placement", "shard")


if __name__ == "__main__":
    unittest.main()
