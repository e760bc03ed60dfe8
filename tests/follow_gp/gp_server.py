#!/usr/bin/env python3
"""A geoprocessing server on the loopback that answers as it is told.

    gp_server.py SCRIPT

SCRIPT is JSON:
    task      the path of the task
    log       file that gets one line for each request: "GET /path?query", then "token …" if one came
    job       answers for the job resource, one after the other; the last is repeated
    cancel    the same for POST …/cancel; left out: they are taken
    cancelled the same for the job resource once a cancel was taken
    results   the same by name for …/results/NAME
    listen    false: binds its port, and listens only once told to
    cert, key files in PEM form: speaks https
An answer is {"json":…} or {"text":…}, with "status" and "headers" where they matter; {"hold":true}
waits to be told "go" first, {"drop":true} closes the connection instead.

Says on stdout: "port N", "held" when a request waits, "POST …" for each. Is told on stdin: "listen",
"go". Ends with its standard input, and after two minutes in any case.
"""
import http.server
import json
import os
import ssl
import sys
import threading

LONGEST_LIFE_S = 120


class Script:
    """What is answered next. Requests come on threads of their own."""

    def __init__(self, told):
        self.told = told
        self.lock = threading.Lock()
        self.at = {}
        self.cancel_taken = False
        self.listen = threading.Event()
        self.go = threading.Semaphore(0)

    def next_of(self, name, answers):
        with self.lock:
            at = self.at.get(name, 0)
            self.at[name] = at + 1
        return answers[min(at, len(answers) - 1)]

    def job(self):
        if self.cancel_taken and "cancelled" in self.told:
            return self.next_of("cancelled", self.told["cancelled"])
        return self.next_of("job", self.told["job"])

    def result(self, name):
        answers = self.told.get("results", {}).get(name)
        if answers is None:
            return {"json": {"error": {"code": 400, "message": f"no result {name}", "details": []}}}
        return self.next_of(f"results/{name}", answers)

    def cancel(self):
        taken = {"json": {"jobId": "j", "jobStatus": "esriJobCancelling"}}
        answer = self.next_of("cancel", self.told.get("cancel", [taken]))
        if answer.get("status", 200) == 200 and "error" not in answer.get("json", {}):
            self.cancel_taken = True
        return answer


def say(text):
    print(text, flush=True)


def make_handler(script):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def note(self):
            token = self.headers.get("X-Esri-Authorization")
            with script.lock, open(script.told["log"], "a", encoding="utf-8") as log:
                log.write(f"{self.command} {self.path}\n")
                if token:
                    log.write(f"token {token}\n")

        def answer(self, answer):
            if answer.get("hold"):
                say("held")
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
            self.note()
            path = self.path.split("?")[0].removeprefix(script.told["task"] + "/jobs/")
            if "/results/" in path:
                self.answer(script.result(path.split("/results/")[1]))
            else:
                self.answer(script.job())

        def do_POST(self):
            self.note()
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = script.cancel()
            say(f"POST {self.path}")
            self.answer(answer)

    return Handler


def obey(script):
    for line in sys.stdin:
        if line.strip() == "listen":
            script.listen.set()
        elif line.strip() == "go":
            script.go.release()
    os._exit(0)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # A client that broke off.


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        script = Script(json.load(file))
    end = threading.Timer(LONGEST_LIFE_S, os._exit, [3])
    end.daemon = True
    end.start()
    threading.Thread(target=obey, args=[script], daemon=True).start()
    server = Server(("127.0.0.1", 0), make_handler(script), bind_and_activate=False)
    server.server_bind()
    say(f"port {server.socket.getsockname()[1]}")
    if not script.told.get("listen", True):
        script.listen.wait()
    server.server_activate()
    if "cert" in script.told:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(script.told["cert"], script.told["key"])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    say("ready")
    server.serve_forever()


main()
