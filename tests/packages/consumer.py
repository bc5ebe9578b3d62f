"""A consumer of a running server: consumer.py URL [TOKEN].

Four tests at once, each with a clone of its own: one passes, one fails its expectation, one meets a fault, and one loses the
answer of a reset that was done. It prints a report, in which the failed test has its evidence, and ends with 0 if the server
judged all four as it should.
"""

import concurrent.futures
import http.client
import json
import sys
import urllib.error
import urllib.request

URL, TOKEN = sys.argv[1], "".join(sys.argv[2:])
PROJECT = "0bec5db98280d2d02fd6c00c2de791ce"
USER = "8a2c3f9579d240820179d51e6caf0001"
AT_MOST_TWICE = {"name": "calls twice at most", "when": {"user": USER}, "calls": {"max": 2}, "ends_with": 200}
NEVER_AGAIN = {"name": "repeats nothing that was done", "when": {"user": USER}, "after_lost": {"max": 0}}


def admin(path, body):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {TOKEN}"} if TOKEN else {})
    request = urllib.request.Request(f"{URL}/__admin/{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def reset(project):
    """The status of a reset, or None if the connection broke."""
    url = f"{URL}/v2/{project}/users/{USER}/random-password"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Content-Type": "application/json"}), timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, ConnectionError, http.client.HTTPException):
        return None


def test(rules, expected, statuses):
    """Resets until 200 or as often as there are statuses, and returns the statuses and the verdict."""
    clone = admin("projects", {"from": PROJECT, "scenario": {"rules": rules, "expect": [expected]}})["id"]
    met = [reset(clone) for _ in statuses]
    assert met == statuses, f"met {met}, expected {statuses}"
    return admin("verify", {"project": clone})


def report(name, verdict):
    lines = [f"{'passed' if verdict['passed'] else 'FAILED'}: {name}"]
    for expectation in verdict["expectations"]:
        if not expectation["passed"]:
            lines += [f"  {expectation['name']}: {', '.join(expectation['expected'])}"]
            lines += [f"  but: {miss}" for miss in expectation["misses"]]
            lines += [f"  call {call['call']} at {call['at_ms']} ms: {call['status']}" for call in expectation["seen"]]
    return "\n".join(lines)


def main():
    outage = {"name": "outage", "when": {"calls": "1"}, "status": 503}
    broken = {"name": "broken", "when": {"calls": "1"}, "fault": "reset"}
    lost = {"name": "done but lost", "when": {"calls": "1"}, "fault": "reset", "phase": "after"}
    cases = {
        "pass": ([outage], AT_MOST_TWICE, [503, 200]),
        "fail": ([outage], AT_MOST_TWICE, [503, 200, 200]),
        "fault": ([broken], AT_MOST_TWICE, [None, 200]),
        "done but lost": ([lost], NEVER_AGAIN, [None, 200]),
    }
    with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
        running = {name: pool.submit(test, *case) for name, case in cases.items()}
        verdicts = {name: future.result() for name, future in running.items()}
    text = "\n".join(report(name, verdict) for name, verdict in verdicts.items())
    print(text)
    judged = {name: verdict["passed"] for name, verdict in verdicts.items()}
    assert judged == {"pass": True, "fail": False, "fault": True, "done but lost": False}, judged
    for evidence in ["called 3 times: one too many", "call 3 at ", "1 further call", "call 2 at "]:
        assert evidence in text, f"the report lacks {evidence!r}"


main()
