"""What it costs to grade a class, beside stock nbgrader.

    make bench                      all of it: about 40 minutes on 2 cores
    python -m benchmarks.grading --rounds 1 --sizes 10 100

The class is the demonstration's cohort of 17, as often as it takes. Every ratio is of figures of one run, taken in
turn, so that a machine that is slower at times is slower for all. Stock nbgrader grades the same submissions twice
over: with the check cells of this course, which it runs in the student's kernel, and with those of the public course.
"""

import argparse
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

COURSE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(COURSE / "tests"), str(COURSE)]

from conftest import copy_course, run  # noqa: E402
from evidence.stock_nbgrader import CONFIG, stock_course  # noqa: E402

from benchmarks.measure import Cost, measure  # noqa: E402
from keras_autograder.demonstration import set_up_class  # noqa: E402

BIN = Path(sys.executable).parent
STOCK, PUBLIC, SERIAL, PARALLEL = "stock nbgrader", "stock, public course's checks", "ours, serial", "ours, parallel"
ARGUMENTS = {SERIAL: ["--ClassGrading.workers=1"], STOCK: [], PUBLIC: [], PARALLEL: []}


class Bench:
    """Courses to grade in, one for each kind of grader."""

    def __init__(self, folder: Path):
        self.folder = folder
        cohort = copy_course(folder / "cohort")
        run("nbgrader", "generate_assignment", "unet", "--force", folder=cohort)
        set_up_class(cohort, "unet")
        self.cohort = sorted((cohort / "submitted").iterdir())
        self.courses = {STOCK: copy_course(folder / "stock"), PUBLIC: stock_course(folder / "public")}
        (self.courses[STOCK] / "nbgrader_config.py").write_text(CONFIG.format(course=str(COURSE)))
        run("nbgrader", "generate_assignment", "unet", "--force", folder=self.courses[STOCK])
        self.courses[SERIAL] = self.courses[PARALLEL] = cohort

    def grade(self, kind: str, size: int, *arguments: str) -> Cost:
        """Grade a class that nobody has graded before."""
        course = self.courses[kind]
        for name in ("submitted", "autograded"):
            shutil.rmtree(course / name, ignore_errors=True)
        for number in range(size):
            one = self.cohort_copy(number)
            shutil.copytree(one, course / "submitted" / f"student-{number:04}")
        command = [BIN / "nbgrader", "autograde", "unet", *ARGUMENTS[kind], *arguments]
        mark = " graded, " if kind == PARALLEL else ""
        cost = measure(command, course, os.environ | {"PYTHONPATH": str(COURSE)}, mark)
        done = len(list((course / "autograded").glob("*/unet/*.ipynb")))
        if done != size:
            raise RuntimeError(f"{kind}: {done} of {size} were graded")
        print(
            f"{kind:32} {size:5} submissions {cost.seconds:8.1f} s {60 * size / cost.seconds:7.1f} a minute "
            f"{cost.core_seconds / size:6.2f} core-s each, peak {cost.peak_bytes / 1e6:6.0f} MB",
            flush=True,
        )
        return cost

    def cohort_copy(self, number: int) -> Path:
        """A submission of the cohort, kept aside from what is graded."""
        kept = self.folder / "kept"
        if not kept.exists():
            shutil.copytree(self.folder / "cohort" / "submitted", kept)
        return kept / self.cohort[number % len(self.cohort)].name


def _rate(cost: Cost, size: int) -> float:
    return 60 * size / cost.seconds


def compare(bench: Bench, rounds: int, size: int, many: int) -> dict:
    """Stock and ours in turn: the same ``size`` submissions, and ours as a class of ``many`` as well."""
    costs: dict[str, list[Cost]] = {STOCK: [], PUBLIC: [], SERIAL: [], PARALLEL: [], "many": []}
    for _ in range(rounds):
        for kind in (STOCK, PUBLIC, SERIAL, PARALLEL):
            costs[kind].append(bench.grade(kind, size))
        costs["many"].append(bench.grade(PARALLEL, many))
    rows = {}
    for kind, taken in costs.items():
        count = many if kind == "many" else size
        rows[f"{PARALLEL}, {many}" if kind == "many" else f"{kind}, {size}"] = {
            "submissions a minute": statistics.median(_rate(cost, count) for cost in taken),
            "core-seconds each": statistics.median(cost.core_seconds / count for cost in taken),
            "peak MB": statistics.median(cost.peak_bytes / 1e6 for cost in taken),
            "first result, s": (
                statistics.median(cost.first_seconds for cost in taken) if taken[0].first_seconds else None
            ),
        }
    pairs = {
        f"ours, class of {many} / stock": [
            _rate(ours, many) / _rate(stock, size) for ours, stock in zip(costs["many"], costs[STOCK])
        ],
        f"ours, class of {many} / stock, public course's checks": [
            _rate(ours, many) / _rate(stock, size) for ours, stock in zip(costs["many"], costs[PUBLIC])
        ],
        f"ours / stock, both {size} submissions, start included": [
            _rate(ours, size) / _rate(stock, size) for ours, stock in zip(costs[PARALLEL], costs[STOCK])
        ],
        f"ours, serial / stock, both {size} submissions": [
            _rate(ours, size) / _rate(stock, size) for ours, stock in zip(costs[SERIAL], costs[STOCK])
        ],
    }
    return {"rows": rows, "ratios": {name: statistics.median(values) for name, values in pairs.items()}}


def sizes(bench: Bench, counts: list[int]) -> dict[int, dict]:
    """What a submission costs in classes of several sizes; the start is taken off, as all of a class share it."""
    found = {}
    for count in counts:
        cost = bench.grade(PARALLEL, count)
        start = cost.first_seconds or 0.0
        found[count] = {
            "seconds each": cost.seconds / count,
            "seconds each after the first": (cost.seconds - start) / max(count - 1, 1),
            "peak MB": cost.peak_bytes / 1e6,
        }
    return found


def isolation(bench: Bench, size: int, rounds: int) -> float:
    """Seconds with the sandbox over seconds without; kernels start cold in both, as there are none warm outside."""
    cold = ["--JudgedExecute.warm_kernels=False"]
    ratios = []
    for _ in range(rounds):
        walled = bench.grade(PARALLEL, size, *cold)
        free = bench.grade(PARALLEL, size, *cold, "--JudgedExecute.isolation=none")
        ratios.append(walled.seconds / free.seconds)
    return statistics.median(ratios)


def dask(bench: Bench, size: int) -> dict[int, float]:
    """Submissions a minute with 1 and 2 Dask workers of one thread each, after their first one."""
    found = {}
    for count in (1, 2):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        address = f"tcp://127.0.0.1:{port}"
        environment = os.environ | {"PYTHONPATH": str(COURSE)}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment, "cwd": bench.folder}
        processes = [
            subprocess.Popen(
                [BIN / "dask", "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"], **quiet
            )
        ]
        processes += [
            subprocess.Popen([BIN / "dask", "worker", address, "--nthreads", "1", "--no-dashboard"], **quiet)
            for _ in range(count)
        ]
        try:
            from distributed import Client

            with Client(address, timeout=60) as client:
                client.wait_for_workers(count, timeout=60)
            cost = bench.grade(PARALLEL, size, f"--ClassGrading.scheduler={address}")
        finally:
            for process in processes:
                process.terminate()
                process.wait()
        found[count] = 60 * (size - 1) / (cost.seconds - (cost.first_seconds or 0))
        print(f"{count} Dask workers: {found[count]:.1f} a minute", flush=True)
    return found


def draw(result: dict, folder: Path) -> None:
    """The figures as bar and line plots, PNG."""
    rows = result["compare"]["rows"]
    figure, axes = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
    names, rates = list(rows), [row["submissions a minute"] for row in rows.values()]
    bars = axes[0].barh(names, rates, color=["#999999", "#bbbbbb", "#88bbee", "#3388cc", "#115599"])
    axes[0].bar_label(bars, fmt="%.0f", padding=3)
    axes[0].invert_yaxis()
    axes[0].set(xlabel="submissions a minute", xlim=(0, 1.15 * max(rates)))
    if result.get("sizes"):
        counts = list(result["sizes"])
        each = [row["seconds each after the first"] for row in result["sizes"].values()]
        axes[1].plot(counts, each, "o-", label="seconds for a submission, after the first")
        peak = [row["peak MB"] / 1000 for row in result["sizes"].values()]
        axes[1].plot(counts, peak, "s--", label="peak memory of all processes, GB")
        axes[1].set(xscale="log", xlabel="size of the class", ylim=(0, None))
        axes[1].set_xticks(counts, counts)
        axes[1].legend()
    figure.savefig(folder / "bench-grading.png", dpi=110)


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark; see the top of this file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often stock and ours are compared (default: 3)")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10, 100, 1000], help="sizes of classes")
    parser.add_argument(
        "--skip", nargs="*", default=[], choices=["isolation", "dask", "sizes"], help="parts to leave out"
    )
    options = parser.parse_args(arguments)
    began = time.time()
    result: dict = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Linux {platform.release()}, {_processor()}",
        "imports, s": {name: _import_seconds(name) for name in ("tensorflow", "nbgrader.apps")},
        "command": " ".join(["python -m benchmarks.grading", *(arguments or sys.argv[1:])]).strip(),
    }
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        bench = Bench(Path(scratch))
        result["compare"] = compare(bench, options.rounds, 10, 100)
        if "isolation" not in options.skip:
            result["isolation on/off"] = isolation(bench, 6, options.rounds)
        if "dask" not in options.skip:
            result["dask"] = dask(bench, 60)
        if "sizes" not in options.skip:
            result["sizes"] = sizes(bench, options.sizes)
    folder = COURSE / "docs"
    draw(result, folder)
    (folder / "bench-grading.json").write_text(json.dumps(result, indent=2) + "\n")
    report(result)
    print(f"{time.time() - began:.0f} s; written: docs/bench-grading.json, docs/bench-grading.png")


def report(result: dict) -> None:
    """Print the table and the ratios."""
    imports = ", ".join(f"import {name} {seconds:.1f} s" for name, seconds in result["imports, s"].items())
    print(f"\n{result['machine']}; {imports}\n")
    columns = ["submissions a minute", "core-seconds each", "peak MB", "first result, s"]
    print("| grader, submissions | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
    for name, row in result["compare"]["rows"].items():
        print(
            f"| {name} | "
            + " | ".join("–" if row[column] is None else f"{row[column]:.1f}" for column in columns)
            + " |"
        )
    for count, row in result.get("sizes", {}).items():
        print(f"class of {count}: " + ", ".join(f"{name} {value:.2f}" for name, value in row.items()))
    for name, ratio in result["compare"]["ratios"].items():
        print(f"ratio {name}: {ratio:.2f}")
    if "isolation on/off" in result:
        print(f"ratio isolation on/off: {result['isolation on/off']:.2f}")
    if "dask" in result:
        print(f"ratio 2 Dask workers/1: {result['dask'][2] / result['dask'][1]:.2f}")
    print(f"ratio autograde ours/stock: {next(iter(result['compare']['ratios'].values())):.2f}")


def _import_seconds(name: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {name}"], check=True, capture_output=True)
    return time.perf_counter() - began


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


if __name__ == "__main__":
    main()
