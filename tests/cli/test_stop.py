import os
import signal
import subprocess
import unittest

from partita_case import BINARY, MPIEXEC, PartitaCase


class Stop(PartitaCase):
    """Who is asked to stop keeps what is finished, exits with 75, and goes on where it was."""

    graph = ("knn", "graph", "v.npy", "--type", "ivf", "--lists", "64", "--nprobe", "64",
             "--train-sample", "2000", "--memory", "1MiB")

    def start(self, *arguments, ranks):
        launch = [] if ranks == 1 else [MPIEXEC, "-q", "--timeout", "100", "-n", str(ranks)]
        variables = {k: v for k, v in os.environ.items() if not k.startswith("PARTITA_")}
        return subprocess.Popen([*launch, BINARY, *arguments], cwd=self.folder, env=variables,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def stop(self, which, event, *arguments, ranks):
        """Send a signal to the launcher when the job says that it has come so far."""
        os.mkfifo(self.path("events"))
        job = self.start(*arguments, "--events", "events", ranks=ranks)
        with open(self.path("events")) as events:  # blocks until the job writes, ends with it
            self.assertTrue(any(f'"{event}"' in line for line in events), "it ended too early")
            job.send_signal(which)
            output, error = job.communicate(timeout=60)
        os.remove(self.path("events"))
        self.assertEqual(job.returncode, 75, output + error)
        self.assertEqual(error.count("what is finished is kept, and the same command with "
                                     "--resume goes on"), 1, error)
        return error

    def check(self, which, ranks, resume_ranks, event):
        command = (*self.graph, "--out", "nn.h5")
        error = self.stop(which, event, *command, ranks=ranks)
        self.assertIn(f"nn.h5: stopped on {which.name}", error)
        self.assertFalse(os.path.exists(self.path("nn.h5")))
        output = self.succeed(*command, "--resume", ranks=resume_ranks)
        self.assertIn("done before", output)
        self.assertEqual(self.read("nn.h5"), self.read("whole.h5"))
        self.assertFalse([name for name in os.listdir(self.folder) if "partial" in name])
        os.remove(self.path("nn.h5"))

    def test_at_the_end_of_the_build_and_in_the_search(self):
        self.succeed("make-data", "v.npy", "--rows", "20000", "--dim", "32", "--kind", "hard")
        self.succeed(*self.graph, "--out", "whole.h5", ranks=2)
        self.check(signal.SIGUSR1, 3, 2, "knn.train")
        self.check(signal.SIGUSR1, 2, 3, "knn.broadcast")
        self.check(signal.SIGTERM, 1, 2, "knn.train")


if __name__ == "__main__":
    unittest.main()
