"""partita train, predict and model, as a user runs them."""
import csv
import json
import math
import random
import unittest

from partita_case import PartitaCase


class Learning(PartitaCase):
    def setUp(self):
        super().setUp()
        random.seed(3)
        rows = []
        for i in range(400):
            a, b = random.gauss(0, 1), random.gauss(5, 2)
            city = random.choice(["Rome", "Oslo", "Bonn"])
            score = a - (b - 5) + (city == "Oslo") + random.gauss(0, 1)
            rows.append([i, f"{a:.6f}", f"{b:.6f}", city, "yes" if score > 0 else "no"])
        self.table = self.path("table.csv")
        with open(self.table, "w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["id", "a", "b", "city", "bought"])
            writer.writerows(rows)
        self.truth = {row[0]: row[4] for row in rows}

    def test_model_and_scores_do_not_depend_on_the_ranks(self):
        outputs = set()
        for ranks in (1, 2, 3):
            model, scores = self.path(f"m{ranks}"), self.path(f"s{ranks}.csv")
            self.succeed("train", "logistic", self.table, "--formula", "bought ~ a + b + city",
                         "--out", model, ranks=ranks)
            self.succeed("predict", model, self.table, "--id", "id", "--proba", "--out", scores,
                         ranks=ranks)
            outputs.add((self.read(model), self.read(scores)))
        self.assertEqual(len(outputs), 1)
        with open(scores) as lines:
            scored = list(csv.DictReader(lines))
        right = sum(self.truth[int(row["id"])] == row["prediction"] for row in scored)
        self.assertEqual(len(scored), 400)
        self.assertGreater(right, 320)
        for row in scored:
            total = float(row["probability_no"]) + float(row["probability_yes"])
            self.assertAlmostEqual(total, 1)

    def test_training_on_root_gives_the_model_of_one_rank(self):
        models = []
        for extra, ranks in ((["--on-root"], 3), ([], 1)):
            model = self.path(f"m{ranks}")
            self.succeed("train", "logistic", self.table, "--label", "bought", "--features", "a,b",
                         "--sample", "200", *extra, "--out", model, ranks=ranks)
            models.append(self.read(model))
        self.assertEqual(models[0], models[1])

    def test_clusters_and_linear_models_are_printed_and_applied(self):
        out = self.succeed("train", "kmeans", self.table, "--features", "a,b", "-k", "3", "--scale",
                           "--out", self.path("k"), ranks=2)
        self.assertIn("cost", out)
        self.succeed("predict", self.path("k"), self.table, "--proba", "--out",
                     self.path("k.csv"), ranks=2)
        with open(self.path("k.csv")) as lines:
            self.assertEqual(lines.readline(), "prediction,distance\n")
        self.succeed("train", "linear", self.table, "--formula", "b ~ a:city", "--out",
                     self.path("l"))
        shown = self.succeed("model", self.path("l"))
        self.assertIn("a:city=Rome", shown)
        self.assertIn("predicts b", shown)

    def test_evaluation_is_the_same_for_any_ranks_and_agrees_with_the_scores(self):
        model = self.path("m")
        self.succeed("train", "logistic", self.table, "--formula", "bought ~ a + b", "--out", model)
        figures = set()
        for ranks in (1, 3):
            out, curve = self.path(f"f{ranks}.json"), self.path(f"c{ranks}.csv")
            shown = self.succeed("evaluate", model, self.table, "--out", out, "--curve", curve,
                                 ranks=ranks)
            figures.add((self.read(out), self.read(curve)))
        self.assertEqual(len(figures), 1)
        found = json.loads(self.read(out))
        self.succeed("predict", model, self.table, "--id", "id", "--proba", "--out",
                     self.path("s.csv"))
        with open(self.path("s.csv")) as lines:
            scored = list(csv.DictReader(lines))
        right = sum(self.truth[int(row["id"])] == row["prediction"] for row in scored)
        self.assertEqual(found["accuracy"], right / 400)
        scores = {kind: [float(row["probability_yes"]) for row in scored
                         if self.truth[int(row["id"])] == kind] for kind in ("yes", "no")}
        pairs = [(p > n) + .5 * (p == n) for p in scores["yes"] for n in scores["no"]]
        self.assertAlmostEqual(found["auc"], sum(pairs) / len(pairs), places=12)
        self.assertIn(f"  auc                  {found['auc']:.10g}", shown)
        self.assertIn("label \\ prediction", shown)
        self.fail_with("no column 'bougt' (did you mean 'bought'?)", "evaluate", "m",
                       "table.csv", "--label", "bougt")

    def test_grid_search_prints_a_table_with_the_best_marked(self):
        outputs = {self.succeed(
            "cross-validate", "logistic", self.table, "--label", "bought", "--features", "a,b",
            "--param", "penalty=0.01,100", "--folds", "3", "--metric", "log-loss", "--scale",
            "--quiet", ranks=ranks) for ranks in (1, 3)}
        self.assertEqual(len(outputs), 1)
        header, best, other = outputs.pop().splitlines()[:3]
        self.assertEqual(header.split(), ["parameters", "log-loss", "deviation"])
        self.assertEqual(best.split()[:2], ["*", "penalty=0.01"])
        self.assertLess(float(best.split()[2]), .6)
        self.fail_with("metric: expected log-loss, accuracy, auc, auc-pr, f1, precision or recall, "
                       "got 'acc' (did you mean 'auc'?)", "cross-validate", "logistic", "table.csv",
                       "--label", "bought", "--metric", "acc")
        self.fail_with("logistic: no parameter 'penalti' (did you mean 'penalty'?); expected "
                       "penalty, l1-share, raw-penalty, ddof, max-iterations or tolerance",
                       "cross-validate", "logistic", "table.csv", "--label", "bought", "--param",
                       "penalti=1")

    def test_stages_are_part_of_the_model(self):
        with open(self.table) as lines:
            rows = list(csv.reader(lines))
        for i in range(1, 400, 7):
            rows[i][1] = ""
        self.write("holes.csv", "".join(",".join(row) + "\n" for row in rows))
        self.fail_with("read_csv | select | read features: row 0, column 'a': expected a number, got nothing (--nulls "
                       "drop leaves such rows out) (rank 0)", "train", "logistic", "holes.csv",
                       "--formula", "bought ~ a + b", "--out", "m", ranks=(3,))
        options = ["--formula", "bought ~ a + b", "--impute", "median", "--polynomial", "2",
                   "--pca", "3", "--scale", "--param", "penalty=0.01"]
        models = set()
        for ranks in (1, 3):
            self.succeed("train", "logistic", "holes.csv", *options, "--out", f"p{ranks}",
                         ranks=ranks)
            models.add(self.read(f"p{ranks}"))
        self.assertEqual(len(models), 1)
        self.assertIn("stage: pca of a, b, a^2, a*b, b^2", self.succeed("model", "p3"))
        self.succeed("predict", "p3", "holes.csv", "--id", "id,a", "--out", "s.csv", ranks=3)
        lines = self.read("s.csv").decode().splitlines()
        self.assertEqual(lines[0], "id,a,prediction")
        self.assertEqual(lines[1].split(",")[:2], ["0", ""])

    def test_what_does_not_fit_the_memory_gives_the_same_model(self):
        rows = [f"{random.random()},{random.random()},{random.random()},{random.random()},{i % 2}"
                for i in range(20000)]
        self.write("many.csv", "a,b,c,d,y\n" + "\n".join(rows) + "\n")
        models = set()
        for memory in ("1MiB", "1GiB"):
            out = self.succeed("train", "logistic", "many.csv", "--label", "y", "--scale",
                               "--memory", memory, "--out", memory + ".model", ranks=2)
            self.assertEqual("do not fit the memory" in out, memory == "1MiB")
            models.add(self.read(memory + ".model"))
        self.assertEqual(len(models), 1)

    def test_groups_have_their_models_in_one_store(self):
        outputs = set()
        for ranks in (1, 3):
            store, scores = f"g{ranks}.h5", f"g{ranks}.csv"
            self.succeed("train-groups", self.table, "--by", "city", "--model", "logistic",
                         "--label", "bought", "--features", "a,b", "--param", "penalty=0.01",
                         "--out", store, ranks=ranks)
            self.succeed("predict", store, self.table, "--id", "id,city", "--proba", "--out", scores,
                         ranks=ranks)
            outputs.add((self.read(store), self.read(scores)))
        self.assertEqual(len(outputs), 1)
        import pandas
        models = pandas.read_hdf(self.path("g3.h5"), "models")
        self.assertEqual(list(models["city"]), ["Bonn", "Oslo", "Rome"])
        self.assertEqual(models["rows"].sum(), 400)
        rome = models.iloc[2]
        with open(self.path("g3.csv")) as lines, open(self.table) as table:
            for scored, row in zip(csv.DictReader(lines), csv.DictReader(table)):
                if row["city"] != "Rome":
                    continue
                score = rome["intercept"] + rome["coefficient_a"] * float(row["a"]) \
                    + rome["coefficient_b"] * float(row["b"])
                self.assertAlmostEqual(float(scored["probability_yes"]),
                                       1 / (1 + math.exp(-score)), places=12)
        self.fail_with("no column 'town'", "train-groups", "table.csv", "--by", "town", "--label",
                       "bought", "--features", "a", "--model", "logistic", "--out", "x.h5")

    def test_rankings_are_judged(self):
        self.write("r.csv", "user,score,hit\na,.9,1\nb,.5,0\na,.1,1\nc,.3,0\na,.4,0\nb,.4,1\n")
        out = self.succeed("rank-metrics", "r.csv", "--by", "user", "--score", "score", "--label",
                           "hit", "--at", "2", ranks=2)
        self.assertIn("MRR                  0.75", out)
        self.assertIn("precision@2          0.5", out)

    def test_bad_input_is_one_sentence_and_leaves_nothing(self):
        train = ["train", "logistic", "table.csv", "--out", "m"]
        self.fail_with("no column 'bough' (did you mean 'bought'?)", *train, "--label", "bough")
        self.fail_with("formula 'bought ~ aa': no column 'aa' (did you mean 'a'?)", *train,
                       "--formula", "bought ~ aa")
        self.fail_with("train logistic: expected --label COLUMN or --formula \"COLUMN ~ ...\", "
                       "got neither; see 'partita train logistic --help'", *train)
        many = "x,y\n" + "".join(f"{i},{i}.5\n" for i in range(1100))
        self.write("many.csv", many)
        self.fail_with("column 'y': expected at most 1000 classes, got more different numbers",
                       *train[:2], "many.csv", *train[3:], "--label", "y")
        self.fail_with("table.csv: expected a model that partita train wrote",
                       "predict", "table.csv", "table.csv", "--out", "s.csv")


if __name__ == "__main__":
    unittest.main()
