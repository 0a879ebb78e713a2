"""Jobs on datasets that are killed or run out of scratch; dataset_job.cpp is what runs."""

import os
import subprocess
import unittest

from partita_case import PartitaCase


class Checkpoint(PartitaCase):
    def test_resumes_after_a_kill_with_any_number_of_ranks(self):
        os.mkdir(self.path("scratch"))
        killed = self.partita("kill", "out", "scratch", "kept", ranks=3)
        self.assertNotEqual(killed.status, 0)
        self.assertNotIn("out", os.listdir(self.folder))
        self.assertEqual(self.succeed("checkpoint", "fresh", "scratch", "new", ranks=2),
                         "100000 rows before the checkpoint\n")
        for ranks in (1, 2, 4):
            self.assertEqual(self.succeed("checkpoint", "out", "scratch", "kept", ranks=ranks),
                             "0 rows before the checkpoint\n")
            self.assertEqual(self.read("out"), self.read("fresh"), f"{ranks} ranks")
        self.assertEqual(len(self.read("out").splitlines()), 9000)
        self.assertEqual(os.listdir(self.path("scratch")), [])


class FullScratch(PartitaCase):
    """Scratch is a tmpfs that is too small."""

    def setUp(self):
        super().setUp()
        self.small = self.path("small")
        os.mkdir(self.small)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", self.small],
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest(f"a small tmpfs needs root: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", self.small])

    def test_is_one_sentence_and_leaves_nothing(self):
        for ranks in (1, 3):
            job = self.partita("sort", "out", self.small, ranks=ranks)
            self.assertEqual((job.status, job.out), (1, ""), job.err)
            self.assertRegex(job.err, r"\Apartita: [^\n]*sort: [^\n]*/small/[^\n]*: "
                                      r"No space left on device[^\n]*\n\Z")
            self.assertEqual(os.listdir(self.small), [])
            self.assertNotIn("out", os.listdir(self.folder))
        self.assertEqual(self.succeed("sort", "out", self.folder, ranks=3), "")
        self.assertEqual(len(self.read("out").splitlines()), 10)


if __name__ == "__main__":
    unittest.main()
