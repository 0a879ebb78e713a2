import csv
import os
import random
import subprocess
import unittest

from partita_case import MPIEXEC, PartitaCase

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXAMPLES = os.path.abspath(os.environ.get("PARTITA_EXAMPLES", "examples"))


class Examples(PartitaCase):
    def output(self, name, *arguments):
        """What an example prints, the same at 1 and 3 ranks."""
        found = []
        for launch in ([], [MPIEXEC, "-q", "--timeout", "60", "-n", "3"]):
            done = subprocess.run([*launch, os.path.join(EXAMPLES, name), *arguments],
                                  cwd=self.folder, env={**os.environ, "PARTITA_BIND": "keep"},
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=90)
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)
            found.append(done.stdout)
        self.assertEqual(found[0], found[1])
        return found[0]

    def test_the_documents_show_them_as_they_are(self):
        shown = ""
        for document in ("README.md", "docs/dataset-examples.md", "docs/learning-examples.md"):
            with open(os.path.join(PROJECT, document)) as file:
                shown += file.read()
        folder = os.path.join(PROJECT, "apps", "examples")
        sources = [name for name in os.listdir(folder) if name.endswith(".cpp")]
        self.assertGreaterEqual(len(sources), 7)
        for name in sources:
            with open(os.path.join(folder, name)) as file:
                code = file.read()
            self.assertIn(f"```cpp\n{code}```\n", shown, name)
            self.assertLessEqual(len(code.splitlines()), 45, name)

    def test_word_count(self):
        self.write("a.txt", "the cat and the dog\nand the end\n")
        self.assertEqual(self.output("word_count", "a.txt").splitlines(),
                         ["the 3", "and 2", "cat 1", "dog 1", "end 1"])

    def test_cards(self):
        lines = self.output("cards").splitlines()
        self.assertEqual(sorted(lines), [f"{suit}: 1 2 3 4 5 6 7 10 11 12"
                                         for suit in ("clubs", "coins", "cups", "swords")])

    def test_batch_prediction(self):
        random.seed(5)
        rows = [(random.random(), random.random()) for _ in range(500)]
        self.write("t.csv", "a,b,bought\n" + "".join(
            f"{a},{b},{int(a - b + random.gauss(0, .3) > 0)}\n" for a, b in rows))
        self.assertEqual(self.output("batch_prediction", "t.csv", "bought", "scores.csv"),
                         "trained on 500 rows, scored 500\n")
        with open(self.path("scores.csv")) as file:
            scored = list(csv.DictReader(file))
        self.assertEqual([int(row["user_id"]) for row in scored], list(range(500)))
        right = sum(row["prediction"] == str(int(a > b)) for row, (a, b) in zip(scored, rows))
        self.assertGreater(right, 450)

    def test_pipeline_grid(self):
        random.seed(6)
        lines = []
        for i in range(400):
            age, income = 20 + 50 * random.random(), random.gauss(30, 8)
            city = random.choice(["Rome", "Oslo"])
            score = (age > 45) * 2 - 1 + (income - 30) / 8 * (city == "Rome") + random.gauss(0, .5)
            lines.append(f"{'' if i % 9 == 2 else age},{income},{city},{'yes' if score > 0 else 'no'}")
        self.write("t.csv", "age,income,city,bought\n" + "\n".join(lines) + "\n")
        out = self.output("pipeline_grid", "t.csv")
        figures = dict(line.split()[:2] for line in out.splitlines() if len(line.split()) == 2)
        self.assertGreater(float(figures["auc"]), .8)
        self.assertEqual(out.count("* penalty="), 1)

    def test_group_models(self):
        self.write("t.csv", "store,price,units\na,1,10\na,2,8\nb,1,5\nb,3,9\nc,1,1\na,3,\nb,2,\n"
                            "c,2,\n")
        self.assertEqual(self.output("group_models", "t.csv", "out.csv"),
                         "3 models, 1 without enough rows; 3 forecasts\n")
        with open(self.path("out.csv")) as file:
            rows = [(row["store"], row["prediction"]) for row in csv.DictReader(file)]
        self.assertEqual([store for store, _ in rows], ["a", "b", "c"])
        self.assertAlmostEqual(float(rows[0][1]), 6)
        self.assertAlmostEqual(float(rows[1][1]), 7)
        self.assertEqual(rows[2][1], "")

    def test_rescale_then_cluster_and_its_test(self):
        self.write("t.csv", "x,y\n0,0\n1,0\n0,90\n1,99\n")
        self.output("rescale_then_cluster", "t.csv", "x", "y", "2", "out.csv")
        with open(self.path("out.csv")) as file:
            self.assertEqual(file.readline(), "x,y,cluster\n")
        done = subprocess.run([MPIEXEC, "-q", "--timeout", "60", "-n", "3",
                               os.path.join(EXAMPLES, "rescale_then_cluster_test")],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_mean_by_key(self):
        self.write("t.csv", "city,n,x\nUlm,1,a\nBern,2,b\nUlm,2,c\n")
        self.assertEqual(self.output("mean_by_key", "t.csv", "city", "n"),
                         "Bern 2.0000\nUlm 1.5000\n")

    def test_per_key_sorts(self):
        pairs = [(f"k{i * i % 7}", f"v{i * 31 % 50}") for i in range(500)]
        with open(self.path("t.csv"), "w", newline="") as file:
            csv.writer(file).writerows([("key", "value"), *pairs])
        expected, key = ["key,value,index"], None
        for pair in sorted(pairs):
            index = 0 if pair[0] != key else index + 1
            key = pair[0]
            expected.append(f"{key},{pair[1]},{index}")
        for name in ("per_key_sort", "per_key_sort_naive"):
            self.output(name, "t.csv", "key", "value", "o.csv")
            self.assertEqual(self.read("o.csv").decode().splitlines(), expected, name)

    def test_custom_partitioner(self):
        self.assertEqual(self.output("custom_partitioner").splitlines(),
                         ["apple 8", "avocado 3", "beet 7", "cherry 4", "42 6"])

    def test_join(self):
        self.write("c.csv", "id,name\n1,Ann\n2,Bob\n")
        self.write("o.csv", "customer,item\n1,tea\n3,salt\n1,milk\n")
        self.assertEqual(self.output("join", "c.csv", "o.csv"),
                         "1 Ann tea\n1 Ann milk\n2 Bob nothing\n")

    def test_grouped_map(self):
        games = [f"G{i}" for i in range(1, 11)]
        rows = [[(row * (i + 3) // 7) % 2 for i in range(10)] for row in range(400)]
        with open(self.path("g.csv"), "w", newline="") as file:
            csv.writer(file).writerows(
                [[*games, "label"], *([*row, sum(row) // 5 % 2] for row in rows)])
        self.output("grouped_map", "g.csv", "o.csv")
        models = list(csv.DictReader(self.read("o.csv").decode().splitlines()))
        self.assertEqual([int(model["partition_id"]) for model in models], list(range(10)))
        self.assertEqual({int(model["rows"]) for model in models}, {40})
        # A least-squares line goes through the means: over all groups they give the label's sum.
        self.assertTrue(all(0 < float(model["slope"]) < 1 for model in models), models)


if __name__ == "__main__":
    unittest.main()
