import unittest

from partita_case import PartitaCase


class Settings(PartitaCase):
    def explain(self, *arguments, command=("make-data",), ranks=1, env=None):
        """{option: (value, origin)} as --explain-config shows them."""
        out = self.succeed(*command, "--explain-config", *arguments, ranks=ranks, env=env)
        lines = [line.split(maxsplit=2) for line in out.splitlines()]
        self.assertEqual(lines[0], ["option", "value", "origin"])
        return {name: (value, origin) for name, value, origin in
                (line for line in lines[1:] if len(line) == 3)}

    def test_precedence(self):
        self.write("partita.toml", 'seed = 1\nlog-level = "error"\nthreads = 3\n'
                                   '[make-data]\nrows = 5\nseed = 2\nnoise = 0.5\n'
                                   'quiet = true\nkind = "hard"\n'
                                   '[convert]\nallow-nan = true\n')
        env = {"PARTITA_NOISE": "0.25", "PARTITA_KIND": "uniform", "PARTITA_INTRINSIC_DIM": "4"}
        for ranks in (1, 3):
            found = self.explain("--kind", "clustered", ranks=ranks, env=env)
            expected = {
                "--kind": ("clustered", "command line"),
                "--noise": ("0.25", "environment PARTITA_NOISE"),
                "--intrinsic-dim": ("4", "environment PARTITA_INTRINSIC_DIM"),
                "--seed": ("2", "partita.toml:6"),
                "--rows": ("5", "partita.toml:5"),
                "--quiet": ("true", "partita.toml:8"),
                "--threads": ("3", "partita.toml:3"),
                "--log-level": ("error", "partita.toml:2"),
                "--clusters": ("100", "default"),
                "--overwrite": ("false", "default"),
                "--dim": ("0", "default"),
            }
            self.assertEqual({name: found[name] for name in expected}, expected)

    def test_settings_reach_the_work(self):
        self.write("partita.toml", "[make-data]\nrows = 5\ndim = 4\n")
        self.assertIn("5 x 4 float32", self.succeed("make-data", "a.npy"))
        self.assertIn("5 x 3 float32",
                      self.succeed("make-data", "b.npy", env={"PARTITA_DIM": "3"}))
        self.assertIn("6 x 3 float32", self.succeed("make-data", "c.npy", "--rows=6", ranks=3,
                                                    env={"PARTITA_DIM": "3"}))

    def test_the_file_can_be_named(self):
        self.write("partita.toml", "seed = 1\n")
        self.write("other.toml", "seed = 2\n")
        self.assertEqual(self.explain()["--seed"], ("1", "partita.toml:1"))
        self.assertEqual(self.explain("--config", "other.toml")["--seed"], ("2", "other.toml:1"))
        self.assertEqual(self.explain("--config=other.toml")["--seed"], ("2", "other.toml:1"))
        named = {"PARTITA_CONFIG": "other.toml"}
        self.assertEqual(self.explain(env=named)["--seed"], ("2", "other.toml:1"))

    def fail_file(self, sentence, text, ranks=(1,)):
        self.write("bad.toml", text)
        self.fail_with(f"bad.toml:{sentence}", "info", "x", "--config", "bad.toml", ranks=ranks)

    def test_bad_files(self):
        self.fail_file("2: unknown option 'sede' (did you mean 'seed'?)", "threads = 1\nsede = 3\n",
                       ranks=(1, 3))
        self.fail_file("2: unknown option 'metrik' (did you mean 'metric'?)",
                       "[knn.graph]\nmetrik = 3\n")
        self.fail_file("1: unknown table 'inof' (did you mean 'info'?)", "[inof]\njson = true\n")
        self.fail_file("1: unknown table 'grph' (did you mean 'graph'?)", "[knn.grph]\n")
        self.fail_file("1: seed: expected a text, a number, true or false", "seed = [1, 2]\n")
        self.fail_file("1: seed: expected a whole number, got 'abc'", 'seed = "abc"\n')
        self.fail_file("2: threads: expected at least 1, got 0", "\nthreads = 0\n")
        self.fail_with("none.toml: No such file or directory", "info", "x", "--config",
                       "none.toml")

    def test_not_toml(self):
        self.write("partita.toml", "seed = = 3\n")
        result = self.partita("info", "x", ranks=3)
        self.assertEqual(result.status, 1)
        self.assertRegex(result.err, r"\Apartita: partita\.toml:1: not TOML: [^\n]+[^.\n]\n\Z")

    def test_bad_variables(self):
        self.fail_with("environment PARTITA_KIND: kind: expected clustered, uniform or hard, got "
                       "'hrad' (did you mean 'hard'?)", "make-data", "x.npy",
                       env={"PARTITA_KIND": "hrad"})
        self.assertIn("", self.succeed("info", "--help", env={"PARTITA_KIND": "hrad"}))


if __name__ == "__main__":
    unittest.main()
