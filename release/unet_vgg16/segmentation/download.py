"""Download an archive from a web server, with progress, resume and checksum, and unpack the pictures in it.

It needs the standard library alone. Archives are not trusted: members that would end up outside the folder are refused.
"""

import hashlib
import lzma
import os
import re
import shutil
import ssl
import stat
import tarfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Sequence
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, Any

from .errors import DataError
from .progress_line import ProgressLine

PICTURES = (".png", ".jpg", ".jpeg")
CHUNK = 1 << 18
TIMEOUT_SECONDS = 30
ATTEMPTS_WITHOUT_PROGRESS = 3
PAUSE_SECONDS = 1.0


def download(url: str, folder: str | Path, sha256: str | None = None, advice: str = "") -> Path:
    """Download a file, and show the progress in one line.

    What has arrived is kept in a file that ends in .part; after a break the download resumes from there, by itself
    a few times, and otherwise when it is called again. A file that exists already is not downloaded again.

    Args:
        url: str, http or https.
        folder: where the file goes, str or path; made if missing.
        sha256: str, the file's SHA-256 in hexadecimal, or None to do without.
        advice: str, what to do where the server sends nothing; the end of that error's message.

    Returns:
        pathlib.Path: the file.

    Raises:
        DataError: the server cannot be reached or refuses, the connection breaks off again and again, or the file
            does not have the expected checksum; then it is deleted.
        OSError: the folder cannot be written to.
    """
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise DataError(f"{url} is not a web address: it must begin with http:// or https://")
    if sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise DataError(f"{sha256} is not a SHA-256: that has 64 digits from 0-9 and a-f.")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    # Two addresses may end alike.
    name = re.sub(r"[^\w.-]", "_", Path(parts.path).name) or "download"
    path = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:8]}_{name}"
    if not path.exists():
        _download_part(url, path, advice)
    digest = _sha256(path)
    if sha256 is None:
        print(f"SHA-256 {digest}")
    elif digest != sha256.lower():
        path.unlink()
        raise DataError(
            f"The file from {url} is not the one expected; it was deleted.\n"
            f"  expected SHA-256 {sha256.lower()}\n  received SHA-256 {digest}\n"
            "Compare the address and the checksum with their source, then try again."
        )
    return path


def _download_part(url: str, path: Path, advice: str) -> None:
    part, version_file = path.with_name(path.name + ".part"), path.with_name(path.name + ".version")
    failures = 0
    while True:
        before = _size(part)
        total, problem = _download_rest(url, part, version_file, advice)
        arrived = _size(part)
        if problem is None:
            os.replace(part, path)
            version_file.unlink(missing_ok=True)
            return
        failures = 0 if arrived > before else failures + 1
        if failures == ATTEMPTS_WITHOUT_PROGRESS:
            break
        time.sleep(PAUSE_SECONDS)
    if arrived:
        raise DataError(
            f"The download of {url} broke off after {_megabytes(arrived, total)} ({problem}).\n"
            "Run the same command again: it resumes from there."
        )
    message = f"Nothing came from {url} ({problem}).\nAre you online, and is the address right?\n{advice}"
    raise DataError(message.rstrip())


def _download_rest(url: str, part: Path, version_file: Path, advice: str) -> tuple[int | None, str | None]:
    """Append what is missing to a file; return (bytes in all or None, None or what went wrong)."""
    there, total = _size(part), None
    headers = {"User-Agent": "segmentation", "Accept-Encoding": "identity"}
    if there:
        headers["Range"] = f"bytes={there}-"
        if version_file.exists():
            # The server then sends all of it if the file has changed since.
            headers["If-Range"] = version_file.read_text(encoding="utf-8")
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=TIMEOUT_SECONDS) as answer:
            length = answer.headers.get("Content-Length")
            if answer.status == 206:
                sent = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", answer.headers.get("Content-Range", ""))
                if sent is None or int(sent[1]) != there:
                    part.unlink()
                    return None, "the server sent a different part from the one requested"
                total = int(sent[2])
            else:
                there, total = 0, None if length is None else int(length)
                version = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
                version_file.unlink(missing_ok=True)
                if version and not version.startswith("W/"):  # a weak tag must not stand in If-Range
                    version_file.write_text(version, encoding="utf-8")
            _append(answer, part, there, total)
    except urllib.error.HTTPError as error:
        if error.code == 416:
            # Nothing comes after what is there: it is the whole file, or a longer one that has changed.
            if error.headers.get("Content-Range", "").rpartition("/")[2] == str(there):
                return there, None
            part.unlink()
            return None, "the file on the server has changed"
        if error.code < 500:
            message = f"The server of {url} answers: {error.code} {error.reason}. Check the address.\n{advice}"
            raise DataError(message.rstrip()) from None
        return None, f"the server answers: {error.code} {error.reason}"
    except urllib.error.URLError as error:
        return None, getattr(error.reason, "strerror", None) or str(error.reason)
    except (HTTPException, ConnectionError, TimeoutError, ssl.SSLError) as error:
        return total, str(error) or "the connection broke off"
    # A connection that closes early reads like the end of the file.
    return total, None if total is None or _size(part) == total else "the connection broke off"


def _append(answer: HTTPResponse, part: Path, there: int, total: int | None) -> None:
    with part.open("ab" if there else "wb") as file, ProgressLine() as line:
        try:
            while chunk := answer.read1(CHUNK):
                file.write(chunk)
                line.show(f"Downloaded {_megabytes(file.tell(), total)}")
        finally:
            line.show(f"Downloaded {_megabytes(file.tell(), total)}", is_last=True)


def _megabytes(count: int, total: int | None) -> str:
    return f"{count / 1e6:.1f} MB" if total is None else f"{count / 1e6:.1f} of {total / 1e6:.1f} MB"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpack(archive: str | Path, folder: str | Path) -> None:
    """Unpack the pictures of a zip or tar file.

    Args:
        archive: the file, str or path.
        folder: where the pictures go, str or path; made if missing.

    Raises:
        DataError: it is not a zip or tar file, it is damaged, it holds no picture, it needs more space than is free, or
            a member leads outside the folder or is a link; then nothing is unpacked.
        OSError: the folder cannot be written to.
    """
    archive, folder = Path(archive), Path(folder)
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as file:
                members = [
                    (member.filename, member.file_size, _kind_in_zip(member), member) for member in file.infolist()
                ]
                _unpack_members(archive, members, file.open, folder)
        elif tarfile.is_tarfile(archive):
            with tarfile.open(archive) as file:
                members = [(member.name, member.size, _kind_in_tar(member), member) for member in file]
                _unpack_members(archive, members, file.extractfile, folder)
        else:
            raise DataError(f"{archive} is neither a zip nor a tar file. Check the address that it came from.")
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, NotImplementedError) as error:
        raise DataError(f"{archive} is damaged ({error}). Delete it and download it again.") from None
    except RuntimeError:
        raise DataError(f"{archive} is encrypted: unpack it yourself, then import the folder.") from None


def _kind_in_zip(member: zipfile.ZipInfo) -> str:
    if member.is_dir():
        return "folder"
    return "link" if stat.S_ISLNK(member.external_attr >> 16) else "file"


def _kind_in_tar(member: tarfile.TarInfo) -> str:
    return "folder" if member.isdir() else "file" if member.isfile() else "link"


def _unpack_members(
    archive: Path,
    members: Sequence[tuple[str, int, str, Any]],
    open_member: Callable[[Any], IO[bytes]],
    folder: Path,
) -> None:
    pictures: list[tuple[Path, int, Any]] = []
    for name, size, kind, member in members:
        # Windows takes a backslash for a separator and C: for a disk.
        steps = name.replace("\\", "/").split("/")
        if ".." in steps or not steps[0] or ":" in name:
            raise DataError(f"{archive} was not unpacked: its member {name!r} leads outside the folder.")
        if kind == "link":
            raise DataError(f"{archive} was not unpacked: its member {name!r} is a link, and could lead outside.")
        if kind == "file" and steps[-1].lower().endswith(PICTURES) and not steps[-1].startswith("."):
            pictures.append((folder.joinpath(*steps), size, member))
    if not pictures:
        raise DataError(f"{archive} holds no PNG or JPEG files. Check the address that it came from.")
    folder.mkdir(parents=True, exist_ok=True)
    needed, free = sum(size for _, size, _ in pictures), shutil.disk_usage(folder).free
    if needed > free:
        raise DataError(f"{archive} needs {needed / 1e6:,.0f} MB to unpack, but only {free / 1e6:,.0f} MB are free.")
    with ProgressLine() as line:
        for done, (path, _, member) in enumerate(pictures, start=1):
            path.parent.mkdir(parents=True, exist_ok=True)
            with open_member(member) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target)
            line.show(f"Unpacked {done:,} of {len(pictures):,} files", is_last=done == len(pictures))
