"""Prints the header fields of a request with credentials: credentials.py token|signature|temporary ADDRESS PATH."""

import hashlib
import hmac
import json
import sys
import time
import urllib.request

ACCESS, SECRET = "WKSMOCKACCESSKEY0001", "wksmockSecretKey00000000000000000000000001"
PROJECT = "0bec5db98280d2d02fd6c00c2de791ce"


def post(address, path, body, headers):
    request = urllib.request.Request(f"http://{address}{path}", json.dumps(body).encode(), headers)
    request.add_header("Content-Type", "application/json")
    return urllib.request.urlopen(request)


def token(address):
    user = {"domain": {"name": "wksmock"}, "name": "developer", "password": "wksmock-password"}
    identity = {"methods": ["password"], "password": {"user": user}}
    body = {"auth": {"identity": identity, "scope": {"project": {"id": PROJECT}}}}
    return post(address, "/v3/auth/tokens", body, {}).headers["X-Subject-Token"]


def signature(address, path, access, secret, more):
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    known = {"content-type": "application/json", "host": address, "user-agent": "wksmock-bench"}
    fields = dict(sorted({**known, "x-sdk-date": date, "x-project-id": PROJECT, **more}.items()))
    lines = "".join(f"{name}:{value}\n" for name, value in fields.items())
    names = ";".join(fields)
    canonical = f"GET\n{path}/\n\n{lines}\n{names}\n{hashlib.sha256().hexdigest()}"
    text = f"SDK-HMAC-SHA256\n{date}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signed = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    shown = {"X-Sdk-Date": date, "X-Project-Id": PROJECT, **more}
    shown["Authorization"] = f"SDK-HMAC-SHA256 Access={access}, SignedHeaders={names}, Signature={signed}"
    return [f"{name}: {value}" for name, value in shown.items()]


def main(kind, address, path):
    if kind == "token":
        return [f"X-Auth-Token: {token(address)}"]
    if kind == "signature":
        return signature(address, path, ACCESS, SECRET, {})
    body = {"auth": {"identity": {"methods": ["token"], "token": {"duration_seconds": 900}}}}
    answer = post(address, "/v3.0/OS-CREDENTIAL/securitytokens", body, {"X-Auth-Token": token(address)})
    key = json.load(answer)["credential"]
    return signature(address, path, key["access"], key["secret"], {"x-security-token": key["securitytoken"]})


print("\n".join(main(*sys.argv[1:])))
