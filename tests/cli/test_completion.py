import shutil
import subprocess
import unittest

from partita_case import PartitaCase, subcommands


class Completion(PartitaCase):
    def script(self, shell):
        self.write("script", self.succeed("completion", shell))
        return self.path("script")

    def complete(self, *words):
        """What bash offers for the last word."""
        quoted = " ".join(f"'{word}'" for word in ("partita", *words))
        program = (f"source {self.script('bash')}; COMP_WORDS=({quoted}); "
                   f"COMP_CWORD={len(words)}; _partita; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
        done = subprocess.run(["bash", "-c", program], cwd=self.folder, capture_output=True,
                              text=True, check=True, timeout=30)
        self.assertEqual(done.stderr, "")
        return done.stdout.split("\n")[:-1]

    def test_shells_accept_their_scripts(self):
        for shell in ("bash", "zsh", "fish"):
            with self.subTest(shell):
                script = self.script(shell)
                if not shutil.which(shell):
                    self.skipTest(f"{shell} is not installed")
                subprocess.run([shell, "-n", script], check=True, timeout=30)

    def test_every_script_knows_every_subcommand_and_option(self):
        scripts = {shell: self.succeed("completion", shell) for shell in ("bash", "zsh", "fish")}
        for words in subcommands():
            for script in scripts.values():
                self.assertIn(" ".join(words), script)
        for option in ("intrinsic-dim", "explain-config"):
            for script in scripts.values():
                self.assertIn(option, script)

    def test_bash_completes_words(self):
        self.assertEqual(self.complete("make"), ["make-data"])
        self.assertIn("graph", self.complete("knn", ""))
        self.assertIn("info", self.complete(""))

    def test_bash_completes_options(self):
        self.assertEqual(self.complete("make-data", "out.npy", "--clu"), ["--clusters"])
        self.assertEqual(self.complete("info", "--js"), ["--json"])
        self.assertIn("--threads", self.complete("info", "--"))

    def test_bash_completes_values(self):
        self.assertEqual(self.complete("make-data", "--kind", ""), ["clustered", "uniform", "hard"])
        self.assertEqual(self.complete("make-data", "--kind", "=", "h"), ["hard"])
        self.assertEqual(self.complete("completion", "z"), ["zsh"])
        self.assertEqual(self.complete("make-data", "--rows", ""), [""])

    def test_bash_completes_files(self):
        self.write("one file.npy", "")
        self.write("other.csv", "")
        self.assertEqual(self.complete("info", "one"), ["one file.npy"])
        self.assertEqual(self.complete("info", "--config", "oth"), ["other.csv"])

    def test_the_shell_must_be_known(self):
        self.fail_with("completion: SHELL: expected bash, zsh or fish, got 'fihs' "
                       "(did you mean 'fish'?); see 'partita completion --help'", "completion",
                       "fihs", ranks=[1])


if __name__ == "__main__":
    unittest.main()
