"""One submission of a demonstration class, as data."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class DemonstrationSubmission:
    """What one student of a demonstration class hands in.

    Attributes:
        student: str, the student's id.
        story: str, what is special about the submission.
        points: tuple of float, what each exercise must earn.
        edits: dict from a graded cell (``"UNQ_C1"``) to a list of (old text, new text), applied to the right solution.
        cells: dict from a graded cell to the whole code that stands in its place.
        blank: tuple of str, the graded cells that were left as they were released.
    """

    student: str
    story: str
    points: tuple[float, ...]
    edits: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    blank: tuple[str, ...] = ()
