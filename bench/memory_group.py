"""A control group that limits the memory of some programs, page cache included: version 1 of the memory controller
below this process's own group, version 2 below the root."""
import os
import signal
import subprocess
from pathlib import Path

MIB = 1 << 20


def controller():
    """The folder of groups and its version; None if this machine lets us make none."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    own = {fields[1]: fields[2] for fields in
           (line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines())}
    for _, folder, kind, options, *_ in mounts:
        if kind == "cgroup" and "memory" in options.split(","):
            return Path(folder + own.get("memory", "/")), 1
    for _, folder, kind, *_ in mounts:
        if kind == "cgroup2" and "memory" in (Path(folder) / "cgroup.controllers").read_text().split():
            return Path(folder), 2
    return None


class MemoryGroup:
    """`with MemoryGroup(512) as group: group.start(…)`. Raises OSError where groups cannot be made."""

    def __init__(self, limit_mb):
        found = controller()
        if found is None or os.geteuid() != 0:
            raise OSError("no memory controller that this user may use")
        parent, self.version = found
        self.folder = parent / f"rootlet-bench-{os.getpid()}"
        self.limit = limit_mb * MIB

    def __enter__(self):
        self.folder.mkdir()
        self._write("memory.limit_in_bytes" if self.version == 1 else "memory.max", self.limit)
        if self.version == 2:
            self._write("memory.swap.max", 0)
        return self

    def __exit__(self, *_):
        for pid in (self.folder / "cgroup.procs").read_text().split():
            os.kill(int(pid), signal.SIGKILL)
        for _ in range(100):
            try:
                self.folder.rmdir()
                return
            except OSError:
                subprocess.run(["sleep", "0.1"], check=True)

    def command(self, *words):
        """`words` as a command that runs in the group."""
        procs = self.folder / "cgroup.procs"
        return ["sh", "-c", f'echo $$ > "{procs}" && exec "$@"', "sh", *map(str, words)]

    def figures(self):
        """Megabytes now and at most, how often the limit was met, and how many programs were killed for it."""
        stat = dict(line.split() for line in self._read("memory.stat").splitlines())
        if self.version == 1:
            control = dict(line.split() for line in self._read("memory.oom_control").splitlines())
            return {"peak_mb": int(self._read("memory.max_usage_in_bytes")) / MIB,
                    "page_cache_mb": int(stat["cache"]) / MIB, "own_mb": int(stat["rss"]) / MIB,
                    "limit_met": int(self._read("memory.failcnt")),
                    "killed": int(control.get("oom_kill", 0))}
        events = dict(line.split() for line in self._read("memory.events").splitlines())
        return {"peak_mb": int(self._read("memory.peak")) / MIB,
                "page_cache_mb": int(stat["file"]) / MIB, "own_mb": int(stat["anon"]) / MIB,
                "limit_met": int(events["max"]), "killed": int(events["oom_kill"])}

    def _read(self, name):
        return (self.folder / name).read_text()

    def _write(self, name, value):
        (self.folder / name).write_text(str(value))
