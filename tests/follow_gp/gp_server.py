#!/usr/bin/env python3
"""A geoprocessing server on the loopback interface with scripted responses.

    gp_server.py SCRIPT

SCRIPT is JSON:
    task      the path of the task
    log       file to which each request is appended: "GET /path?query", then "token …" if it had one
    job       responses for the job resource, in order; the last one is repeated
    cancel    responses for POST …/cancel, likewise; if missing, every cancel is accepted
    cancelled responses for the job resource after a cancel was accepted, likewise
    results   responses for …/results/NAME by name, likewise
    listen    false: binds its port, but listens only after the command "listen"
    cert, key PEM files: serves https
A response is {"json":…} or {"text":…}, optionally with "status" and "headers"; with {"hold":true} it is
sent only after the command "go"; {"drop":true} closes the connection instead.

Prints to stdout: "port N", "ready" once it listens, "held" when a response is held, "POST …" for each
POST. Reads commands from stdin: "listen", "go". Exits when stdin ends, and after two minutes at the
latest.
"""
import http.server
import json
import os
import ssl
import sys
import threading

MAX_LIFETIME_S = 120


class Script:
    """The responses that are left. Each request is handled on its own thread."""

    def __init__(self, config):
        self.config = config
        self.lock = threading.Lock()
        self.at = {}
        self.cancel_accepted = False
        self.listen = threading.Event()
        self.go = threading.Semaphore(0)

    def next_of(self, name, answers):
        with self.lock:
            at = self.at.get(name, 0)
            self.at[name] = at + 1
        return answers[min(at, len(answers) - 1)]

    def job(self):
        if self.cancel_accepted and "cancelled" in self.config:
            return self.next_of("cancelled", self.config["cancelled"])
        return self.next_of("job", self.config["job"])

    def result(self, name):
        answers = self.config.get("results", {}).get(name)
        if answers is None:
            return {"json": {"error": {"code": 400, "message": f"no result {name}", "details": []}}}
        return self.next_of(f"results/{name}", answers)

    def cancel(self):
        accepted = {"json": {"jobId": "j", "jobStatus": "esriJobCancelling"}}
        answer = self.next_of("cancel", self.config.get("cancel", [accepted]))
        if answer.get("status", 200) == 200 and "error" not in answer.get("json", {}):
            self.cancel_accepted = True
        return answer


def send(text):
    print(text, flush=True)


def make_handler(script):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def log_request_line(self):
            token = self.headers.get("X-Esri-Authorization")
            with script.lock, open(script.config["log"], "a", encoding="utf-8") as log:
                log.write(f"{self.command} {self.path}\n")
                if token:
                    log.write(f"token {token}\n")

        def answer(self, answer):
            if answer.get("hold"):
                send("held")
                script.go.acquire()
            if answer.get("drop"):
                self.close_connection = True
                return
            body = answer["text"] if "text" in answer else json.dumps(answer.get("json"))
            content = body.encode()
            self.send_response(answer.get("status", 200))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            for name, value in answer.get("headers", {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self):
            self.log_request_line()
            path = self.path.split("?")[0].removeprefix(script.config["task"] + "/jobs/")
            if "/results/" in path:
                self.answer(script.result(path.split("/results/")[1]))
            else:
                self.answer(script.job())

        def do_POST(self):
            self.log_request_line()
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = script.cancel()
            send(f"POST {self.path}")
            self.answer(answer)

    return Handler


def read_commands(script):
    for line in sys.stdin:
        if line.strip() == "listen":
            script.listen.set()
        elif line.strip() == "go":
            script.go.release()
    os._exit(0)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # The client closed the connection.


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        script = Script(json.load(file))
    end = threading.Timer(MAX_LIFETIME_S, os._exit, [3])
    end.daemon = True
    end.start()
    threading.Thread(target=read_commands, args=[script], daemon=True).start()
    server = Server(("127.0.0.1", 0), make_handler(script), bind_and_activate=False)
    server.server_bind()
    send(f"port {server.socket.getsockname()[1]}")
    if not script.config.get("listen", True):
        script.listen.wait()
    server.server_activate()
    if "cert" in script.config:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(script.config["cert"], script.config["key"])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    send("ready")
    server.serve_forever()


main()
