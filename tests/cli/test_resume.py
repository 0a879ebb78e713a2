import os
import random
import unittest

import numpy as np

from partita_case import PartitaCase

SEED = int(os.environ.get("TEST_SEED", random.randrange(1 << 30)))


class Resume(PartitaCase):
    """A job that is killed goes on, with any number of ranks, and makes the same bytes."""

    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.addTypeEqualityFunc(bytes, self.assert_same_bytes)
        base = np.random.RandomState(4).randn(3000, 24).astype(np.float32)
        np.save(self.path("base.npy"), base)
        np.save(self.path("queries.npy"), base + np.float32(0.01))

    def assert_same_bytes(self, first, second, msg=None):
        if first != second:
            self.fail(f"the bytes differ: {msg} (TEST_SEED={SEED})")

    def files(self):
        return sorted(os.listdir(self.folder))

    def kill(self, point, *arguments, ranks):
        result = self.partita(*arguments, ranks=ranks, env={"PARTITA_KILL_AT": point})
        self.assertNotEqual(result.status, 0, f"{arguments} at {point}: not killed")
        left = [name for name in self.files() if name.endswith(".partial")]
        self.assertEqual(len(left), 1, f"{arguments} at {point}")

    def moment(self, ranks, records):
        """Where some rank dies, before or after one of its first records."""
        if self.random.random() < 0.2:
            return "0:0:commit"
        when = self.random.choice(("before", "after"))
        return f"{self.random.randrange(ranks)}:{self.random.randint(1, records)}:{when}"

    def check(self, arguments, out, records, last=(1, 2, 3), memory="1MiB"):
        """Kill and go on at several rank counts; at last a job that resumed is killed too."""
        self.succeed(*arguments, "--out", f"whole-{out}", ranks=2)
        for ranks in last:
            killed, again = self.random.choice((1, 2, 3)), self.random.choice((2, 3))
            command = (*arguments, "--memory", memory, "--out", out, "--overwrite")
            self.kill(self.moment(killed, records), *command, ranks=killed)
            if ranks == 3:
                self.kill("0:0:commit", *command, "--resume", ranks=again)
            output = self.succeed(*command, "--resume", ranks=ranks)
            self.assertEqual(self.read(out), self.read(f"whole-{out}"), f"{command} on {ranks}")
            self.assertFalse([name for name in self.files() if "partita" in name], output)

    def test_graphs_in_all_formats(self):
        for format, last in (("hdf5", (1, 2, 3)), ("csr", (3,)), ("csv", (2,)), ("jsonl", (1,))):
            self.check(("knn", "graph", "base.npy", "--type", "ivf", "--format", format),
                       f"nn.{format}", records=2, last=last)  # one of the build, one of a round

    def test_neighbours_within_a_radius(self):
        self.check(("knn", "graph", "base.npy", "--type", "flat", "--radius", "4.5", "--format",
                    "csr"), "nn.h5", records=2, last=(3,))

    def test_a_mutual_graph(self):
        self.check(("knn", "graph", "base.npy", "--type", "flat", "--mutual"), "nn.h5",
                   records=2, last=(2,))

    def test_a_graph_that_scores_each_pair_once(self):
        command = ("knn", "graph", "base.npy", "--type", "flat")
        self.succeed(*command, "--memory", "1MiB", "--out", "whole.h5", ranks=2)
        command = (*command, "--memory", "24MiB", "--out", "nn.h5", "--overwrite")
        # the build; all pairs are scored; a round is written
        for record, killed, again in ((1, 2, 3), (2, 3, 2), (3, 1, 2), (3, 2, 1)):
            self.kill(f"0:{record}:after", *command, ranks=killed)
            output = self.succeed(*command, "--resume", ranks=again)
            self.assertEqual("each pair is scored once" in output, record < 3, output)
            self.assertEqual("queries were finished" in output, record == 3, output)
            self.assertEqual(self.read("nn.h5"), self.read("whole.h5"), (record, killed, again))

    def test_a_search_and_a_kept_index(self):
        self.succeed("knn", "graph", "base.npy", "--type", "hnsw", "--index", "base.index", "--out",
                     "nn.h5")
        self.check(("knn", "search", "base.index", "queries.npy", "--recall", "0.9"), "found.h5",
                   records=1, last=(3,), memory="4MiB")
        command = ("knn", "graph", "base.npy", "--type", "ivf", "--index", "kept.index", "--out",
                   "graph.h5", "--memory", "1MiB")
        self.kill("0:2:after", *command, ranks=2)
        kept = self.read("kept.index")
        self.assertIn("done before", self.succeed(*command, "--resume", ranks=3))
        self.assertEqual(self.read("kept.index"), kept, "the index")

    def test_predictions(self):
        rows = "".join(f"{i},{i % 89}.5,{i % 7}\n" for i in range(40000))
        self.write("small.csv", "id,a,b\n" + rows)
        self.write("big.csv", "id,a,b\n" + rows * 40)  # five partitions
        self.succeed("train", "kmeans", "small.csv", "--features", "a,b", "-k", "5", "--out", "m")
        for out, last in (("scores.csv", (3,)), ("scores.h5", (1,))):
            self.check(("predict", "m", "big.csv", "--id", "id", "--proba"), out, records=1,
                       last=last)

    def test_predictions_of_another_job_are_refused(self):
        self.write("a.csv", "a,b\n1,2\n3,5\n" * 20)
        self.succeed("train", "kmeans", "a.csv", "--features", "a,b", "-k", "2", "--out", "m")
        command = ("predict", "m", "a.csv", "--out", "s.csv", "--resume")
        self.kill("0:1:after", *command, ranks=2)
        for ranks in (1, 3):
            result = self.partita(*command, "--proba", ranks=ranks)
            self.assertEqual((result.status, result.err),
                             (1, "partita: s.csv: --resume: expected the settings of the unfinished "
                                 "job, which had proba = no, got proba = yes\n"))
        self.assertIn("1 of 1 partitions were finished", self.succeed(*command, ranks=3))

    def test_other_settings_are_refused(self):
        command = ("knn", "graph", "base.npy", "--type", "flat", "--out", "nn.h5", "--memory",
                   "1MiB", "--resume")
        self.kill("0:2:after", *command, ranks=2)
        begin = "nn.h5: --resume: expected the settings of the unfinished job, which had "
        for more, sentence in ((("-k", "5"), "k = 10, got k = 5"),
                               (("--format", "csr"), "format = hdf5, got format = csr"),
                               (("--metric", "cosine"), "metric = l2, got metric = cosine"),
                               (("--mutual",), "mutual = no, got mutual = yes")):
            for ranks in (1, 3):
                result = self.partita(*command, *more, ranks=ranks)
                self.assertEqual((result.status, result.err), (1, f"partita: {begin}{sentence}\n"))
        os.utime(self.path("base.npy"), (1, 1))
        result = self.partita(*command)
        self.assertIn(begin + "vectors = base.npy (3000 x 24", result.err)
        self.assertEqual((result.status, result.err.count("\n")), (1, 1))

    def test_without_resume_a_job_starts_anew(self):
        command = ("knn", "graph", "base.npy", "--type", "flat", "--out", "nn.h5", "--memory",
                   "1MiB")
        self.kill("0:2:after", *command, ranks=2)
        self.assertNotIn("resume", self.succeed(*command, ranks=2))
        self.assertEqual(self.files(), ["base.npy", "nn.h5", "queries.npy"])
        self.assertNotIn("resume", self.succeed(*command, "--overwrite", "--resume"))


if __name__ == "__main__":
    unittest.main()
