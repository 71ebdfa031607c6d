"""Folders appear whole or not at all, and are believed only when intact."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import struct
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import pytest

from hrm_specialists import storage
from hrm_specialists.errors import (
    CheckpointError,
    CheckpointWriteFailed,
    CorruptCheckpoint,
    IncompatibleCheckpoint,
    UnsafeCheckpoint,
)
from hrm_specialists.plain_data import check_plain
from hrm_specialists.storage import MANIFEST, read_folder, remove_folder, write_folder


def tensors(entries: dict[str, object] | str, data: bytes = b"") -> bytes:
    """A safetensors file with this header, right or wrong."""
    header = entries if isinstance(entries, str) else json.dumps(entries)
    return struct.pack("<Q", len(header)) + header.encode() + data


def floats(
    *offsets: int, shape: list[object] | None = None, dtype: str = "F32"
) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape or [2], "data_offsets": list(offsets)}


FILES = {
    "config.json": b'{"format": 1}',
    "README.md": b"# A card\n",
    "model.safetensors": tensors({"w": floats(0, 8), "v": floats(8, 16)}, bytes(range(16))),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "specialists" / "one"
    write_folder(path, FILES)
    return path


def test_what_is_written_is_read_and_written_once(folder: Path) -> None:
    assert read_folder(folder) == FILES
    assert os.listdir(folder.parent) == [folder.name]
    with pytest.raises(CheckpointWriteFailed, match="there already"):
        write_folder(folder, {"config.json": b"{}"})
    assert read_folder(folder) == FILES


def test_nothing_is_written_that_would_not_be_read(tmp_path: Path) -> None:
    names = {"../config.json": b"{}", "sub/config.json": b"{}", "setup.py": b"print()"}
    names |= {"model": b"", "config.json": b"{", MANIFEST: b"{}", "model.safetensors": b"short"}
    for files in (*({n: d} for n, d in names.items()), {f"{n}.txt": b"" for n in range(100)}):
        with pytest.raises(CheckpointWriteFailed):
            write_folder(tmp_path / "one", files)
        assert os.listdir(tmp_path) == []


def test_every_altered_byte_is_caught(folder: Path) -> None:
    rng = random.Random(1)
    originals = {path: path.read_bytes() for path in sorted(folder.iterdir())}
    for _ in range(2000):
        path = rng.choice(list(originals))
        damaged = bytearray(originals[path])
        damaged[rng.randrange(len(damaged))] ^= rng.randrange(1, 256)
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError):
            read_folder(folder)
        path.write_bytes(originals[path])
    assert read_folder(folder) == FILES


def test_a_cut_or_missing_file_or_folder_is_corrupt(folder: Path) -> None:
    for name in (*FILES, MANIFEST):
        whole = (folder / name).read_bytes()
        for length in range(len(whole)):
            (folder / name).write_bytes(whole[:length])
            with pytest.raises(CheckpointError):
                read_folder(folder)
        (folder / name).unlink()
        with pytest.raises(CorruptCheckpoint):
            read_folder(folder)
        (folder / name).write_bytes(whole)
    for none in (folder.parent / "missing", folder / "README.md"):
        with pytest.raises(CorruptCheckpoint, match="no folder"):
            read_folder(none)


# Each gets an intact folder, and makes something hostile of it.


def listed(folder: Path, name: str, data: bytes) -> None:
    """Put a file in and list it, hash and all, as an attacker would."""
    (folder / name).write_bytes(data)
    files = {p.name: p.read_bytes() for p in folder.iterdir() if p.name != MANIFEST}
    (folder / MANIFEST).write_bytes(storage._manifest(files))


def header(text: dict[str, object] | str, data: bytes = b"") -> Callable[[Path], None]:
    """A model file with this header, duly listed."""
    return lambda folder: listed(folder, "model.safetensors", tensors(text, data))


def manifest_names(name: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        manifest = json.loads((folder / MANIFEST).read_text())
        manifest["files"][name] = {"sha256": "0" * 64, "size": 0}
        (folder / MANIFEST).write_bytes(storage._canonical(manifest["files"]))

    return make


def linked(folder: Path) -> None:
    target = folder.parent / "elsewhere.safetensors"
    target.write_bytes((folder / "model.safetensors").read_bytes())
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").symlink_to(target)


def piped(folder: Path) -> None:
    """Reading it would wait for ever."""
    (folder / "README.md").unlink()
    os.mkfifo(folder / "README.md")


def huge(folder: Path) -> None:
    """A sparse file that claims a terabyte."""
    with (folder / "model.safetensors").open("r+b") as file:
        file.truncate(1 << 40)


def crowded(folder: Path) -> None:
    """More files than anybody needs."""
    for n in range(1000):
        (folder / f"{n}.txt").touch()


PICKLE = b"\x80\x04cos\nsystem\n(S'touch /tmp/pwned'\ntR."
LENGTH_BOMB = struct.pack("<Q", (1 << 63) - 1) + b"{}"

HOSTILE: dict[str, Callable[[Path], object]] = {
    "unlisted script": lambda f: (f / "run.py").write_text("raise SystemExit"),
    "unlisted file": lambda f: (f / "more.json").write_text("{}"),
    "listed script": lambda f: listed(f, "run.py", b"raise SystemExit"),
    "listed pickle": lambda f: listed(f, "model.pkl", PICKLE),
    "pickle called safetensors": lambda f: listed(f, "model.safetensors", PICKLE),
    "library": lambda f: listed(f, "kernel.so", b"\x7fELF"),
    "no ending": lambda f: listed(f, "model", b""),
    "hidden file": lambda f: (f / ".pth").write_text("import os"),
    "link": linked,
    "pipe": piped,
    "folder inside": lambda f: (f / "sub").mkdir(),
    "name goes up": manifest_names("../../secret.json"),
    "absolute name": manifest_names("/etc/passwd"),
    "name with NUL": manifest_names("a\0.json"),
    "terabyte": huge,
    "thousand files": crowded,
    "manifest repeats a key": lambda f: (f / MANIFEST).write_text(
        '{"files": {}, "files": {}, "format": 1}'
    ),
    "manifest nests deep": lambda f: (f / MANIFEST).write_text("[" * 40_000),
    "manifest of brackets": lambda f: (f / MANIFEST).write_text("[" + "[]," * 10**6),
    "manifest of numbers": lambda f: (f / MANIFEST).write_text("9" * 10**6),
    "config repeats a key": lambda f: listed(f, "config.json", b'{"a": 1, "a": 2}'),
    "config of brackets": lambda f: listed(f, "config.json", b"[" + b"{}," * 10**6 + b"1]"),
    "config of text": lambda f: listed(f, "config.json", b"\xff\xfe"),
    "header length bomb": lambda f: listed(f, "model.safetensors", LENGTH_BOMB),
    "header repeats a tensor": header(
        '{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},'
        '"w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
        b"ab",
    ),
    "tensors overlap": header({"w": floats(0, 8), "v": floats(4, 12)}, bytes(12)),
    "tensors leave a gap": header({"w": floats(0, 8), "v": floats(12, 20)}, bytes(20)),
    "tensor outside the file": header({"w": floats(0, 8)}, bytes(4)),
    "bytes after the tensors": header({"w": floats(0, 8)}, bytes(12)),
    "backward offsets": header({"w": floats(8, 0)}, bytes(8)),
    "negative side": header({"w": floats(0, 8, shape=[-1, -2])}, bytes(8)),
    "huge product": header({"w": floats(0, 8, shape=[1 << 40] * 16)}, bytes(8)),
    "ten thousand sides": header({"w": floats(0, 4, shape=[1] * 10_000)}, bytes(4)),
    "unknown dtype": header({"w": floats(0, 8, dtype="OBJECT")}, bytes(8)),
    "true as a side": header({"w": floats(0, 4, shape=[True])}, bytes(4)),
    "extra field": header({"w": {**floats(0, 8), "run": "os.system"}}, bytes(8)),
    "metadata of objects": header({"__metadata__": {"a": {}}, "w": floats(0, 8)}, bytes(8)),
    "header a list": header("[1]"),
    "no header": header("{"),
}


@contextmanager
def little_memory() -> Iterator[None]:
    """At most 64 MB may be taken."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_folder_is_refused_quickly(folder: Path, kind: str) -> None:
    """Within a second and 64 MB, as unsafe and not merely as damaged."""
    HOSTILE[kind](folder)
    started = perf_counter()
    with little_memory(), pytest.raises(UnsafeCheckpoint):
        read_folder(folder)
    assert perf_counter() - started < 1


def test_the_largest_json_stays_small() -> None:
    """What is let through to the parser cannot fill the memory."""
    for part, times in (('{"":0},', 49_000), ("1e1,", 10**6), ('"\\u00e9",', 400_000)):
        text = f"[{part * times}1]"
        with little_memory():
            check_plain("config.json", text.encode(), len(text))


def test_another_version_is_said_to_be_one(folder: Path) -> None:
    path = folder / MANIFEST
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(IncompatibleCheckpoint):
        read_folder(folder)


def test_refusing_imports_no_torch(folder: Path) -> None:
    """Whatever is in the folder, nothing that could run it is loaded yet."""
    (folder / "run.py").write_text("raise SystemExit")
    code = (
        "import sys; from pathlib import Path\n"
        "from hrm_specialists.storage import read_folder\n"
        "from hrm_specialists.errors import UnsafeCheckpoint\n"
        "try: read_folder(Path(sys.argv[1]))\n"
        "except UnsafeCheckpoint: print('torch' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=30
    )
    assert done.stdout.strip() == "False", done.stderr


class FailingDisk(storage.Disk):
    """A disk whose k-th call fails, and that takes a few bytes at a time."""

    def __init__(self, fails_at: int, code: int = errno.EIO) -> None:
        self.calls, self.fails_at, self.code = 0, fails_at, code

    def _count(self) -> None:
        self.calls += 1
        if self.calls == self.fails_at:
            raise OSError(self.code, os.strerror(self.code))

    def write(self, fd: int, data: memoryview) -> int:
        self._count()
        return super().write(fd, data[:100])

    def sync(self, fd: int) -> None:
        self._count()
        super().sync(fd)

    def rename(self, source: Path, target: Path) -> None:
        self._count()
        super().rename(source, target)


def failures(monkeypatch: pytest.MonkeyPatch, code: int) -> Iterator[FailingDisk]:
    """Disks failing at the first call, the second, ... until one does not."""
    fails_at = 0
    while True:
        fails_at += 1
        disk = FailingDisk(fails_at, code)
        monkeypatch.setattr(storage, "disk", disk)
        yield disk
        if disk.calls < fails_at:
            return


def test_a_failing_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for code in (errno.EIO, errno.ENOSPC):
        home, failed = tmp_path / str(code), 0
        for disk in failures(monkeypatch, code):
            try:
                write_folder(home / "one", FILES)
            except CheckpointWriteFailed:
                failed += 1
                assert not home.exists() or os.listdir(home) == []
            else:
                assert disk.calls < disk.fails_at
        assert read_folder(home / "one") == FILES
        assert failed > 12


def test_a_failed_removal_leaves_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "disk", FailingDisk(1))
    with pytest.raises(OSError, match="error"):
        remove_folder(folder)
    assert read_folder(folder) == FILES
    with pytest.raises(CheckpointWriteFailed):
        write_folder(folder / "README.md" / "one", FILES)


WRITER = """
import sys
from pathlib import Path
from hrm_specialists.storage import remove_folder, write_folder
root, step = Path(sys.argv[1]), int(sys.argv[2])
while True:
    step += 1
    data = step.to_bytes(4, "little") * 5000
    write_folder(root / f"{step:06d}", {"a.txt": data, "b.txt": data})
    print("ready", flush=True)
    for old in sorted(root.glob("0*"))[:-2]:
        remove_folder(old)
"""


def test_a_killed_writer_leaves_whole_folders(tmp_path: Path) -> None:
    """The newest folder is intact each time; the next writer sweeps away what was half-written."""
    root, rng, newest = tmp_path, random.Random(2), 0
    for _ in range(15):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(root), str(newest)], stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        with writer.stdout:
            assert writer.stdout.readline() == b"ready\n"
            end = perf_counter() + rng.random() * 0.03
            while perf_counter() < end:
                pass
            writer.send_signal(signal.SIGKILL)
            writer.wait(10)
        for path in root.glob("0*"):
            data = read_folder(path)["a.txt"]
            assert data == int(path.name).to_bytes(4, "little") * 5000
        steps = [int(path.name) for path in root.glob("0*")]
        assert not newest or max(steps) >= newest
        newest = max(steps, default=0)
    write_folder(root / "last", FILES)
    assert not [name for name in os.listdir(root) if name.startswith(".")]
    assert newest > 0, "no writer ever finished a folder"
