"""A Dask cluster of processes on this machine, for tests; with the toy engine of engine_stub where wanted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PRELOAD = "import sys\nsys.path.insert(0, {tests!r})\nimport engine_stub\nengine_stub.install()\n"


class Cluster:
    """A scheduler and its workers, each watched by a nanny that starts it again, as `dask worker` does."""

    def __init__(self, folder: Path, *, toy: bool, workers: int = 2) -> None:
        self.file = folder / "scheduler.json"
        self._folder, self._more = folder, []
        if toy:
            preload = folder / "toy.py"
            preload.write_text(PRELOAD.format(tests=str(Path(__file__).parent)))
            self._more = ["--preload", str(preload)]
        own = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(self.file)]
        self._processes = [self._start("dask_scheduler", *own)]
        end = time.monotonic() + 60
        while not (self.file.exists() and self.file.read_text()) and time.monotonic() < end:
            time.sleep(0.05)
        self.address: str = json.loads(self.file.read_text())["address"]
        for _ in range(workers):
            self.add()

    def add(self) -> None:
        """Starts one more worker."""
        place = ["--nthreads", "1", "--no-dashboard", "--local-directory", str(self._folder)]
        self._processes.append(self._start("dask_worker", self.address, *place))

    def _start(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        # one worker that dies may be chance, two are the article's fault: the default of 4 only takes longer
        environment = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
        with (self._folder / f"{program}.log").open("a") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{program}", *arguments, *self._more],
                env=environment,
                stdout=log,
                stderr=log,
            )

    def kill_one_at_work(self) -> None:
        """Ends a worker without warning, as soon as one has articles to read."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            pids = client.run(os.getpid)
            while not (busy := [name for name, tasks in client.processing().items() if tasks]):
                time.sleep(0.05)
            os.kill(pids[busy[0]], signal.SIGKILL)

    def close(self, scheduler_only: bool = False) -> None:
        """Ends the scheduler and then, unless only it is to end, the workers."""
        for process in self._processes[:1] if scheduler_only else self._processes:
            process.terminate()
            process.wait(timeout=30)
