import struct
import unittest

from partita_case import PartitaCase


class MakeData(PartitaCase):
    def make(self, name, *arguments, ranks=1):
        return self.succeed("make-data", name, "--dim", "7", *arguments, ranks=ranks)

    def test_the_bytes_do_not_depend_on_ranks_and_threads(self):
        for extension in ("npy", "fvecs", "bvecs", "h5", "csv"):
            with self.subTest(extension):
                for ranks in (1, 2, 3):
                    self.make(f"{ranks}.{extension}", "--rows", "2000", "--threads", ranks,
                              ranks=ranks)
                one = self.read(f"1.{extension}")
                self.assertEqual(one, self.read(f"2.{extension}"))
                self.assertEqual(one, self.read(f"3.{extension}"))

    def test_the_bytes_do_not_depend_on_the_memory(self):
        self.make("a.npy", "--rows", "3000", "--kind", "hard")
        self.make("b.npy", "--rows", "3000", "--kind", "hard", "--memory", "1MiB", "--threads", "8")
        self.assertEqual(self.read("a.npy"), self.read("b.npy"))

    def test_fewer_rows_than_ranks(self):
        for extension in ("fvecs", "csv"):
            self.make(f"one.{extension}", "--rows", "2")
            self.make(f"three.{extension}", "--rows", "2", ranks=3)
            self.assertEqual(self.read(f"one.{extension}"), self.read(f"three.{extension}"))

    def test_fewer_rows_are_the_first_ones(self):
        self.make("short.fbin", "--rows", "10")
        self.make("long.fbin", "--rows", "300")
        short, long = self.read("short.fbin"), self.read("long.fbin")
        self.assertEqual(short[:8], struct.pack("<ii", 10, 7))
        self.assertEqual(len(short), 8 + 10 * 7 * 4)
        self.assertEqual(long[8:8 + 280], short[8:])

    def test_seeds_and_kinds_differ(self):
        contents = set()
        for i, more in enumerate((["--seed", "0"], ["--seed", "1"], ["--kind", "uniform"],
                                  ["--kind", "hard"], ["--noise", "0.5"], ["--clusters", "3"],
                                  ["--intrinsic-dim", "2"])):
            self.make(f"{i}.fbin", "--rows", "50", *more)
            contents.add(self.read(f"{i}.fbin"))
        self.assertEqual(len(contents), 7)

    def test_uniform_is_uniform(self):
        self.make("u.fbin", "--rows", "3000", "--kind", "uniform")
        values = [x for x, in struct.iter_unpack("<f", self.read("u.fbin")[8:])]
        self.assertTrue(all(0 <= x < 1 for x in values))
        for tenth in range(10):  # 2100 expected, 43 the standard deviation
            count = sum(tenth <= 10 * x < tenth + 1 for x in values)
            self.assertAlmostEqual(count, 2100, delta=220)

    def test_the_summary_says_what_was_made(self):
        lines = self.make("a.bvecs", "--rows", "1234", ranks=3).splitlines()
        self.assertEqual(lines[0].split(None, 1), ["made", "1,234 x 7 uint8, clustered"])
        self.assertRegex(lines[1], r"^time +\S+ m?s, [\d,]+ vectors/s$")
        self.assertRegex(lines[2], r"^memory +\S+ MiB a rank at most, 3 ranks with 1 thread each$")
        self.assertRegex(lines[3], r"^result +a\.bvecs \(13\.3 KiB\)$")

    def test_outputs_that_cannot_be(self):
        self.write("there.npy", "mine")
        make = ("--rows", "5", "--dim", "2")
        self.fail_with("there.npy exists: give --overwrite", "make-data", "there.npy", *make)
        self.assertEqual(self.read("there.npy"), b"mine")
        self.succeed("make-data", "there.npy", *make, "--overwrite", ranks=3)
        self.assertNotEqual(self.read("there.npy"), b"mine")
        self.fail_with("no/such/x.npy: folder 'no/such' does not exist", "make-data",
                       "no/such/x.npy", *make)


if __name__ == "__main__":
    unittest.main()
