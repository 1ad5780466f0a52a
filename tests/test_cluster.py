"""--dask: the rows of one machine, whatever happens to the workers, else one line that says why not."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import logging
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import engine_stub
import pytest

pytest.importorskip("distributed")

from dask_cluster import Cluster

from conflict_events import batch, cluster
from conflict_events.events import Article, Failure

STUB = Path(__file__).parent / "engine_stub.py"
SAMPLES = Path(__file__).parent.parent / "sample_articles"
QUIET = "The army told of it and the town was quiet then"


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """Two workers with the toy engine."""
    started = Cluster(tmp_path_factory.mktemp("cluster"), toy=True)
    yield started
    started.close()


def feed(tmp_path: Path, texts: list[str]) -> Path:
    path = tmp_path / "feed.jsonl"
    lines = [
        json.dumps({"id": str(n), "text": t, "published": "2024-12-02"}) if t else "{no json"
        for n, t in enumerate(texts)
    ]
    path.write_text("\n".join(lines))
    return path


def start(path: Path, *options: str, script: Path | None = STUB) -> subprocess.Popen[str]:
    command = [str(script)] if script else ["-m", "conflict_events"]
    return subprocess.Popen(
        [sys.executable, *command, "extract", str(path), "--format", "csv", "--columns", "full", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(path: Path, *options: str, script: Path | None = STUB) -> tuple[int, str, str]:
    process = start(path, *options, script=script)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


@pytest.mark.parametrize("scope", ["all", "article", "none"])
def test_rows_and_failures_are_those_of_one_machine(toy, tmp_path, scope):
    texts = [f"{'shelled . ' * (n % 3)} {QUIET} {n}" for n in range(200)]
    texts[50] = texts[51] = ""
    texts[60:80] = [""] * 20  # more than a batch, all of it not to be read
    texts[90] = f"crash {QUIET}"
    path = feed(tmp_path, texts)
    expected = run(path, "--merge", scope)
    assert expected[0] == 1 and expected[2].count("\n") == 23
    assert run(path, "--merge", scope, "--dask", toy.address) == expected
    assert run(path, "--merge", scope, "--dask", str(toy.file)) == expected


def test_a_worker_killed_on_the_way_costs_nothing(toy, tmp_path):
    mark = tmp_path / "mark"
    texts = [f"shelled . {f'hold {mark}' if n % 16 == 0 else ''} {QUIET} {n}" for n in range(160)]
    path = feed(tmp_path, texts)
    mark.touch()
    expected = run(path, "--merge", "none")
    mark.unlink()
    process = start(path, "--merge", "none", "--dask", toy.address)
    try:
        toy.kill_one_at_work()
        assert process.poll() is None, "it was done before a worker died"
    finally:
        mark.touch()
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err) == expected


def test_an_article_for_which_workers_die_is_a_failure(toy, tmp_path):
    texts = [f"shelled . {QUIET} {n}" for n in range(120)]
    texts[40] = f"die {QUIET}"
    path = feed(tmp_path, texts)
    code, out, err = run(path, "--merge", "none", "--dask", toy.address)
    assert (
        (code, err) == (1, err) and err.startswith("40: the workers reading it died") and err.count("\n") == 1
    )
    kept = [str(n) for n in range(120) if n != 40]
    assert [row["article_id"] for row in csv.DictReader(io.StringIO(out))] == kept


def test_settings_that_cannot_be_used_end_the_run(toy, tmp_path):
    path = feed(tmp_path, [f"shelled . {QUIET}"])
    code, out, err = run(path, "--dask", toy.address, "--model", "missing")
    assert (code, out) == (2, "")
    assert err.startswith("Error: worker tcp://") and "is not installed" in err and err.count("\n") == 1


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_can_be_interrupted(toy, tmp_path, number, code):
    mark = tmp_path / "mark"
    path = feed(tmp_path, [f"hold {mark} {QUIET} {n}" for n in range(100)])
    process = start(path, "--dask", toy.address)
    try:
        engine_stub.until_held(mark, process)
        begun = time.monotonic()
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
        assert process.returncode == code and err == ("interrupted\n" if code == 130 else "")
        assert time.monotonic() - begun < 5  # of articles that are held for longer
    finally:
        mark.touch()


def test_no_more_is_read_than_there_is_room_for(toy):
    seen = []

    def inputs():
        for n in range(10_000):
            seen.append(n)
            yield Article(f"shelled . {QUIET}", str(n))

    results = cluster.run(inputs(), engine_stub.Extractor(), address=toy.address)
    first = next(results)
    results.close()
    assert not isinstance(first, Failure) and first[0].id == "0"
    assert batch.ARTICLES <= len(seen) <= 2 * cluster.AHEAD * batch.ARTICLES


def test_tasks_grow_and_stay_within_bounds():
    def sizes(text: str, count: int) -> list[int]:
        cut = batch.batches(Article(text, str(n)) for n in range(count))
        tasks = list(cluster._tasks(cut))
        assert [a.id for task in tasks for part in task for a in part] == [str(n) for n in range(count)]
        return [len(task) for task in tasks]

    short = sizes(QUIET, 40_000)
    assert short[:8] == [1] * 8 and max(short) == cluster.MOST and len(short) < 40_000 / batch.ARTICLES / 8
    assert max(sizes("x" * 5_000, 2_000)) * batch.ARTICLES * 5_000 < cluster.CHARACTERS + batch.CHARACTERS
    assert set(sizes("x" * 300_000, 30)) == {1}


def test_a_worker_with_other_tables_is_named(toy, monkeypatch):
    identity = cluster.identity(engine_stub.Settings(layer="none"))
    monkeypatch.setattr(cluster, "identity", lambda settings: {**identity, "the layer": "0f0f0f0f"})
    results = cluster.run([Article(QUIET)], engine_stub.Extractor(), address=toy.address)
    with pytest.raises(
        cluster.ClusterError, match=r"^worker tcp://.*: the layer is none there and 0f0f0f0f here: build"
    ):
        list(results)


def test_the_identity_tells_tables_apart(tmp_path):
    def told(**settings: object) -> dict[str, str]:
        return dict(cluster.identity(engine_stub.Settings(layer="none", **settings)))

    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "one" / "actors.csv").write_text("id,name\n")
    (tmp_path / "two" / "actors.csv").write_text("id,name,inter\n")
    plain, one, two = told(), told(data=tmp_path / "one"), told(data=tmp_path / "two")
    assert {what for what in plain if plain[what] != one[what]} == {"the folder of --data"}
    assert one != two
    assert told(gazetteer=tmp_path / "three")["the folder of --gazetteer"] == "missing"
    assert told(model="no_such_model")["the model"] == "missing" != plain["the model"]
    assert set(plain) == set(cluster._REMEDIES)


# ---- clusters that cannot be used --------------------------------------------------------------------


def refusal(address: str) -> str:
    with pytest.raises(cluster.ClusterError) as error:
        list(cluster.run([Article("x")], engine_stub.Extractor(), address=address))
    assert "\n" not in str(error.value) and len(str(error.value)) < 500
    return str(error.value)


@pytest.mark.parametrize(
    "address, why",
    [
        (f"tcp://{'127.0.0.1'}:1", "refused"),
        ("nonsense", "missing port"),
        ("http://scheduler.example:80", "unknown address scheme"),
        ("tcp://scheduler.invalid:8786", ""),
    ],
)
def test_no_scheduler_there(monkeypatch, address, why):
    monkeypatch.setattr(cluster, "CONNECT", 3)
    found = refusal(address)
    assert (
        found.startswith(f"{address}: no Dask scheduler")
        and why in found
        and "such as tcp://host:8786" in found
    )


def test_a_last_try_cut_short_still_tells_what_was_in_the_way(monkeypatch):
    async def out_of_time(address):
        try:
            raise TimeoutError from asyncio.CancelledError()
        except TimeoutError as late:
            raise OSError(f"Timed out trying to connect to {address}") from late

    monkeypatch.setattr(cluster, "_greet", out_of_time)
    assert "refused" in refusal(f"tcp://{'127.0.0.1'}:1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "(TimeoutError)" in refusal(f"tcp://127.0.0.1:{silent.getsockname()[1]}")


def test_the_address_of_something_else(toy, monkeypatch, tmp_path):
    from distributed import Client

    monkeypatch.setattr(cluster, "CONNECT", 3)
    with Client(toy.address, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=60)
        worker = next(iter(client.nthreads()))
    assert "it is the address of a worker" in refusal(worker)
    (tmp_path / "scheduler.json").write_text("{}")
    assert "no Dask scheduler" in refusal(str(tmp_path / "scheduler.json"))


def test_without_dask(monkeypatch):
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda name: None)
    assert refusal("tcp://scheduler.example:8786").endswith("pip install 'conflict-events[dask]'")


@pytest.mark.parametrize(
    "there, told",
    [
        ("0.0.9", "has conflict-events 0.0.9, this machine has"),
        (None, "lacks conflict-events, this machine has"),
    ],
)
def test_other_versions(there, told):
    class Client:
        def get_versions(self, packages):
            ours = {name: cluster.version(name.replace("_", "-")) for name in packages}
            theirs = {**ours, "conflict_events": there}
            return {"scheduler": {"packages": ours}, "workers": {"tcp://w:1": {"packages": theirs}}}

    with pytest.raises(cluster.ClusterError, match=rf"^worker tcp://w:1 {told} .*: install the same release"):
        cluster._see_that_versions_agree(Client(), "tcp://s:1")


def test_clusters_without_workers_and_without_scheduler(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 2)
    small, mark = Cluster(tmp_path, toy=True, workers=0), tmp_path / "mark"
    try:
        assert "has had no worker for 2 seconds" in refusal(small.address)
        monkeypatch.setattr(cluster, "PATIENCE", 60)
        small.add()
        results = cluster.run(
            [Article(f"hold {mark} {QUIET}" if n >= batch.ARTICLES else QUIET, str(n)) for n in range(100)],
            engine_stub.Extractor(),
            address=small.address,
        )
        assert not isinstance(next(results), Failure)  # those that came late are welcome
        small.close(scheduler_only=True)
        with pytest.raises(cluster.ClusterError, match="connection to the cluster was lost"):
            list(results)
    finally:
        mark.touch()
        small.close()


def test_dask_reports_as_before_afterwards(toy):
    levels = {
        name: logging.getLogger(name).level for name in ("distributed", "distributed.client", "tornado")
    }
    assert len(list(cluster.run([Article(QUIET)], engine_stub.Extractor(), address=toy.address))) == 1
    assert levels == {name: logging.getLogger(name).level for name in levels}


def test_jobs_and_dask_exclude_each_other(tmp_path):
    path = feed(tmp_path, [QUIET])
    code, _, err = run(path, "--dask", "tcp://scheduler.example:8786", "--jobs", "2")
    assert code == 2 and "--jobs is for this machine" in err


# ---- the real engine ---------------------------------------------------------------------------------


def test_the_real_engine_gives_the_same_on_a_cluster_that_loses_a_worker(tmp_path):
    expected = run(SAMPLES, script=None)
    assert expected[0] == 0 and expected[1].count("\n") > 30
    real = Cluster(tmp_path, toy=False)
    try:
        process = start(SAMPLES, "--dask", real.address, script=None)
        real.kill_one_at_work()
        assert process.poll() is None, "it was done before a worker died"
        out, err = process.communicate(timeout=120)
        assert (process.returncode, out, err) == expected
    finally:
        real.close()
