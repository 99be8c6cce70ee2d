"""What the judge has answered before: a class hands in many networks that are the same, layer by layer."""

import contextlib
import hashlib
import os
import tempfile
from collections import OrderedDict
from pathlib import Path

_MOST_ON_DISK = 500_000_000


class TranscriptCache:
    """The judge's answers to everything that it was ever told, up to a size.

    The judge draws on nothing but what it is told: its check cells, and what the student's kernel answers to them. So
    a conversation that has gone word by word as one before it goes on in the same way. The key of an answer is a digest
    of the whole transcript that led to it (``digest_after``); two submissions share answers for as long as every word
    of theirs is the same, and no longer.

    Args:
        size: int, characters of answers that are kept; those that were not asked for the longest go first.
        folder: Path or None, where several processes keep their answers together. Whoever can write there decides what
            the judge says.
    """

    def __init__(self, size: int = 20_000_000, folder: Path | None = None):
        self._size = size
        self._folder = folder
        self._used = self._written = 0
        self._answers: OrderedDict[bytes, str] = OrderedDict()

    @staticmethod
    def digest_after(digest: bytes, message: str) -> bytes:
        """The digest of a transcript that goes on.

        Args:
            digest: bytes, that of the transcript so far; empty at the beginning.
            message: str, what the judge is sent next.

        Returns:
            bytes.
        """
        return hashlib.sha256(digest + message.encode("utf-8", "surrogatepass")).digest()

    def get(self, digest: bytes) -> str | None:
        """What the judge answered to a transcript.

        Args:
            digest: bytes, of the transcript.

        Returns:
            str; None if it has not been asked, or if that was forgotten.
        """
        answer = self._answers.get(digest)
        if answer is not None:
            self._answers.move_to_end(digest)
        elif self._folder is not None:
            with contextlib.suppress(FileNotFoundError):
                answer = (self._folder / digest.hex()).read_text(encoding="utf-8")
                self._keep(digest, answer)
        return answer

    def put(self, digest: bytes, answer: str) -> None:
        """Keep an answer.

        Args:
            digest: bytes, of the transcript that led to it.
            answer: str.
        """
        self._keep(digest, answer)
        if self._folder is not None and self._written < _MOST_ON_DISK:
            self._written += len(answer)
            # Whole or not at all: others may be reading.
            with tempfile.NamedTemporaryFile("w", dir=self._folder, encoding="utf-8", delete=False) as file:
                file.write(answer)
            os.replace(file.name, self._folder / digest.hex())

    def _keep(self, digest: bytes, answer: str) -> None:
        self._used += len(answer) - len(self._answers.pop(digest, ""))
        self._answers[digest] = answer
        while self._used > self._size:
            self._used -= len(self._answers.popitem(last=False)[1])
