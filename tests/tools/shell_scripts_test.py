"""The shell scripts of the project, as shellcheck sees them."""
import shutil
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def scripts():
    """Files that begin as bash scripts do."""
    for folder in ("slurm", "tools", ".ci"):
        for path in sorted((ROOT / folder).iterdir()):
            if path.is_file() and path.read_bytes().startswith(b"#!/usr/bin/env bash"):
                yield path


class ShellScripts(unittest.TestCase):
    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_shellcheck_has_nothing_to_say(self):
        files = list(scripts())
        self.assertGreater(len(files), 10)
        done = subprocess.run(["shellcheck", *files], cwd=ROOT, capture_output=True, text=True)
        self.assertEqual(done.stdout + done.stderr, "")

    def test_batch_scripts_say_what_to_change(self):
        for path in sorted((ROOT / "slurm").glob("*.sbatch")):
            text = path.read_text()
            with self.subTest(path.name):
                self.assertIn("\n# Change: ", text)
                self.assertIn("\n# ---- settings\n", text)
                for option in ("job-name", "output", "nodes", "ntasks-per-socket",
                               "cpus-per-task", "mem", "time"):
                    self.assertIn(f"\n#SBATCH --{option}=", text)
                if "--resume" in text:
                    self.assertIn("\n#SBATCH --requeue\n#SBATCH --signal=B:USR1@", text)


if __name__ == "__main__":
    unittest.main()
