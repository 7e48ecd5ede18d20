"""Extracts the programs of README.md. The file name of a program follows the language of its code block."""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def programs() -> dict[str, str]:
    """Returns the programs by file name."""
    blocks = re.findall(r"```python (\S+\.py)\n(.*?)```", README.read_text(), re.DOTALL)
    return dict(blocks)


def write(folder: Path) -> None:
    """Writes the programs to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in programs().items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
