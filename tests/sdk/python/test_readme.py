"""The Python code in the README does what the README says."""

import re
import subprocess
import sys

from conftest import PROJECT, ROOT, USER, password, serving


def test_the_sdk_example_prints_the_password():
    readme = (ROOT / "README.md").read_text()
    [code] = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert PROJECT in code
    with serving("--auth", "required") as url:
        code = code.replace("http://127.0.0.1:7070", url)
        printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert printed.strip() == password(USER, 1)
