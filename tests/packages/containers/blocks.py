"""Writes the files that a page shows into a folder: `blocks.py PAGE FOLDER NAME…`."""

import pathlib
import re
import sys

page, folder, *names = sys.argv[1:]
blocks = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", pathlib.Path(page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
for name in names:
    texts = [text for found, text in blocks if found == name]
    assert len(texts) == 1, f"{page} has {len(texts)} blocks named {name}"
    pathlib.Path(folder, name).write_text(texts[0], "utf-8")
