"""partita train, predict and model, as a user runs them."""
import csv
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
