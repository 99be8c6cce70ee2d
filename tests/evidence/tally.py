"""Counts at the end of a test run: how many cases of each suite held, and what stock checks would have done."""

from collections import Counter

SENTENCES = {
    "mutants": "mistakes cost points only for what is wrong, and are named",
    "equivalents": "right answers written differently earn full marks",
    "attacks": "attacks gain no point and read no secret",
    "faults": "faults end in a grade with a reason",
}


class Tally:
    """A plugin of pytest's. Tests that carry the mark ``suite("mutants")`` are counted under that name.

    What a test records as the property ``stock`` is counted beside it: a few words on what a comparator of the public
    course's kind does with the same case.
    """

    def __init__(self):
        self.counts = {suite: Counter() for suite in SENTENCES}

    def pytest_configure(self, config):
        """Make the mark known."""
        config.addinivalue_line("markers", "suite(name): counted at the end of a run, see tests/evidence/tally.py")

    def pytest_runtest_setup(self, item):
        """Send the suite's name along with the result, to whichever process counts."""
        mark = item.get_closest_marker("suite")
        if mark:
            item.user_properties.append(("suite", mark.args[0]))

    def pytest_runtest_logreport(self, report):
        """Count a test that has run, or whose preparation has failed."""
        properties = dict(report.user_properties)
        if "suite" in properties and (report.when == "call" or (report.when == "setup" and report.failed)):
            counts = self.counts[properties["suite"]]
            counts.update(run=1, held=int(report.passed))
            if "stock" in properties:
                counts[f"stock: {properties['stock']}"] += 1

    def pytest_terminal_summary(self, terminalreporter):
        """Print the counts."""
        lines = []
        for suite, counts in self.counts.items():
            if counts["run"]:
                lines.append(f"{suite}: {counts['held']} of {counts['run']} {SENTENCES[suite]}")
                stock = [f"{number} {name}" for name, number in sorted(counts.items()) if name.startswith("stock")]
                lines += [f"    {line}" for line in stock]
        if lines:
            terminalreporter.section("evidence")
            terminalreporter.write_line("\n".join(lines))
