"""The OpenAPI document is valid, and the one that is checked in."""

import json
import urllib.request

from conftest import ROOT
from openapi_spec_validator import validate


def test_the_document_is_valid_and_checked_in(url):
    with urllib.request.urlopen(f"{url}/__admin/openapi.json") as answer:
        document = json.load(answer)
    validate(document)
    checked_in = json.loads((ROOT / "openapi.json").read_text())
    # A server names itself; the file names the usual place.
    assert [server["url"] for server in document.pop("servers")] == [url]
    del checked_in["servers"]
    assert document == checked_in
