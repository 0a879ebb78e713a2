import os
import re
import time
import unittest

from partita_case import BINARY, PartitaCase

TIMES = """#!/usr/bin/env python3
# Ends with the next of the statuses in the file "ends"; signal numbers are below 0.
import os, sys
with open("ends") as file:
    first, *rest = file.read().split()
with open("ends", "w") as file:
    file.write(" ".join(rest))
print("run", *sys.argv[1:], flush=True)
status = int(first)
os.kill(os.getpid(), -status) if status < 0 else sys.exit(status)
"""


class Retry(PartitaCase):
    def setUp(self):
        super().setUp()
        self.write("job", TIMES)
        os.chmod(self.path("job"), 0o755)

    def retry(self, ends, *options, env=None):
        self.write("ends", ends)
        result = self.partita("retry", *options, "--", "./job", "--times", "x y", env=env)
        self.assertEqual(result.err, "")
        return result.status, result.out.count("run --times x y\n"), result.out

    def test_a_job_that_fails_is_started_again(self):
        self.assertEqual(self.retry("0")[:2], (0, 1))
        self.assertEqual(self.retry("71 -9 0")[:2], (0, 3))
        status, runs, out = self.retry("-9 139 205 137 0")
        self.assertEqual((status, runs), (137, 4))
        self.assertIn("exit status 205 (mpirun lost a host): restart 3 of 3\n", out)
        self.assertIn("ended with exit status 137 (Killed) after 3 of 3 restarts\n", out)
        self.assertEqual(self.retry("5 6 7", "--times", "1")[:2], (6, 2))
        self.assertEqual(self.retry("5 6", "--times=0")[:2], (5, 1))

    def test_what_would_fail_again_or_was_stopped_is_not(self):
        for status in (1, 75, 126, 127):
            self.assertEqual(self.retry(f"{status} 0")[:2], (status, 1))
        self.assertEqual(self.partita("retry", "./missing").err,
                         "partita: retry: ./missing: No such file or directory\n")

    def test_a_stopped_slurm_job_goes_back_into_the_queue(self):
        # Slurm ends the job that asks for it, its batch script first, in a while.
        self.write("scontrol", "#!/bin/sh\necho $@ >> called\n"
                   "(sleep 0.5; echo the end >> called; kill $PPID) >/dev/null 2>&1 &\n")
        os.chmod(self.path("scontrol"), 0o755)
        slurm = {"PATH": f"{self.folder}:{os.environ['PATH']}", "SLURM_JOB_ID": "12"}
        status, runs, out = self.retry("75 0", "--requeue", env=slurm)
        self.assertEqual((status, runs), (75, 1))
        self.assertIn("job 12 goes back into the queue", out)
        self.assertEqual(self.read("called"), b"requeue 12\nthe end\n")
        self.assertEqual(self.retry("9 0", "--requeue", env=slurm)[:2], (0, 2))
        self.assertEqual(self.read("called"), b"requeue 12\nthe end\n")
        self.assertEqual(self.retry("9 9", "--requeue", "--times", "1", env=slurm)[:2], (75, 2))
        self.assertEqual(self.read("called"), b"requeue 12\nthe end\n" * 2)
        slurm["SLURM_RESTART_COUNT"] = "1"
        self.assertEqual(self.retry("9 9", "--requeue", "--times", "1", env=slurm)[:2], (9, 2))

    def test_a_cancelled_slurm_job_does_not_go_back(self):
        for state in ("COMPLETING", "CANCELLED"):
            for name, text in (("scontrol", "echo $@ >> called"), ("squeue", f"echo {state}")):
                self.write(name, f"#!/bin/sh\n{text}\n")
                os.chmod(self.path(name), 0o755)
            status, runs, out = self.retry("75 0", "--requeue", env={
                "PATH": f"{self.folder}:{os.environ['PATH']}", "SLURM_JOB_ID": "12"})
            self.assertEqual((status, runs), (75, 1))
            self.assertIn("job 12 is being ended by Slurm: not put back into the queue", out)
            self.assertFalse(os.path.exists(self.path("called")))

    def test_wrong_options_before_the_command_are_named(self):
        self.fail_with("retry: --times: expected at least 0, got -1; see 'partita retry --help'", "retry", "--times", "-1", "--", "true", ranks=(1,))
        self.fail_with("retry: missing COMMAND; see 'partita retry --help'", "retry", "--",
                       ranks=(1,))

    def test_ranks_are_no_place_for_it(self):
        self.fail_with("retry: expected to be started once, before mpirun: partita retry -- mpirun "
                       "-n 3 ...", "retry", "--", "./job", ranks=(3,))

    def test_programs_get_the_environment_that_the_user_gave(self):
        out = self.succeed("retry", "env", env={"SOME": "thing"})
        self.assertIn("SOME=thing\n", out)
        self.assertNotIn("ess_singleton_isolated", out)

    def test_mpirun_is_told_to_share_no_locks_unless_the_user_says_otherwise(self):
        without = self.succeed("retry", "--", "env", "-u", "PMIX_MCA_gds", BINARY, "retry", "env")
        self.assertEqual(re.findall("PMIX_MCA_gds=.*", without), ["PMIX_MCA_gds=hash"])
        other = self.succeed("retry", "env", env={"PMIX_MCA_gds": "ds21,hash"})
        self.assertEqual(re.findall("PMIX_MCA_gds=.*", other), ["PMIX_MCA_gds=ds21,hash"])

    def test_a_killed_rank_and_the_restart(self):
        self.succeed("make-data", "v.npy", "--rows", "9000", "--dim", "24")
        command = ("knn", "graph", "v.npy", "--type", "flat", "--memory", "1MiB", "--resume",
                   "--overwrite")
        self.succeed(*command, "--out", "whole.h5")
        out = self.succeed("retry", "--times", "1", "--", "sh", "-c",
                           f"if test -e tried; then unset PARTITA_KILL_AT; fi; touch tried; "
                           f"mpirun -q -n 3 {BINARY} {' '.join(command)} --out nn.h5 2>err",
                           env={"PARTITA_KILL_AT": "1:3:after"})
        self.assertIn("exit status 137 (Killed): restart 1 of 1", out)
        self.assertRegex(out, r"resume +[\d,]+ of 9,000 queries were finished")
        self.assertEqual(self.read("nn.h5"), self.read("whole.h5"))


class Cancel(PartitaCase):
    """A job's number, where Slurm is asked about it."""

    def cancel(self, squeue, sentence):
        self.write("squeue", f"#!/bin/sh\n{squeue}\n")
        os.chmod(self.path("squeue"), 0o755)
        self.write("scancel", "#!/bin/sh\necho $@ > cancelled\n")
        os.chmod(self.path("scancel"), 0o755)
        env = {"PATH": f"{self.folder}:{os.environ['PATH']}"}
        if sentence:
            self.fail_with(sentence, "cancel", "12", env=env, ranks=(1,))
            self.assertFalse(os.path.exists(self.path("cancelled")))
        else:
            self.succeed("cancel", "12", env=env)
            self.assertEqual(self.read("cancelled"), b"12\n")

    def test_only_what_is_there_and_has_not_ended_is_cancelled(self):
        self.cancel("echo slurm_load_jobs error: Invalid job id specified >&2; exit 1",
                    "12: no such job")
        self.cancel("true", "12: no such job")
        self.cancel("echo COMPLETED; echo TIMEOUT", "12: it has ended")
        self.cancel("echo no controller >&2; exit 1", "squeue: exit status 1: no controller")
        self.cancel("echo COMPLETED; echo RUNNING", None)


class Jobs(PartitaCase):
    """Jobs of this machine, in the background."""

    def setUp(self):
        super().setUp()
        self.env = {"PARTITA_JOBS": self.path("jobs")}

    def submit(self, *arguments):
        out = self.succeed("submit", "--local", *arguments, env=self.env)
        return re.search(r"^job +(\S+)$", out, re.M).group(1)

    def state(self, job):
        out = self.succeed("status", job, env=self.env)
        return out.splitlines()[1].split()[2]

    def wait(self, job):
        end = time.monotonic() + 60
        while self.state(job) == "RUNNING" and time.monotonic() < end:
            pass  # each look takes a while
        return self.state(job)

    def test_a_job_runs_on_several_ranks_and_is_remembered(self):
        job = self.submit("--nodes", "2", "--name", "mine", "make-data", "v.npy", "--rows", "100",
                          "--dim", "4")
        self.assertEqual(job, "local-1")
        self.assertEqual(self.wait(job), "COMPLETED")
        with open(self.path("partita-local-1.out")) as output:
            self.assertIn("2 ranks", output.read())
        self.assertTrue(os.path.exists(self.path("v.npy")))
        other = self.submit("--output", "said", "info", "missing.npy")
        self.assertEqual((other, self.wait(other)), ("local-2", "FAILED"))
        self.assertIn("missing.npy: No such file", self.read("said").decode())
        self.assertEqual([line.split()[:2] for line in
                          self.succeed("status", env=self.env).splitlines()[1:]],
                         [["local-1", "mine"], ["local-2", "partita-info"]])

    def test_a_folder_of_jobs_that_cannot_be_made_is_named(self):
        for folder in ("/proc/none", "/proc"):
            self.fail_with(f"{folder}: cannot keep a record of jobs there: No such file or "
                           "directory; $PARTITA_JOBS names another folder", "submit", "--local",
                           "wordcount", "text", ranks=(1,), env={"PARTITA_JOBS": folder})

    def test_a_running_job_is_cancelled(self):
        self.write("mpirun", "#!/bin/sh\nexec sleep 1000\n")
        os.chmod(self.path("mpirun"), 0o755)
        self.env["PATH"] = f"{self.folder}:{os.environ['PATH']}"
        job = self.submit("wordcount", "text")
        self.assertEqual(self.state(job), "RUNNING")
        self.succeed("cancel", job, env=self.env)
        self.assertEqual(self.wait(job), "CANCELLED")
        self.fail_with(f"{job}: it has ended", "cancel", job, env=self.env, ranks=(1,))
        self.fail_with("local-9: no such job", "cancel", "local-9", env=self.env, ranks=(1,))
        self.fail_with("local-9: no such job", "status", "local-9", env=self.env, ranks=(1,))

    def test_what_would_be_run_is_shown(self):
        out = self.succeed("submit", "--local", "--dry-run", "--time", "90s", "--threads", "3",
                           "--nodes", "2", "--", "count", "a file.csv", "--key", "x")
        self.assertRegex(out, r"^timeout --preserve-status --signal=USR1 --kill-after=120 90 env "
                              r"OMP_NUM_THREADS=3 "
                              r"\S+/partita retry --times 2 -- mpirun .*-n 2 \S+/partita count "
                              r"'a file.csv' --key x\n$")
        self.write("sbatch", "#!/bin/sh\n")
        os.chmod(self.path("sbatch"), 0o755)
        out = self.succeed("submit", "--dry-run", "--time", "25h", "--node-memory", "2GiB",
                           "--nodes", "3", "count", "x.csv",
                           env={"PATH": f"{self.folder}:{os.environ['PATH']}"})
        self.write("x.sbatch", "")
        script = self.succeed("submit", "--dry-run", "--nodes", "3", "x.sbatch", "more",
                              env={"PATH": f"{self.folder}:{os.environ['PATH']}"})
        self.assertEqual(script, "sbatch --parsable --nodes=3 x.sbatch more\n")
        self.write("sbatch", "#!/bin/sh\necho no controller >&2; exit 1\n")
        self.fail_with("sbatch: exit status 1: no controller; --local runs it under mpirun on this "
                       "machine", "submit", "count", "x.csv", ranks=(1,),
                       env={"PATH": f"{self.folder}:{os.environ['PATH']}"})
        graph = self.succeed("submit", "--dry-run", "--time", "20m", "knn", "graph", "v.npy",
                             "--out", "nn.h5",
                             env={"PATH": f"{self.folder}:{os.environ['PATH']}"})
        self.assertIn(" --job-name=partita-knn-graph --nodes=1 ", graph)
        self.assertIn(" --time=0-00:20:00 ", graph)
        for part in ("--job-name=partita-count", "--nodes=3", "--time=1-01:00:00", "--mem=2048M",
                     "--requeue", "--signal=B:USR1@180", "srun --mpi=pmix"):
            self.assertIn(f" {part} ", out)

    def test_a_job_out_of_time_is_stopped_and_goes_on(self):
        self.succeed("make-data", "v.npy", "--rows", "20000", "--dim", "32", "--kind", "hard")
        graph = ("knn", "graph", "v.npy", "--type", "ivf", "--lists", "64", "--nprobe", "64",
                 "--train-sample", "2000", "--memory", "1MiB", "--resume", "--out")
        self.env["PARTITA_KILL_AT"] = "99:0:never"  # keep what there is after every round
        job = self.submit("--time", "2s", *graph, "nn.h5")
        self.assertIn(self.wait(job), ("STOPPED", "COMPLETED"))  # on a fast machine
        self.assertIn(self.state(self.submit("--output", "again", *graph, "nn.h5",
                                             "--overwrite")), ("RUNNING", "COMPLETED"))
        self.assertEqual(self.wait("local-2"), "COMPLETED", self.read("again"))
        self.succeed(*graph, "whole.h5", "--quiet")  # no progress, should it take long
        self.assertEqual(self.read("nn.h5"), self.read("whole.h5"))

    def test_wrong_jobs_are_refused_before_they_are_submitted(self):
        self.fail_with("submit: unknown subcommand 'knm' (did you mean 'knn'?); see 'partita "
                       "submit --help'", "submit", "--local", "knm", "graph", ranks=(1,))
        self.fail_with("submit: expected a job to run, got 'cancel'; see 'partita submit --help'",
                       "submit", "--local", "cancel", "7", ranks=(1,))
        # Slurm's minutes, or seconds?
        self.fail_with("submit: --time: expected a unit, such as 20m or 20s, got 20; see 'partita "
                       "submit --help'", "submit", "--local", "--time", "20", "info", "x",
                       ranks=(1,))
        self.fail_with("none/out: No such file or directory", "submit", "--local", "--output",
                       "none/out", "info", "x", ranks=(1,), env=self.env)
        self.assertFalse(os.path.exists(self.path("jobs")))
        self.fail_with("submit: x.sbatch: no such batch script; see 'partita submit --help'",
                       "submit", "x.sbatch", ranks=(1,))

    def test_wrong_options_of_a_job_are_refused_before_it_is_submitted(self):
        for sentence, *job in (
                ("knn graph: unknown option '--nprob' (did you mean '--nprobe'?)",
                 "knn", "graph", "v.npy", "--nprob", "3", "--out", "nn.h5"),
                ("knn graph: unknown option '--nprob' (did you mean '--nprobe'?)",
                 "knn", "graph", "v.npy", "--out", "nn.h5", "--nprob=3"),
                ("wordcount: --top: expected a whole number, got 'ten'",
                 "wordcount", "text", "--top", "ten")):
            self.fail_with(f"{sentence}; see 'partita {sentence.split(':')[0]} --help'", "submit",
                           "--local", "--", *job, ranks=(1,), env=self.env)
            # the same words as without submit
            self.fail_with(f"{sentence}; see 'partita {sentence.split(':')[0]} --help'", *job,
                           ranks=(1,))
        for job in (["knn"], ["count", "--help"]):
            self.fail_with(f"expected a job to run, got '{' '.join(job)}', which only prints its "
                           "help", "submit", "--local", "--", *job, ranks=(1,), env=self.env)
        self.assertFalse(os.path.exists(self.path("jobs")))


if __name__ == "__main__":
    unittest.main()
