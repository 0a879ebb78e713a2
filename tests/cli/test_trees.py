"""partita train tree, forest, gbt and naive-bayes, as a user runs them."""
import csv
import json
import random
import unittest

from partita_case import PartitaCase


class Trees(PartitaCase):
    def setUp(self):
        super().setUp()
        random.seed(5)
        self.rows = []
        for i in range(500):
            a, b = random.randint(0, 9), random.randint(0, 9)
            kind = "low" if a < 4 else "mid" if b < 5 else "high"
            if random.random() < 0.05:
                kind = "mid"
            self.rows.append([i, a, b, kind, int(a > b), a + b, a * 1.5 + b])
        with open(self.path("t.csv"), "w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["id", "a", "b", "kind", "flag", "count", "value"])
            writer.writerows(self.rows)

    def column(self, name):
        with open(self.path(name)) as lines:
            return [row["prediction"] for row in csv.DictReader(lines)]

    def train_and_score(self, label, *kind_and_options):
        """The predictions, which must be the same bytes at 1 and 3 ranks."""
        kind, *options = kind_and_options
        outputs = set()
        for ranks in (1, 3):
            self.succeed("train", kind, "t.csv", "--label", label, "--features", "a,b", *options,
                         "--overwrite", "--out", "m", ranks=ranks)
            self.succeed("predict", "m", "t.csv", "--id", "id", "--overwrite", "--out", "s.csv",
                         ranks=ranks)
            outputs.add((self.read("m"), self.read("s.csv")))
        self.assertEqual(len(outputs), 1)
        return self.column("s.csv")

    def test_texts_are_classes(self):
        truth = [row[3] for row in self.rows]
        for kind, *options in (["tree", "--max-depth", "2"], ["forest", "--trees", "5"],
                               ["gbt", "--rounds", "5"], ["naive-bayes"]):
            got = self.train_and_score("kind", kind, *options)
            right = sum(g == t for g, t in zip(got, truth))
            self.assertGreater(right, 350 if kind == "naive-bayes" else 450, kind)

    def test_fractions_are_values_and_zero_and_one_are_classes(self):
        got = self.train_and_score("value", "gbt", "--rounds", "60")
        worst = max(abs(float(g) - row[6]) for g, row in zip(got, self.rows))
        self.assertLess(worst, 1)
        self.assertEqual(set(self.train_and_score("flag", "tree")), {"0", "1"})
        count = self.train_and_score("count", "tree", "--task", "classification")
        self.assertLessEqual(set(count), {str(n) for n in range(19)})

    def test_whole_numbers_need_a_task(self):
        self.fail_with("label 'count' holds whole numbers from 0 to 18: expected task "
                       "classification or regression",
                       "train", "tree", "t.csv", "--label", "count", "--out", "m")
        self.fail_with("label 'kind': expected numbers for task regression, got texts",
                       "train", "gbt", "t.csv", "--label", "kind", "--task", "regression", "--out",
                       "m")

    def test_a_tree_is_printed_as_branches_a_forest_by_importance(self):
        self.train_and_score("flag", "tree", "--max-depth", "1")
        shown = self.succeed("model", "m")
        self.assertIn("1 tree, 2 leaves, depth 1 at most", shown)
        self.assertRegex(shown, r"\n  [ab] <= [0-9.]+\n    -> [0-9.]+ [0-9.]+\n")
        self.train_and_score("flag", "forest", "--trees", "3")
        shown = self.succeed("model", "m")
        self.assertIn("importance\n", shown)
        self.assertIn("3 trees", shown)

    def test_damaged_models_are_refused_in_one_sentence(self):
        self.train_and_score("flag", "tree", "--max-depth", "1")
        model = json.loads(self.read("m"))
        score = ["predict", "m", "t.csv", "--out", "x.csv"]

        def damage(sentence, change):
            copy = json.loads(json.dumps(model))
            change(copy)
            self.write("m", json.dumps(copy))
            self.fail_with(sentence, *score)

        tree = "parameters"
        damage("m: tree 0, node 0: expected a child after it that exists, got 7",
               lambda m: m[tree]["trees"][0]["child"].__setitem__(0, 7))
        damage("m: expected a member 'trees', found none", lambda m: m[tree].pop("trees"))
        damage("m: expected parameters for 3 features, got 2",
               lambda m: m["recipe"]["features"].append([{"column": "c"}]))
        self.write("m", self.read("m")[:-30])
        self.fail_with("m: expected a model that partita train wrote", *score)


if __name__ == "__main__":
    unittest.main()
