"""The OpenAPI document is valid and matches the checked-in one."""

import json
import urllib.request

from conftest import ROOT
from openapi_spec_validator import validate


def test_document_is_valid_and_checked_in(url):
    with urllib.request.urlopen(f"{url}/__admin/openapi.json") as answer:
        served = answer.read().decode()
    validate(json.loads(served))
    checked_in = json.loads((ROOT / "openapi.json").read_text())
    # A server names its own address, also in sample code; the file names the default one.
    [usual] = [server["url"] for server in checked_in.pop("servers")]
    document = json.loads(served)
    assert [server["url"] for server in document.pop("servers")] == [url]
    assert json.loads(json.dumps(document).replace(url, usual)) == checked_in
