"""Runs the recipes of docs/examples/on-end as hooks of real jobs.

on_end_recipes.py RECIPES, with atlasjob in PATH, in an empty directory that is first in PATH as ./bin.
The programs that the recipes start are stand-ins, which pass their arguments on as JSON.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import queue
import shlex
import socket
import subprocess
import sys
import threading

RECIPES = sys.argv[1]
PIPE = os.path.abspath("pipe")
STAND_IN = f"""#!{sys.executable}
import json, sys
with open({PIPE!r}, "w") as pipe:
    print(json.dumps(sys.argv[1:]), file=pipe)
"""
SESSION = "7d9f6a1e-5b0c-4f52-9f0e-2f1f3d1c0a55"


def atlasjob(*args, **options):
    return subprocess.run(["atlasjob", *args], check=True, capture_output=True, text=True,
                          timeout=120, **options).stdout


def recipe(name, *args):
    return shlex.join([os.path.join(RECIPES, name), *args])


def submit(hook, *options, command=("true",)):
    return atlasjob("submit", "--on-end", hook, *options, "--", *command).strip()


def next_call():
    """The arguments of the next stand-in that runs."""
    with open(PIPE, encoding="utf-8") as pipe:
        return json.loads(pipe.readline())


def start_hook(name, *args, job, session, status="done"):
    environment = {**os.environ, "ATLASJOB_JOB_ID": job, "ATLASJOB_STATUS": status,
                   "ATLASJOB_SESSION": session, "ATLASJOB_ON_DEMAND_WORKER": "false"}
    return subprocess.Popen([os.path.join(RECIPES, name), *args], env=environment,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run_hook(name, *args, **options):
    hook = start_hook(name, *args, **options)
    out, err = hook.communicate(timeout=120)
    return subprocess.CompletedProcess(hook.args, hook.returncode, out, err)


def check_resuming():
    expected = {
        "claude": ["--resume", SESSION, "--print"],
        "codex": ["exec", "resume", SESSION],
        "opencode": ["run", "--session", SESSION],
    }
    for agent, start in expected.items():
        job = submit(recipe("resume-session", agent), "--session", SESSION, command=("false",))
        arguments = next_call()
        assert arguments[:-1] == start, arguments
        assert job in arguments[-1] and "error" in arguments[-1], arguments
    # The agents' own jobs belong to no session: their end wakes nobody.
    atlasjob("wait", "--kind", "resume-session")
    listed = json.loads(atlasjob("list", "--kind", "resume-session", "--json"))["jobs"]
    assert len(listed) == 3 and all(job["session"] is None for job in listed), listed


def check_resuming_one_at_a_time():
    job = submit("true")
    hooks = [start_hook("resume-session", "claude", job=job, session=SESSION) for _ in range(8)]
    ids = [hook.communicate(timeout=120)[0].strip() for hook in hooks]
    assert all(hook.returncode == 0 for hook in hooks) and len(set(ids)) == 8, ids
    other = run_hook("resume-session", "claude", job=job, session="another").stdout.strip()
    waits = {id: json.loads(atlasjob("status", id, "--json"))["after_ended"] for id in (*ids, other)}
    # One chain: each waits for another one, and the first for none.
    named = [id for id in ids for id in waits[id]]
    assert len(named) == len(set(named)) == 7 and set(named) < set(ids), waits
    assert waits[other] == [], waits
    # A worker may run them already: none may write to the pipe from here on.
    atlasjob("cancel", "--kind", "resume-session", "--yes", "--wait")


def check_hostile_sessions():
    job = submit("true")
    before = atlasjob("list", "--ids", "--kind", "resume-session")
    for session in ("", "--dangerously-skip-permissions", "-x", "a b", "$(touch hit)", "a;touch hit",
                    "a\nb", "../x"):
        result = run_hook("resume-session", "claude", job=job, session=session)
        assert result.returncode == 1, (session, result)
    assert run_hook("resume-session", "rm", job=job, session=SESSION).returncode == 2
    assert atlasjob("list", "--ids", "--kind", "resume-session") == before
    assert not os.path.exists("hit")


def check_notifying():
    submit(recipe("notify"), "--name", '-h <b>"$(touch hit)`touch hit` & more')
    arguments = next_call()
    assert arguments[:-2] == ["--app-name", "atlasjob", "--urgency", "normal", "--"], arguments
    assert arguments[-2] == "Job done", arguments
    assert "&lt;b>" in arguments[-1] and "&amp;" in arguments[-1], arguments
    assert not os.path.exists("hit")
    submit(recipe("notify"), command=("false",))
    assert "critical" in next_call()


class Receiver(http.server.BaseHTTPRequestHandler):
    """Answers with the codes of `codes` in turn, and keeps what it was sent."""

    codes = queue.Queue()
    received = queue.Queue()

    def do_POST(self):  # noqa: N802
        body = self.rfile.read(int(self.headers["content-length"]))
        self.received.put((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.codes.get())
        self.send_header("location", "/elsewhere")
        self.end_headers()

    do_GET = do_POST  # noqa: N815

    def log_message(self, *args):
        pass


def check_signature(headers, body, secret):
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode(), headers


def ends(job):
    return [json.loads(line) for line in atlasjob("events", job, "--ended", "--json").splitlines()]


def delivered(url, job, status):
    Receiver.codes.put(204)
    result = run_hook("webhook", url, job=job, session="", status=status)
    assert result.returncode == 0, result
    _, headers, body = Receiver.received.get(timeout=120)
    return headers["webhook-id"], json.loads(body)


def check_webhook_after_retry(url):
    """Each end has a message of its own, whatever the job's status is when its hook runs."""
    job = atlasjob("create", "--kind", "held", "--start").strip()
    atlasjob("finish", job, "--error", "broken")
    failed = ends(job)[-1]
    whole_id, whole = delivered(url, job, "error")
    assert whole["data"]["error"] == "broken" and whole["timestamp"] == failed["at"], whole
    atlasjob("retry", job)
    late_id, late = delivered(url, job, "error")
    assert late_id == whole_id == f"{job}.{failed['seq']}", (late_id, whole_id)
    assert late["timestamp"] == late["data"]["ended_at"] == failed["at"], late
    assert late["data"]["status"] == "error" and late["data"]["error"] is None, late
    atlasjob("cancel", job)
    other_id, other = delivered(url, job, "cancelled")
    assert other_id == f"{job}.{ends(job)[-1]['seq']}" != whole_id, other_id
    assert other["data"]["status"] == "cancelled", other


def check_webhook_failures(url, job):
    """One line says what is wrong; an answer that is no HTTP is tried again."""
    def refused(*args, **environment):
        os.environ.update(environment)
        result = run_hook("webhook", *args, job=job, session="")
        assert result.returncode == 1 and len(result.stderr.splitlines()) == 1, result
        assert result.stderr.startswith("webhook: "), result

    for bad in ("http://127.0.0.1:port/", "http://[", "http://a b/"):
        refused(bad)
    secret = os.environ["ATLASJOB_WEBHOOK_SECRET_FILE"]
    refused(url, ATLASJOB_WEBHOOK_SECRET_FILE=secret + ".missing")
    os.environ["ATLASJOB_WEBHOOK_SECRET_FILE"] = secret

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(120)
        hook = start_hook("webhook", f"http://127.0.0.1:{server.getsockname()[1]}/", job=job, session="")
        for answer in (b"garbage\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"):
            with server.accept()[0] as connection:
                read_request(connection)
                connection.sendall(answer)
        assert hook.wait(timeout=120) == 0, hook.communicate()
        hook.communicate()


def read_request(connection):
    with connection.makefile("rb") as stream:
        length = 0
        while line := stream.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        stream.read(length)


def check_webhook():
    secret = os.urandom(32)
    with open("secret", "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as file:
        file.write("whsec_" + base64.b64encode(secret).decode() + "\n")
    os.environ["ATLASJOB_WEBHOOK_SECRET_FILE"] = os.path.abspath("secret")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/hook"

    for code in (500, 204):
        Receiver.codes.put(code)
    job = submit(recipe("webhook", url), "--name", 'ünïcode "quoted"')
    tries = [Receiver.received.get(timeout=120) for _ in range(2)]
    assert tries[0][1]["webhook-id"] == tries[1][1]["webhook-id"] == f"{job}.{ends(job)[-1]['seq']}", tries
    for path, headers, body in tries:
        assert path == "/hook", path
        check_signature(headers, body, secret)
    message = json.loads(tries[1][2])
    assert message["type"] == "job.ended" and message["data"]["job_id"] == job, message
    assert message["data"]["name"] == 'ünïcode "quoted"', message

    check_webhook_after_retry(url)
    check_webhook_failures(url, job)

    # A redirect is a failure: the job is sent where it was to be sent, or nowhere.
    for _ in range(3):
        Receiver.codes.put(302)
    result = run_hook("webhook", url, job=job, session="")
    assert result.returncode == 1 and "302" in result.stderr, result
    assert {Receiver.received.get(timeout=120)[0] for _ in range(3)} == {"/hook"}
    assert Receiver.received.empty()
    os.chmod("secret", 0o640)
    result = run_hook("webhook", url, job=job, session="")
    assert result.returncode == 1 and "chmod 600" in result.stderr, result
    server.shutdown()


os.mkfifo(PIPE)
for name in ("claude", "codex", "opencode", "notify-send"):
    path = os.path.join("bin", name)
    with open(path, "w", encoding="utf-8") as program:
        program.write(STAND_IN)
    os.chmod(path, 0o755)
check_resuming()
check_resuming_one_at_a_time()
check_hostile_sessions()
check_notifying()
check_webhook()
