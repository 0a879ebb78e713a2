"""partita retry, where mpirun's command names hosts and some of them are gone."""

import os
import unittest

from partita_case import PartitaCase

# Ends with 205 as long as its options, or the file "all", name a host of the file "lost".
MPIRUN = """#!/usr/bin/env python3
import re, sys
with open("runs", "a") as file:
    print(*sys.argv[1:], file=file)
options = " ".join(sys.argv[1:sys.argv.index("job")])
if "file all" in options and "-host " not in options:
    with open("all") as file:
        options += file.read()
with open("lost") as file:
    sys.exit(205 if set(file.read().split()) & set(re.findall(r"[^\\s:,]+", options)) else 0)
"""
AGENT = """#!/bin/sh
echo "$*" >> asked
! grep -qx -- "$1" lost
"""
FILE = "# ours\nh1 slots=2\n\nh2 slots=4 max_slots=8 # large\n  h3\tslots=2\nme@h4\n"


class LostHosts(PartitaCase):
    def setUp(self):
        super().setUp()
        for name, text in (("mpirun", MPIRUN), ("agent", AGENT)):
            self.write(name, text)
            os.chmod(self.path(name), 0o755)
        self.write("all", FILE)

    def retry(self, lost, *command, options=(), status=0, env=None):
        """What mpirun was given each time, and what retry printed."""
        for name in ("runs", "asked"):
            self.write(name, "")
        self.write("lost", "".join(host + "\n" for host in lost.split()))
        result = self.partita("retry", *options, "--", *command, env={
            "PATH": f"{self.folder}:{os.environ['PATH']}", "OMPI_MCA_plm_rsh_agent": "agent : rsh",
            **(env or {})})
        self.assertEqual((result.status, result.err), (status, ""), result.out)
        return self.read("runs").decode().splitlines(), result.out

    def asked(self):
        return sorted(self.read("asked").decode().splitlines())

    def test_a_list_loses_the_host_and_ranks_fall_with_its_slots(self):
        program = ("job", "-n", "8", "--host", "h2:8")
        runs, out = self.retry("h2", "mpirun", "--bind-to", "none", "--mca", "btl", "self,tcp",
                               "--host", "h1:2,h2:4,h3:2", "-q", "-n", "8", *program)
        rest = " ".join(program)
        self.assertEqual(runs, [
            f"--bind-to none --mca btl self,tcp --host h1:2,h2:4,h3:2 -q -n 8 {rest}",
            f"--bind-to none --mca btl self,tcp --host h1:2,h3:2 -q -n 4 {rest}"])
        self.assertIn("retry       no answer from h2: going on without, in 4 ranks\n", out)
        self.assertIn("exit status 205 (mpirun lost a host): restart 1 of 3\n", out)
        self.assertEqual(self.asked(), ["h1 true", "h2 true", "h3 true"])

    def test_each_way_to_name_hosts(self):
        for lost, before, after in (
                ("h2", "--hostfile all -np 8", "--host h1:2,h3:2,me@h4:* -np 4"),
                ("h1 me@h4", "-machinefile all", "--host h2:4,h3:2"),
                ("h1", "-H h1,h2,h2,h3 -n 1", "--host h2:2,h3:1 -n 1"),
                # A list chooses from a file, which may name more.
                ("h1", "-hostfile all -host h1,h2:3 -c 4", "-hostfile all --host h2:3 -c 3"),
                ("h1", "-host h1,h2:3 -hostfile all -c 4", "--host h2:3 -hostfile all -c 3")):
            with self.subTest(before):
                runs, _ = self.retry(lost, "mpirun", *before.split(), "job")
                self.assertEqual(runs, [before + " job", after + " job"])

    def test_hosts_that_answer_stay_and_this_one_is_not_asked(self):
        self.write("lost", "")
        name = os.uname().nodename
        hosts = f"--host h1,localhost,{name},127.0.0.1"
        self.write("mpirun", "#!/bin/sh\necho $* >> runs\nexit 137\n")
        runs, out = self.retry("", "mpirun", *hosts.split(), "job", options=("--times", "1"),
                               status=137)
        self.assertEqual(runs, [hosts + " job"] * 2)
        self.assertEqual(self.asked(), ["h1 true"])
        self.assertNotIn("no answer", out)

    def test_where_no_host_answers_nothing_changes(self):
        runs, out = self.retry("h1 h2", "mpirun", "--host", "h1,h2", "job", status=205,
                               options=("--times", "1"))
        self.assertEqual(runs, ["--host h1,h2 job"] * 2)
        self.assertNotIn("no answer", out)

    def test_a_start_that_fails_for_a_lost_host_is_tried_without(self):
        self.write("mpirun", MPIRUN.replace("205", "1"))
        runs, _ = self.retry("h2", "mpirun", "--host", "h1,h2", "job")
        self.assertEqual(len(runs), 2)
        # What Partita reports is reported once: there all hosts answer.
        self.write("mpirun", "#!/bin/sh\necho $* >> runs\nexit 1\n")
        runs, _ = self.retry("", "mpirun", "--host", "h1,h2", "job", status=1)
        self.assertEqual(len(runs), 1)

    def test_a_stop_while_hosts_are_asked_starts_nothing(self):
        self.write("mpirun", "#!/bin/sh\necho $* >> runs\necho $PPID > process\nexit 205\n")
        self.write("agent", "#!/bin/sh\nkill -USR1 $(cat process)\nexit 1\n")
        runs, out = self.retry("", "mpirun", "--host", "h1,localhost", "job", status=205)
        self.assertEqual(len(runs), 1)
        self.assertIn("after 0 of 3 restarts", out)

    def test_the_agent_of_the_command_is_asked(self):
        runs, _ = self.retry("h1", "mpirun", "--mca", "plm_rsh_agent", "env X=1 agent : ssh",
                             "--host", "h1,h2", "job", env={"OMPI_MCA_plm_rsh_agent": "false"})
        self.assertEqual(runs[1:], ["--mca plm_rsh_agent env X=1 agent : ssh --host h2:1 job"])

    def test_other_commands_and_several_programs_stay_as_they_are(self):
        for command in ("mpirun --host h1,h2 job : -n 2 job", "mpirun job --host h1,h2"):
            runs, _ = self.retry("h1", *command.split(), options=("--times", "0"),
                                 status=205 if ":" in command else 0)
            self.assertEqual(runs, [command.partition(" ")[2]])
            self.assertEqual(self.asked(), [])

    def test_a_hostfile_that_is_not_there_is_an_error_of_the_job(self):
        self.write("mpirun", "#!/bin/sh\nexit 213\n")
        _, out = self.retry("", "mpirun", "--hostfile", "none", "job", status=213,
                            options=("--times", "1"))
        self.assertIn("ended with exit status 213 after 1 of 1 restarts", out)


if __name__ == "__main__":
    unittest.main()
