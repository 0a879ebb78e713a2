"""tools/check-layers finds each kind of violation in a made-up tree, and nothing in a clean one."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "check-layers"


def run_on(files):
    """Exit status and printed lines for a tree of {path: text}."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            place = Path(root, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        done = subprocess.run([sys.executable, str(TOOL), root], capture_output=True, text=True)
        return done.returncode, done.stdout.splitlines()


class CheckLayers(unittest.TestCase):
    def expect(self, path, text, *problems):
        status, lines = run_on({path: text})
        self.assertEqual(lines, list(problems))
        self.assertEqual(status, 1)

    def expect_clean(self, path, text):
        status, lines = run_on({path: text})
        self.assertEqual(lines, ["layers: 1 files follow the rules"])
        self.assertEqual(status, 0)

    def test_lower_floors_are_open(self):
        self.expect_clean("src/knn/a.cpp", '#include "partita/core/a.hpp"\n'
                          '#include "partita/io/a.hpp"\n#include "partita/knn/a.hpp"\n')
        self.expect_clean("src/io/a.cpp", '#include "partita/obs/log.hpp"\n')
        self.expect_clean("apps/partita/a.cpp", '#include "partita/knn/a.hpp"\n#include "a.hpp"\n')

    def test_higher_floors_are_closed(self):
        self.expect("src/core/a.cpp", '\n#include "partita/io/x.hpp"\n',
                    "src/core/a.cpp:2: core (floor 1) includes io (floor 3)")
        self.expect("include/partita/io/a.hpp", '#  include "partita/knn/x.hpp" // why\n',
                    "include/partita/io/a.hpp:1: io (floor 3) includes knn (floor 4)")

    def test_neighbours_are_closed(self):
        self.expect("src/format/a.cpp", '#include "partita/comm/x.hpp"\n',
                    "src/format/a.cpp:1: format (floor 2) includes comm (floor 2)")
        self.expect("src/obs/a.cpp", '#include "partita/io/x.hpp"\n',
                    "src/obs/a.cpp:1: obs (floor 3) includes io (floor 3)")

    def test_private_headers_stay_at_home(self):
        self.expect_clean("src/knn/a.cpp", '#include "knn/kernels/b.hpp"\n')
        self.expect_clean("apps/partita/a.cpp", '#include "knn/options.hpp"\n')
        self.expect("src/knn/a.cpp", '#include "comm/launch.hpp"\n',
                    "src/knn/a.cpp:1: 'comm/launch.hpp' is private to comm")

    def test_public_headers_are_free_of_third_parties(self):
        self.expect_clean("include/partita/core/a.hpp", "#include <fmt/format.h>\n#include <mpi.h>\n")
        self.expect_clean("src/knn/a.cpp", "#include <faiss/Index.h>\n")
        for header in ["faiss/Index.h", "hdf5.h", "Eigen/Core", "boost/mpi.hpp", "zlib.h",
                       "spdlog/spdlog.h", "nlohmann/json.hpp"]:
            self.expect("include/partita/knn/a.hpp", f"#include <{header}>\n",
                        f"include/partita/knn/a.hpp:1: third-party header '{header}' "
                        "in a public header")

    def test_unknown_modules_are_named(self):
        self.expect("src/new/a.cpp", '#include "partita/core/x.hpp"\n',
                    "src/new/a.cpp:1: module 'new' has no floor: give it one in tools/check-layers")
        self.expect("src/knn/a.cpp", '#include "partita/new/x.hpp"\n',
                    "src/knn/a.cpp:1: unknown module 'new'")

    def test_tests_may_include_anything(self):
        self.expect_clean("tests/core/a_test.cpp", '#include "partita/knn/x.hpp"\n'
                          '#include "core/cgroup.hpp"\n#include <hdf5.h>\n')

    def test_long_files_are_named(self):
        self.expect_clean("src/core/a.cpp", "\n" * 350)
        self.expect("src/core/a.cpp", "\n" * 351,
                    "src/core/a.cpp:351: expected at most 350 lines, got 351")

    def test_an_empty_tree_is_no_success(self):
        self.assertEqual(run_on({})[0], 1)


if __name__ == "__main__":
    unittest.main()
