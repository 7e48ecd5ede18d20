"""Finds or installs a Python: `interpreter.py VERSION FOLDER` prints the path of its interpreter.

It takes `pythonVERSION` from the search path. Without that, it installs the Python that a Go module contains below FOLDER,
because a machine with Go can install any version so, without a compiler and without a package of its distribution.
"""

from __future__ import annotations

import gzip
import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path

MODULE = "github.com/kluctl/go-embed-python"
RELEASES = {
    "3.10": "v0.0.0-3.10.16-20241219-1",
    "3.14": "v0.0.0-3.14.6-20260610-1",
}
MACHINES = {"x86_64": "amd64", "arm64": "arm64", "aarch64": "arm64"}


def main(version: str, folder: Path) -> None:
    """Prints the path of the interpreter."""
    installed = folder / f"python-{version}"
    interpreter = installed / "bin/python3"
    found = shutil.which(f"python{version}")
    if found is None or not works(found):
        if not works(str(interpreter)):
            install(version, installed)
        found = str(interpreter)
    if not works(found):
        raise SystemExit(f"{found} does not run")
    print(found)


def works(interpreter: str) -> bool:
    """Returns whether an interpreter runs."""
    try:
        done = subprocess.run([interpreter, "-c", "import ssl"], capture_output=True)
    except OSError:
        return False
    return done.returncode == 0


def install(version: str, folder: Path) -> None:
    """Unpacks the Python of the Go module."""
    if shutil.which("go") is None:
        raise SystemExit(f"python{version} is missing: install it, or install Go")
    release = f"{MODULE}@{RELEASES[version]}"
    command = ["go", "mod", "download", "-json", release]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    module = json.loads(done.stdout or "{}")
    if "Dir" not in module:
        raise SystemExit(f"{release}: {module.get('Error', 'not downloaded')}")
    machine = MACHINES.get(platform.machine(), platform.machine())
    source = Path(module["Dir"], "python/internal/data", f"{sys.platform}-{machine}")
    files = json.loads((source / "files.json").read_text())["files"]
    shutil.rmtree(folder, ignore_errors=True)
    for file in files:
        unpack(source, file, folder / file["name"])


def unpack(source: Path, file: dict[str, object], target: Path) -> None:
    """Writes a file of the list of the module."""
    target.parent.mkdir(parents=True, exist_ok=True)
    name = str(file["name"])
    if "symlink" in file:
        target.symlink_to(str(file["symlink"]))
    elif (source / name).is_dir():
        target.mkdir(exist_ok=True)
    else:
        packed = source / f"{name}.gz"
        data = (
            gzip.decompress(packed.read_bytes())
            if file.get("compressed")
            else (source / name).read_bytes()
        )
        target.write_bytes(data)
        target.chmod(int(str(file["perm"])) & 0o777)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
