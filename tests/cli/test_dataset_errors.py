import os
import random
import shutil
import signal
import subprocess
import unittest

from partita_case import BINARY, MPIEXEC, PartitaCase, ranks_of


class DatasetErrors(PartitaCase):
    """One sentence, exit code 1, no output and a clean scratch folder, with 1 and 3 ranks."""

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("scratch"))
        self.write("good.csv", "name,age\nAnn,30\nBob,40\n")

    def reject(self, words, *arguments, scratch="scratch"):
        before = sorted(os.listdir(self.folder))
        for ranks in (1, 3):
            with self.subTest(arguments=arguments, ranks=ranks):
                result = self.partita(*arguments, "--out", "out.csv", "--scratch", scratch,
                                      ranks=ranks)
                self.assertEqual((result.status, result.out), (1, ""))
                self.assertRegex(result.err, rf"\Apartita: [^\n]*{words}[^\n]*(?<!\.)\n\Z")
                self.assertEqual(sorted(os.listdir(self.folder)), before)
                self.assertEqual(os.listdir(self.path(scratch)), [])

    def test_rows(self):
        rows = "".join(f"n{i},{i}\n" for i in range(5000))
        self.write("few.csv", "name,age\n" + rows + "Ann\n" + rows)
        self.reject(r"few\.csv: line 5002: expected 2 columns, got 1", "sort", "few.csv", "--key",
                    "name", "--value", "age")
        self.write("word.csv", "name,age\n" + rows + "Ann,abc\n" + rows)
        self.reject(r"word\.csv: line 5002, column 'age': expected a number, got \"abc\"",
                    "reduce", "word.csv", "--key", "name", "--value", "age")
        self.write("quote.csv", 'name,age\nAnn,"3\n')
        self.reject(r"quote\.csv: line 2: a quoted text does not end on its line", "distinct",
                    "quote.csv")

    def test_columns(self):
        self.reject(r"good\.csv: no column is named 'nam' \(did you mean 'name'\?\)", "sort",
                    "good.csv", "--key", "nam", "--value", "age")
        self.reject(r"good\.csv: expected the number of a column from 1 to 2 .* got 'name'",
                    "reduce", "good.csv", "--no-header", "--key", "name", "--value", "2")
        self.reject(r"--agg: expected sum, .* got 'summ' \(did you mean 'sum'\?\)", "reduce",
                    "good.csv", "--key", "name", "--value", "age", "--agg", "summ")
        self.reject(r"--key: expected names separated by commas, got 'name,,age'", "count",
                    "good.csv", "--key", "name,,age")

    def test_files(self):
        self.reject(r"none\.csv: no such file", "count", "good.csv", "none.csv", "--key", "name")
        self.reject(r"none\.txt: no such file", "wordcount", "none.txt")
        self.reject(r"pattern '\[a': expected a regular expression", "wordcount", "good.csv",
                    "--pattern", "[a")
        self.write("empty.csv", "")
        self.reject(r"empty\.csv: expected at least one line", "distinct", "empty.csv")
        os.mkdir(self.path("many"))
        for i in range(5):
            self.write(f"many/{i}.csv", "name,age\nAnn,30\n")
        self.write("many/2.csv.gz", b"\x1f\x8b\x08 no gzip at all")
        self.reject(r"many/2\.csv\.gz", "sort", "many", "--key", "name", "--value", "age")
        self.write("many/2.csv.gz", "age,name\n30,Ann\n")
        self.reject(r"many/2\.csv\.gz: expected the columns that many/0\.csv has", "sort", "many",
                    "--key", "name", "--value", "age")

    def test_one_unreadable_file_among_many(self):
        os.mkdir(self.path("many"))
        for i in range(5):
            self.write(f"many/{i}.csv", "name,age\nAnn,30\n")
        os.chmod(self.path("many/2.csv"), 0)
        if os.geteuid() == 0:
            self.become_nobody()
        for command in (["wordcount", "many"],
                        ["reduce", "many/*.csv", "--key", "name", "--value", "age"]):
            self.reject(r"many/2\.csv: Permission denied", *command)

    def become_nobody(self):
        """Have commands run by a user who may not read everything, if they can."""
        shutil.chown(self.folder, 65534, 65534)
        for folder, folders, _ in os.walk(self.folder):
            for name in folders:
                shutil.chown(os.path.join(folder, name), 65534, 65534)
        self.user = 65534
        if self.partita("--version").status != 0:
            self.skipTest("another user cannot run the command here")

    def test_output_that_exists(self):
        self.write("out.csv", "old")
        for command in (["sort", "good.csv", "--key", "name", "--value", "age"],
                        ["distinct", "good.csv"], ["wordcount", "good.csv"]):
            self.reject(r"out\.csv exists: give --overwrite", *command)
        self.assertEqual(self.read("out.csv"), b"old")

    def test_full_scratch_disk(self):
        small = self.path("small")
        os.mkdir(small)
        mounted = shutil.which("mount") and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], stdin=subprocess.DEVNULL,
            capture_output=True).returncode == 0
        if not mounted:
            self.skipTest("a small tmpfs cannot be mounted here")
        self.addCleanup(subprocess.run, ["umount", small])
        numbers = random.Random(7)  # what is spilled is compressed: these keep half of their size
        self.write("big.csv", "k,v\n" + "".join(
            f"{i % 7},{numbers.getrandbits(400):0100x}\n" for i in range(60000)))
        self.reject("No space left on device", "sort", "big.csv", "--key", "k", "--value", "v",
                    "--memory", "1MiB", scratch="small")


class DatasetKill(PartitaCase):
    """A rank dies in mid-job: the job ends, without output, and the next one clears its scratch."""

    def kill_when_it_spills(self, *arguments):
        job = subprocess.Popen(
            [MPIEXEC, "--timeout", "60", "-n", "3", BINARY, *arguments, "--memory", "1MiB",
             "--scratch", "scratch", "--out", "out/o.csv"], cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        victim = None
        while victim is None and job.poll() is None:
            victim = next(filter(spills, ranks_of(job)), None)
        self.assertIsNotNone(victim, f"{arguments} never spilled")
        os.kill(victim, signal.SIGKILL)
        out, err = job.communicate(timeout=30)
        self.assertEqual((job.returncode, out), (128 + signal.SIGKILL, ""))
        self.assertEqual(err.count("exited on signal 9 (Killed)"), 1, err)
        self.assertEqual(os.listdir(self.path("out")), [])
        self.assertEqual(len(os.listdir(self.path("scratch"))), 3)

    def test_of_each_command(self):
        os.mkdir(self.path("scratch"))
        os.mkdir(self.path("out"))
        self.write("t.csv", "k,v\n" + "".join(f"k{i * 7919 % 400009},{i}\n"
                                              for i in range(400000)))
        key, value = ["--key", "k"], ["--value", "v"]
        for command in (["wordcount", "t.csv"], ["reduce", "t.csv", *key, *value],
                        ["sort", "t.csv", *key, *value], ["distinct", "t.csv"],
                        ["count", "t.csv", *key]):
            with self.subTest(command=command[0]):
                self.kill_when_it_spills(*command)
                self.write("small.csv", "k,v\n1,2\n")
                self.succeed("count", "small.csv", *key, "--scratch", "scratch")
                self.assertEqual(os.listdir(self.path("scratch")), [])


def spills(pid):
    """Whether a process holds a file of what found no room in memory."""
    try:
        folder = f"/proc/{pid}/fd"
        return any("/spill-" in os.readlink(f"{folder}/{one}") for one in os.listdir(folder))
    except OSError:  # it, or the file, is gone already
        return False


if __name__ == "__main__":
    unittest.main()
