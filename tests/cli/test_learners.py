"""Every learner behind the same options: grids, weights, stages within folds, sparse files."""
import csv
import json
import random
import unittest

from partita_case import PartitaCase


class Learners(PartitaCase):
    def setUp(self):
        super().setUp()
        random.seed(4)
        self.rows = []
        for _ in range(240):
            a, b = round(random.gauss(0, 1), 4), round(random.gauss(0, 1), 4)
            flag = int(a + b + random.gauss(0, 1) > 0.8)
            self.rows.append([a, b, random.choice([0, 1, 2]), "yes" if flag else "no", flag])
        self.table("t.csv", self.rows)
        self.write("t.svm", "".join(f"{1 if r[4] else -1} 1:{r[0]} 2:{r[1]}\n" for r in self.rows))

    def table(self, name, rows):
        with open(self.path(name), "w", newline="") as out:
            csv.writer(out).writerows([["a", "b", "w", "kind", "flag"], *rows])

    def grid(self, *arguments, ranks=1):
        """{parameters: mean score} of the printed table."""
        out = self.succeed("cross-validate", *arguments, ranks=ranks)
        lines = [line[2:].split("  ") for line in out.splitlines()
                 if "=" in line and line[:2] in ("  ", "* ")]
        return {line[0].strip(): float([x for x in line[1:] if x.strip()][0]) for line in lines}

    def test_grids_of_every_kind_do_not_depend_on_the_ranks(self):
        for kind, *options in (
                ["gbt", "--param", "max-depth=1,3", "--param", "rounds=3,20"],
                ["forest", "--param", "trees=3,9", "--param", "max-depth=2"],
                ["naive-bayes", "--param", "smoothing=1e-9,1"],
                ["logistic", "--param", "penalty=0,1,10"]):
            found = [self.grid(kind, "t.csv", "--label", "kind", "--features", "a,b", "--folds",
                               "3", *options, ranks=ranks) for ranks in (1, 3)]
            self.assertEqual(found[0], found[1], kind)
            self.assertEqual(len(found[0]), {"gbt": 4, "logistic": 3}.get(kind, 2), kind)
            self.assertGreater(len(set(found[0].values())), 1, kind)

    def test_a_label_of_other_whole_numbers_wants_a_task(self):
        self.fail_with("label 'w' holds whole numbers from 0 to 2: expected task classification or "
                       "regression", "cross-validate", "tree", "t.csv", "--label", "w")
        self.assertEqual(len(self.grid("tree", "t.csv", "--label", "w", "--metric", "rmse",
                                       "--param", "task=regression", "--param", "max-depth=1")), 1)

    def model(self, *options):
        self.succeed("train", *options, "--overwrite", "--out", "m")
        return json.loads(self.read("m"))["parameters"]

    def test_weights_count_rows_so_often(self):
        repeated = [r for r in self.rows for _ in range(r[2])]
        self.table("often.csv", repeated)
        for kind, key in (("logistic", "coefficients"), ("linear", "coefficients")):
            label = "kind" if kind == "logistic" else "flag"
            common = ["--label", label, "--features", "a,b"]
            weighted = self.model(kind, "t.csv", *common, "--weights", "w")
            often = self.model(kind, "often.csv", *common)
            plain = self.model(kind, "t.csv", *common)
            numbers = [m[key]["values"] if kind == "logistic" else m[key]
                       for m in (weighted, often, plain)]
            for x, y, other in zip(*numbers):
                self.assertAlmostEqual(x, y, 9)
                self.assertNotAlmostEqual(x, other, 3)
        # By default all other columns are features, but not the weights.
        self.model("linear", "t.csv", "--label", "flag", "--weights", "w")
        self.assertNotIn('"w"', json.dumps(json.loads(self.read("m"))["recipe"]))
        row, least = next((i, r[0]) for i, r in enumerate(self.rows) if r[0] < 0)
        self.fail_with("read_csv | select | read features: row "
                       f"{row}, column 'a': expected a weight of at least 0, got {least}", "train",
                       "linear", "t.csv", "--label", "flag", "--weights", "a", "--out", "x",
                       ranks=[1])

    def test_class_weights_are_weights_of_their_rows(self):
        self.table("weighed.csv", [[*r[:2], 5 if r[4] else 1, *r[3:]] for r in self.rows])
        for kind in ("logistic", "gbt"):
            common = ["--label", "kind", "--features", "a,b"]
            by_class = self.model(kind, "t.csv", *common, "--class-weights", "yes=5")
            by_row = self.model(kind, "weighed.csv", *common, "--weights", "w")
            self.assertEqual(by_class, by_row, kind)
        self.fail_with("class weights: no class 'ys' (did you mean 'yes'?); expected no or yes",
                       "train", "logistic", "t.csv", "--label", "kind", "--features", "a,b",
                       "--class-weights", "ys=5", "--out", "x")

    def test_stages_are_fitted_within_folds(self):
        holes = [["" if i % 7 == 0 else r[0], *r[1:]] for i, r in enumerate(self.rows)]
        self.table("holes.csv", holes)
        arguments = ["logistic", "holes.csv", "--label", "flag", "--features", "a,b", "--impute",
                     "median", "--polynomial", "2", "--scale", "--param", "penalty=0,1"]
        found = [self.grid(*arguments, ranks=ranks) for ranks in (1, 3)]
        self.assertEqual(found[0], found[1])
        self.assertLess(found[0]["penalty=0"], 0.6)

    def test_sparse_files_are_judged_as_tables_are(self):
        self.succeed("train", "logistic", "t.svm", "--out", "sparse.model")
        self.succeed("train", "logistic", "t.csv", "--label", "flag", "--features", "a,b", "--out",
                     "dense.model")
        for name, data in (("sparse", "t.svm"), ("dense", "t.csv")):
            self.succeed("evaluate", f"{name}.model", data, "--out", f"{name}.json", ranks=2)
        sparse, dense = (json.loads(self.read(f"{n}.json")) for n in ("sparse", "dense"))
        for figure in ("accuracy", "auc", "log_loss"):
            self.assertAlmostEqual(sparse[figure], dense[figure], 8)
        self.assertEqual(self.grid("logistic", "t.svm", "--param", "penalty=0,1").keys(),
                         {"penalty=0", "penalty=1"})
        self.fail_with("t.svm: expected a model that was trained on a LIBSVM file, got one of "
                       "named columns", "evaluate", "dense.model", "t.svm")
        self.fail_with("cross-validate: --impute, --polynomial and --pca want columns: a LIBSVM file "
                       "has none; see 'partita cross-validate --help'",
                       "cross-validate", "logistic", "t.svm", "--impute", "mean")


if __name__ == "__main__":
    unittest.main()
