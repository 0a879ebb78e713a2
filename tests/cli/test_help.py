import re
import unittest

from partita_case import PartitaCase, subcommands


class Help(PartitaCase):
    def test_alone_shows_the_subcommands(self):
        out = self.succeed()
        self.assertEqual(out, self.succeed("--help"))
        self.assertEqual(out, self.succeed("help", ranks=3))
        for word in ("info", "convert", "make-data", "completion", "knn"):
            self.assertRegex(out, rf"\n  {word} +\S")

    def test_version(self):
        self.assertRegex(self.succeed("--version"), r"^partita \d+\.\d+\.\d+\n$")

    def test_a_group_lists_its_subcommands(self):
        self.assertEqual(self.succeed("knn"), self.succeed("knn", "--help"))

    def test_every_subcommand_says_what_it_takes_and_gives_examples(self):
        for words in subcommands():
            with self.subTest(" ".join(words)):
                self.check_help(words, self.succeed(*words, "--help"))

    def check_help(self, words, out):
        path = " ".join(words)
        self.assertRegex(out, rf"^[A-Z][^\n]+\n\nUsage: partita {path} ")
        self.assertLessEqual(max(map(len, out.splitlines())), 100)
        examples = re.search(r"\nExamples:\n((?:  .+\n)+)$", out).group(1).splitlines()
        self.assertGreaterEqual(len(examples), 2)
        for example in examples:
            self.assertIn(f"partita {path}", example)
            own = example.split(f"partita {path}")[1].split(" -- ")[0]
            for option in re.findall(r" (--?[a-z][a-z-]*)", own):
                self.assertRegex(out, rf"\n  (-\w, )?{option}[ \n,]", example)
        self.assertIn("\nCommon options:\n", out)

    def test_help_needs_neither_mpi_nor_settings(self):
        self.write("partita.toml", "not = [toml")
        broken = {"OMPI_MCA_btl": "none_of_this_name"}
        self.assertNotEqual(self.partita("make-data", "v.npy", env=broken).status, 0)
        for words in (["--version"], ["knn"], ["knn", "graph", "--help"], ["info", "-h"]):
            self.assertEqual(self.succeed(*words, env=broken), self.succeed(*words, ranks=2))

    def test_there_is_one_help_for_all_ranks(self):
        self.assertEqual(self.succeed("info", "-h", ranks=3), self.succeed("info", "--help"))


if __name__ == "__main__":
    unittest.main()
