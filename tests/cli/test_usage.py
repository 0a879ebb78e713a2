import unittest

from partita_case import PartitaCase


class UsageErrors(PartitaCase):
    MAKE = ("make-data", "out.npy", "--rows", "10", "--dim", "2")

    def fail_make(self, sentence, *arguments, ranks=(1,)):
        hint = "; see 'partita make-data --help'"
        self.fail_with(f"make-data: {sentence}{hint}", *self.MAKE, *arguments, ranks=ranks)

    def test_subcommands(self):
        self.fail_with("unknown subcommand 'inof' (did you mean 'info'?); see 'partita --help'",
                       "inof")
        self.fail_with("unknown subcommand 'zzzzz'; see 'partita --help'", "zzzzz", ranks=[1])
        self.fail_with("unknown option '--verson' (did you mean '--version'?); "
                       "see 'partita --help'", "--verson", ranks=[1])

    def test_subcommands_of_a_group(self):
        result = self.partita("knn", "grph")
        self.assertEqual(result.status, 1)
        self.assertRegex(result.err,
                         r"^partita: knn: unknown subcommand 'grph'.*; see 'partita knn --help'\n$")

    def test_options(self):
        self.fail_make("unknown option '--cluster' (did you mean '--clusters'?)", "--cluster", "3",
                       ranks=(1, 3))
        self.fail_make("unknown option '--cluster' (did you mean '--clusters'?)", "--cluster=3")
        self.fail_make("unexpected argument 'more'", "more")
        self.fail_make("--clusters: expected a whole number, got nothing", "--clusters")

    def test_a_misspelt_option_is_named_rather_than_what_it_leaves_missing(self):
        self.fail_with("make-data: unknown option '--row' (did you mean '--rows'?); "
                       "see 'partita make-data --help'", "make-data", "x.npy", "--row", "3",
                       ranks=[1])

    def test_missing_arguments(self):
        self.fail_with("info: missing FILE; see 'partita info --help'", "info")
        self.fail_with("make-data: missing --dim; see 'partita make-data --help'", "make-data",
                       "x.npy", "--rows", "3", ranks=[1])

    def test_values(self):
        self.fail_make("--kind: expected clustered, uniform or hard, got 'hrad' "
                       "(did you mean 'hard'?)", "--kind", "hrad", ranks=(1, 3))
        self.fail_make("--clusters: expected a whole number, got 'ten'", "--clusters", "ten")
        self.fail_make("--clusters: expected a whole number, got '1.5'", "--clusters", "1.5")
        self.fail_make("--clusters: expected a whole number, got '99999999999999999999'",
                       "--clusters", "99999999999999999999")
        self.fail_make("--clusters: expected a whole number, got '010'", "--clusters", "010")
        self.fail_make("--clusters: expected at least 1, got -3", "--clusters", "-3")
        self.fail_make("--seed: expected at least 0, got -1", "--seed", "-1")
        self.fail_make("--noise: expected a number, got 'much'", "--noise", "much")
        self.fail_make("--quiet: expected true or false, got 'perhaps'", "--quiet=perhaps")
        self.fail_make("--memory: '4 apples': expected a size such as 14GiB, 500MB or 1048576",
                       "--memory", "4 apples")

    def test_the_last_of_repeated_options_counts(self):
        out = self.succeed(*self.MAKE, "--dim", "5")
        self.assertIn("10 x 5 float32", out)

    def test_values_that_only_the_work_can_judge(self):
        self.fail_with("intrinsic dimension: expected 0 to 2 (the dimension), got 3", *self.MAKE,
                       "--intrinsic-dim", "3")
        self.fail_with("clusters: expected at most 512 MiB for centres and axes, got 7.45 GiB",
                       *self.MAKE, "--clusters", "1000000000", "--memory", "1GiB", ranks=[1])

    def test_quiet_means_quiet(self):
        self.assertEqual(self.succeed(*self.MAKE, "--quiet", ranks=3), "")
        self.assertIn("10 x 2", self.succeed("info", "out.npy", "--quiet"))

    def test_events_are_json_lines(self):
        import json
        self.succeed(*self.MAKE, "--events", "events.jsonl", ranks=3)
        events = [json.loads(line) for line in self.read("events.jsonl").splitlines()]
        last = next(event for event in events if event["event"] == "finish")
        self.assertEqual((last["amount"], last["result"]), (10, "out.npy"))


if __name__ == "__main__":
    unittest.main()
