"""Writes requests that the official SDK signed, for a test of the server's side: signed_requests.py FILE [COUNT [SEED]].

They are odd on purpose: slashes within segments, repeated and empty query parameters, text of all alphabets, bodies that
are no text. Each goes through the SDK's own signer and through `requests`, which the SDK sends with, and is written as one
JSON object a line: `method`, `target`, `headers` (a list of name and value, the value as hexadecimal bytes), `body` (the
same), and `secret`.
"""

import hashlib
import json
import random
import string
import sys
from urllib.parse import quote

import requests
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

COUNT = 500
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]
PLAIN = string.ascii_letters + string.digits
ODD = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~äßéλж漢字🙂"
TYPES = ["application/json", "application/json;charset=UTF-8", "application/bson", "text/plain"]


def text(draw, most, least=0):
    alphabet = draw.choice([PLAIN, PLAIN, PLAIN + ODD, ODD])
    return "".join(draw.choices(alphabet, k=draw.randint(least, most)))


def path(draw):
    segments = [text(draw, 12, 1) for _ in range(draw.randint(1, 6))]
    # Dot segments are resolved before sending.
    segments = ["x" if set(segment) == {"."} else segment for segment in segments]
    end = draw.choice(["", "", "/"])
    return "/" + "/".join(quote(segment, safe="") for segment in segments) + end


def query(draw):
    pairs = [(text(draw, 8, 1), text(draw, 10)) for _ in range(draw.randint(0, 6))]
    if pairs and draw.random() < 0.5:
        pairs.append((pairs[0][0], text(draw, 4)))
        pairs.append(draw.choice(pairs))
    if draw.random() < 0.2:
        pairs.append(("list", [text(draw, 4) for _ in range(draw.randint(1, 4))]))
    if draw.random() < 0.2:
        pairs.append(("flag", draw.choice([True, False])))
    # The signer sorts them, and cannot compare a list with a text.
    return pairs if len({name for name, _ in pairs} & {"list", "flag"}) == 0 else dict(pairs).items()


def value(draw):
    printable = "".join(character for character in text(draw, 30, 1) if character.isprintable())
    return draw.choice(["", " ", "  "]) + (printable.strip() or "x") + draw.choice(["", " "])


def headers(draw):
    headers = {"Content-Type": draw.choice(TYPES)}
    for name in ["User-Agent", "X-Project-Id", "X-Request-Source", "X-Security-Token", "X-With-underscore_in-it"]:
        if draw.random() < 0.5:
            headers[name] = value(draw)
    if draw.random() < 0.2:
        headers["Host"] = "workspace.cn-north-4.myhuaweicloud.com"
    if draw.random() < 0.1:
        del headers["Content-Type"]
    return headers


def body(draw):
    kind = draw.randrange(5)
    if kind == 0:
        return None
    if kind == 1:
        return b""
    if kind == 2:
        return json.dumps({text(draw, 5, 1): text(draw, 20)}).encode()
    return draw.randbytes(draw.randint(1, 300))


def signed(draw):
    access, secret = "".join(draw.choices(PLAIN, k=20)), text(draw, 50, 8)
    secret = "".join(character for character in secret if "!" <= character <= "~") or "secret"
    content, fields = body(draw), headers(draw)
    if content and draw.random() < 0.2:
        fields["X-Sdk-Content-Sha256"] = hashlib.sha256(content).hexdigest()
    request = SdkRequest(
        method=draw.choice(METHODS),
        schema="http",
        host="127.0.0.1:8080",
        resource_path=path(draw),
        query_params=list(query(draw)),
        header_params=fields,
        body=content,
    )
    Signer(BasicCredentials(access, secret)).sign(request)
    fields = {name: value.encode("latin-1") for name, value in request.header_params.items()}
    prepared = requests.Request(request.method, request.url, headers=fields, data=content).prepare()
    return {
        "method": prepared.method,
        "target": prepared.path_url,
        "headers": [[name, (value if isinstance(value, bytes) else value.encode()).hex()]
                    for name, value in prepared.headers.items()],
        "body": (prepared.body or b"").hex(),
        "secret": secret,
    }


def main(file, count=COUNT, seed=0):
    draw = random.Random(int(seed))
    with open(file, "w", encoding="ascii") as out:
        for _ in range(int(count)):
            print(json.dumps(signed(draw)), file=out)


if __name__ == "__main__":
    main(*sys.argv[1:])
