"""Read a notebook file whatever an editor, a download or an accident did to it, or say why it cannot be read."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from keras_autograder.intake.cell_ids import usable_id
from keras_autograder.intake.notes import Note
from keras_autograder.intake.plain_files import NotAFile, open_file

SIZE_LIMIT = 50_000_000

# Far above any notebook that was written by hand; checking and parsing larger ones would take minutes.
_MOST_CELLS = 5000
_MOST_CODE = 2_000_000

_CELL_TYPES = ("code", "markdown", "raw")
_FIELDS = {"cell_type", "id", "metadata", "source"}
_SUPERFLUOUS_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[\]}])', re.DOTALL)
_CELLS = re.compile(r'"cells"\s*:\s*\[')
_CELL_START = re.compile(
    r'\{\s*"(?:attachments|cell_type|collapsed|execution_count|id|input|metadata|outputs|source)"\s*:'
)
# Searching on in a broken file costs a scan for each place where a cell may begin.
_MOST_CELLS_SCANNED = 2000
_OTHER_KINDS = {
    b"PK\x03\x04": "it is an archive (zip, Word or the like)",
    b"\x1f\x8b": "it is an archive (gzip)",
    b"%PDF": "it is a PDF document",
    b"\x89PNG": "it is a picture",
    b"version https://git-lfs": "it is a Git LFS pointer; the notebook itself is elsewhere",
}


class UnreadableNotebook(Exception):
    """A file that no notebook can be made of.

    Attributes:
        reason: str, why, as a student reads it.
    """

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


def read_notebook(path: Path, size_limit: int = SIZE_LIMIT) -> tuple[NotebookNode, list[Note]]:
    """Read a notebook tolerantly. Links are not followed.

    Args:
        path: Path.
        size_limit: int, in bytes; larger files are not read.

    Returns:
        tuple of NotebookNode, valid and of nbformat 4.5, and a list of Note on what was wrong with the file.

    Raises:
        UnreadableNotebook: if the file holds no notebook that could be graded.
    """
    notes: list[Note] = []
    data = _parse(_decode(_read_bytes(path, size_limit), notes), notes)
    return _as_notebook(data, notes), notes


def _read_bytes(path: Path, size_limit: int) -> bytes:
    try:
        with open_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > size_limit:
                raise UnreadableNotebook(
                    f"the file is too large: {size / 1e6:.0f} MB, and the limit is {size_limit / 1e6:.0f} MB. "
                    "Clear the outputs and hand it in again"
                )
            content = file.read(size_limit + 1)
    except NotAFile as error:
        raise UnreadableNotebook("it is not a file") from error
    except OSError as error:
        reason = "it is a link to somewhere else" if path.is_symlink() else str(error.strerror).lower()
        raise UnreadableNotebook(f"the file could not be opened: {reason}") from error
    if not content.strip(b" \t\r\n\x00"):
        raise UnreadableNotebook("the file is empty")
    for start, reason in _OTHER_KINDS.items():
        if content.startswith(start):
            raise UnreadableNotebook(reason)
    return content


def _decode(content: bytes, notes: list[Note]) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        notes.append(Note("The file was not saved as UTF-8. Non-English letters may look wrong."))
        return content.decode("cp1252", errors="replace")


def _parse(text: str, notes: list[Note]) -> dict[str, Any]:
    text = text.strip()
    if text.startswith("<"):
        raise UnreadableNotebook("it is a web page, not a notebook: download the .ipynb file itself")
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        data = _repaired_json(text, notes)
    if isinstance(data, dict) and isinstance(data.get("content"), dict):
        # The answer of a Jupyter server, saved instead of the file in it.
        data = data["content"]
    if not isinstance(data, dict) or not any(isinstance(data.get(key), list) for key in ("cells", "worksheets")):
        raise UnreadableNotebook("it is not a notebook: it has no cells")
    return data


def _repaired_json(text: str, notes: list[Note]) -> Any:
    try:
        data = json.loads(_SUPERFLUOUS_COMMA.sub(lambda match: match[1] or "", text), strict=False)
        notes.append(Note("The file was not valid JSON: it had too many commas."))
        return data
    except (ValueError, RecursionError):
        pass
    cells = list(_complete_cells(text))
    if not cells:
        raise UnreadableNotebook("it is not a notebook: it is not valid JSON, and no cell in it is complete")
    number = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
    notes.append(Note(f"The file is damaged or cut off. {number} of it could be read; the rest is lost."))
    if any("input" in cell for cell in cells):
        return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells, "metadata": {}}]}
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}


def _complete_cells(text: str) -> Iterator[dict[str, Any]]:
    """The complete cells of a broken file, in their order."""
    decoder = json.JSONDecoder(strict=False)
    start = _CELLS.search(text)
    position = start.end() if start else len(text)
    for _ in range(_MOST_CELLS_SCANNED):
        begin = _CELL_START.search(text, position)
        if begin is None:
            return
        position = begin.start() + 1
        try:
            cell, end = decoder.raw_decode(text, begin.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(cell.get("cell_type"), str) and ("source" in cell or "input" in cell):
            position = end
            yield cell


def _as_notebook(data: dict[str, Any], notes: list[Note]) -> NotebookNode:
    version = data.get("nbformat")
    if "worksheets" in data or (version in (1, 2, 3) and not isinstance(version, bool)):
        data = _from_old_format(data)
        notes.append(Note("The notebook was saved in a format from before 2015; it was converted."))
    cells = [_cell(one) for one in data["cells"] if isinstance(one, dict)]
    code = sum(len(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    if len(cells) > _MOST_CELLS or code > _MOST_CODE:
        raise UnreadableNotebook(f"it is too large, with {len(cells)} cells and {code / 1e6:.1f} MB of code")
    taken: set[str] = set()
    for number, cell in enumerate(cells):
        cell["id"] = usable_id(cell.get("id"), f"cell-{number}", taken)
        taken.add(cell["id"])
    metadata = _notebook_metadata(data.get("metadata"))
    notebook = nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})
    _drop_what_is_invalid(notebook)
    return notebook


def _from_old_format(data: dict[str, Any]) -> dict[str, Any]:
    try:
        data.setdefault("nbformat", 3)
        data.setdefault("nbformat_minor", 0)
        data.setdefault("metadata", {})
        converted: dict[str, Any] = nbformat.convert(nbformat.from_dict(data), 4)
        return converted
    # The upgrade takes for granted that an old notebook is valid, and fails in any way when it is not.
    except Exception as error:
        raise UnreadableNotebook("it is in a format from before 2015 that could not be converted") from error


def _notebook_metadata(found: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = dict(found) if isinstance(found, dict) else {}
    kernel = metadata.get("kernelspec")
    if not isinstance(kernel, dict) or not all(isinstance(kernel.get(key), str) for key in ("name", "display_name")):
        metadata.pop("kernelspec", None)
    language = metadata.get("language_info")
    if not isinstance(language, dict) or not isinstance(language.get("name"), str):
        metadata.pop("language_info", None)
    # nbconvert takes these for text and lists and fails where they are not.
    for key, kind in {"language": str, "title": str, "authors": list, "orig_nbformat": int}.items():
        if key in metadata and not isinstance(metadata[key], kind):
            del metadata[key]
    return metadata


def _cell(data: dict[str, Any]) -> dict[str, Any]:
    kind = next((one for one in _CELL_TYPES if one == data.get("cell_type")), "raw")
    cell = {key: value for key, value in data.items() if key in _FIELDS}
    cell["cell_type"] = kind
    cell["source"] = _joined(data.get("source"))
    cell["metadata"] = _cell_metadata(data.get("metadata"))
    if kind == "code":
        outputs = data.get("outputs")
        cell["outputs"] = (
            [_output(one) for one in outputs if isinstance(one, dict)] if isinstance(outputs, list) else []
        )
        count = data.get("execution_count")
        cell["execution_count"] = count if isinstance(count, int) and not isinstance(count, bool) else None
    elif isinstance(data.get("attachments"), dict):
        cell["attachments"] = data["attachments"]
    return cell


def _cell_metadata(found: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = dict(found) if isinstance(found, dict) else {}
    tags = metadata.get("tags")
    if "tags" in metadata and not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
        del metadata["tags"]
    return metadata


def _output(data: dict[str, Any]) -> dict[str, Any]:
    output = dict(data)
    if "text" in output:
        output["text"] = _joined(output["text"])
    if isinstance(output.get("data"), dict):
        output["data"] = {
            kind: value if kind.endswith("json") else _joined(value) for kind, value in output["data"].items()
        }
    return output


def _joined(text: Any) -> str:
    if isinstance(text, list):
        text = "".join(line for line in text if isinstance(line, str))
    if not isinstance(text, str):
        return ""
    # Half of a pair of surrogates can stand in JSON, but in no file.
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _drop_what_is_invalid(notebook: NotebookNode) -> None:
    """Outputs are the first to be invalid, and grading makes them anew; then metadata that is nobody's answer."""
    for drop in (_drop_outputs, _drop_metadata):
        if _is_writable(notebook) and nbformat.validator.isvalid(notebook):
            return
        drop(notebook)


def _drop_outputs(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.pop("attachments", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def _drop_metadata(notebook: NotebookNode) -> None:
    notebook.metadata = NotebookNode()
    for cell in notebook.cells:
        cell.metadata = NotebookNode()


def _is_writable(notebook: NotebookNode) -> bool:
    try:
        json.dumps(notebook, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        return False
    return True
