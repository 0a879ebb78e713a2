"""What the tests of models of real tables share: training, evaluating, comparing."""

import json
import os
import tempfile
import unittest

from real_case import DATA, run


class LearningCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        with open(os.path.join(DATA, "truth/answers.json")) as file:
            self.answers = json.load(file)

    def path(self, name):
        return os.path.join(self.folder, name)

    def train(self, kind, table, *options, ranks=2):
        """The parameters of a model, and what was printed."""
        model = self.path("model")
        printed = run(ranks, "train", kind, os.path.join(DATA, table), *options, "--overwrite",
                      "--out", model)
        with open(model) as file:
            return json.load(file)["parameters"], printed

    def figures(self, table, *options, ranks=3):
        """What partita evaluate finds of the model that was trained last."""
        path = self.path("figures.json")
        run(ranks, "evaluate", self.path("model"), os.path.join(DATA, table), *options,
            "--overwrite", "--out", path)
        with open(path) as file:
            return json.load(file)

    def sklearn_table(self, loaded):
        """A data set that scikit-learn carries, as a CSV file with columns x0, x1, ..., y."""
        path = self.path("table.csv")
        with open(path, "w") as file:
            columns = [f"x{j}" for j in range(loaded.data.shape[1])] + ["y"]
            file.write(",".join(columns) + "\n")
            for x, y in zip(loaded.data, loaded.target):
                file.write(",".join(repr(float(v)) for v in [*x, y]) + "\n")
        return path

    def expect_close(self, got, expected, relative):
        self.assertEqual(len(got), len(expected))
        for a, b in zip(got, expected):
            self.assertLessEqual(abs(a - b), relative * max(1, abs(b)), (got, expected))
