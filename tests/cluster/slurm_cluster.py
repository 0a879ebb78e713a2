"""A Slurm cluster of this machine's own: slurmctld and some slurmd in a folder, on free ports.

It needs root, Debian's slurm-wlm and munge, and no systemd. Each node has a host name and a
/dev/shm of its own, as far as Open MPI can tell.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import time

PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch", "unshare")
CPUS = 2
CONFIGURATION = """\
ClusterName=partita
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
SlurmdTimeout={timeout}
SlurmctldTimeout=20
InactiveLimit=0
MinJobAge=600
KillWait=5
Waittime=0
JobRequeue=1
SchedulerParameters=bf_interval=1,sched_interval=1,batch_sched_delay=0
SlurmdParameters=config_overrides
TmpFS={folder}/tmp/%n
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=2 PreemptMode=OFF
PartitionName=guests Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=1 GraceTime=20
"""


def why_not():
    """Why there can be no cluster here; None when there can."""
    missing = [name for name in PROGRAMS if not find(name)]
    if missing:
        return f"not installed: {', '.join(missing)} (tools/install-packages --tests)"
    if os.geteuid() != 0:
        return "slurmd must be started by root"
    if subprocess.run(["unshare", "-u", "-m", "true"], capture_output=True).returncode != 0:
        return "this machine allows no namespaces"
    return None


def find(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def free_ports(count):
    """Ports below those that the system gives to whoever asks for any: another program might get one
    of those before Slurm binds it."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        end = int(file.read().split()[0])
    ports = []
    for port in random.sample(range(10_000, max(end, 20_000)), k=2000):
        try:
            with socket.socket() as one:
                one.bind(("", port))
        except OSError:
            continue
        ports.append(port)
        if len(ports) == count:
            return ports
    raise AssertionError(f"expected {count} free ports, found {len(ports)}")


def until(ready, seconds, what):
    """Ask again until the answer is yes."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.1)


class SlurmCluster:
    def __init__(self, folder, nodes=4, timeout=8):
        self.folder, self.nodes = folder, nodes
        self.processes = {}
        self.environment = dict(os.environ, SLURM_CONF=f"{folder}/slurm.conf")
        for name in ("state", "spool", "munge"):
            os.makedirs(f"{folder}/{name}")
        os.chmod(f"{folder}/munge", 0o700)
        port, *ports = free_ports(nodes + 1)
        host = socket.gethostname().split(".")[0]
        lines = CONFIGURATION.format(host=host, port=port, folder=folder, timeout=timeout)
        for node, its_port in enumerate(ports, 1):
            os.makedirs(f"{folder}/spool/n{node}")
            os.makedirs(f"{folder}/tmp/n{node}")
            lines += (f"NodeName=n{node} NodeHostname={host} NodeAddr=127.0.0.1 Port={its_port} "
                      f"CPUs={CPUS} RealMemory=2000 State=UNKNOWN\n")
        with open(f"{folder}/slurm.conf", "w") as file:
            file.write(lines)

    def start(self):
        key = f"{self.folder}/munge/key"
        with open(key, "wb") as file:
            file.write(os.urandom(1024))
        os.chmod(key, 0o600)
        self.spawn("munged", "munged", "--foreground", "--force", f"--key-file={key}",
                   f"--socket={self.folder}/munge.sock", f"--pid-file={self.folder}/munge/pid",
                   f"--log-file={self.folder}/munge/log", f"--seed-file={self.folder}/munge/seed")
        until(lambda: os.path.exists(f"{self.folder}/munge.sock"), 10, "munged")
        self.spawn("slurmctld", "slurmctld", "-D", "-c", "-f", f"{self.folder}/slurm.conf")
        for node in range(1, self.nodes + 1):
            self.start_node(node)
        until(lambda: self.idle_nodes() == self.nodes, 30, "all nodes are idle")

    def start_node(self, node):
        self.spawn(f"n{node}", "unshare", "-u", "-m", "sh", "-c",
                   f"hostname n{node} && mount --make-rprivate / && "
                   f"mount -t tmpfs -o size=1g tmpfs /dev/shm && "
                   f"exec {find('slurmd')} -D -c -N n{node} -f {self.folder}/slurm.conf")

    def spawn(self, name, program, *arguments):
        with open(f"{self.folder}/{name}.out", "a") as output:
            self.processes[name] = subprocess.Popen(
                [find(program), *arguments], env=self.environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True)

    def idle_nodes(self):
        done = subprocess.run(["sinfo", "-h", "-t", "idle", "-o", "%D"], capture_output=True,
                              text=True, env=self.environment)
        return sum(map(int, done.stdout.split()))

    def run(self, *command, cwd=None, settings=None):
        """A command's output; it must end well."""
        done = subprocess.run(command, env={**self.environment, **(settings or {})}, cwd=cwd,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              timeout=100)
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def job(self, number):
        """What Slurm knows of a job: {"JobState": "RUNNING", ...}."""
        text = self.run("scontrol", "--oneliner", "show", "job", str(number))
        return dict(part.split("=", 1) for part in text.split() if "=" in part)

    def kill_node(self, node):
        """All that runs on a node ends at once, as if its power went."""
        namespace = os.readlink(f"/proc/{self.processes[f'n{node}'].pid}/ns/uts")
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{entry}/ns/uts") == namespace:
                    os.kill(int(entry), signal.SIGKILL)
            except OSError:
                pass  # it has ended
        self.processes.pop(f"n{node}").wait()

    def stop(self):
        """End everything that was started, the jobs first."""
        subprocess.run(["scancel", "--user=root"], env=self.environment, capture_output=True)
        for node in [name for name in self.processes if name.startswith("n")]:
            self.kill_node(int(node[1:]))
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()
