"""tools/install-packages against a made-up dpkg and apt: only what is missing is installed."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "install-packages"

# Everything is installed but $MISSING; apt-get writes down how it was called; $UNKNOWN packages
# exist nowhere.
FAKES = {
    "dpkg-query": """#!/bin/bash
for package in "${@:3}"; do
    [[ " $MISSING " == *" $package "* ]] && echo "$package config-files" || echo "$package installed"
done""",
    "apt-get": """#!/bin/bash
echo "apt-get $*" >>"$CALLS"
[[ " $* " != *" ${BROKEN:-none} "* ]]""",
    "apt-cache": """#!/bin/bash
[[ " $UNKNOWN " != *" $2 "* ]]""",
    "sudo": """#!/bin/bash
echo "sudo" >>"$CALLS"
exec "$@\"""",
}


class InstallPackages(unittest.TestCase):
    def run_tool(self, *options, **environment):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in FAKES.items():
                Path(folder, name).write_text(text)
                Path(folder, name).chmod(0o755)
            calls = Path(folder, "calls")
            calls.touch()
            env = {**os.environ, "MISSING": "", "UNKNOWN": "", "CALLS": str(calls), **environment,
                   "PATH": f"{folder}:{os.environ['PATH']}"}
            done = subprocess.run([TOOL, *options], env=env, capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL)
            lines = calls.read_text().splitlines()
            return done, [line for line in lines if line.startswith("apt-get")]

    def test_silent_when_nothing_is_missing(self):
        done, calls = self.run_tool("--tests", "--format")
        self.assertEqual((done.returncode, done.stdout, done.stderr, calls), (0, "", "", []))

    def test_installs_what_is_missing_and_says_so(self):
        done, calls = self.run_tool(MISSING="ccache libfaiss-dev")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "installing 2 packages: ccache libfaiss-dev\n")
        self.assertEqual(len(calls), 2)
        self.assertTrue(calls[0].endswith(" update"), calls)
        self.assertTrue(calls[1].endswith(" -y ccache libfaiss-dev"), calls)

    def test_extras_only_when_asked_for(self):
        self.assertEqual(self.run_tool(MISSING="python3-h5py clang-format-14")[1], [])
        self.assertTrue(self.run_tool("--tests", MISSING="python3-h5py")[1][1]
                        .endswith(" python3-h5py"))

    def test_optional_packages_may_not_exist(self):
        done, calls = self.run_tool("--tests", MISSING="python3-faiss python3-h5py",
                                    UNKNOWN="python3-faiss")
        self.assertEqual(done.returncode, 0)
        self.assertIn("no python3-faiss: going on without", done.stderr)
        self.assertTrue(calls[1].endswith(" -y python3-h5py"), calls)

    def test_nothing_to_install_after_all(self):
        done, calls = self.run_tool("--tests", MISSING="python3-faiss", UNKNOWN="python3-faiss")
        self.assertEqual((done.returncode, len(calls)), (0, 1))

    def test_a_failed_installation_fails(self):
        done, _ = self.run_tool(MISSING="cmake", BROKEN="cmake")
        self.assertEqual(done.returncode, 1)
        self.assertIn("install-packages: failed: apt install", done.stderr)

    def test_unknown_options_are_rejected(self):
        done, calls = self.run_tool("--test")
        self.assertEqual((done.returncode, calls), (2, []))
        self.assertIn("got '--test'", done.stderr)


if __name__ == "__main__":
    unittest.main()
