"""A model for agents under test, on the loopback interface: in each conversation it calls one tool of the
server "atlasjob" once, then says "done". Speaks the streaming forms of the APIs that Claude Code and Codex use.
"""

import http.server
import json
import queue
import threading

TOOL = "submit_job"
ARGUMENTS = json.dumps({"command": ["true"], "name": "of a scripted model"})


def event(kind, **members):
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **members})}\n\n"


def names_of(tools):
    """The tools of a request: (namespace or None, name)."""
    for tool in tools:
        for inner in tool.get("tools") or []:
            yield tool.get("name"), inner.get("name")
        yield None, tool.get("name")


def find_tool(request):
    return next((t for t in names_of(request.get("tools") or []) if (t[1] or "").endswith(TOOL)), None)


def anthropic_events(request):
    last = request["messages"][-1]["content"]
    was_called = isinstance(last, list) and any(b.get("type") == "tool_result" for b in last)
    tool = None if was_called else find_tool(request)
    block, delta, stop = {"type": "text", "text": ""}, {"type": "text_delta", "text": "done"}, "end_turn"
    if tool:
        block = {"type": "tool_use", "id": "toolu_1", "name": tool[1], "input": {}}
        delta, stop = {"type": "input_json_delta", "partial_json": ARGUMENTS}, "tool_use"
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": request.get("model"),
               "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
    yield event("message_start", message=message)
    yield event("content_block_start", index=0, content_block=block)
    yield event("content_block_delta", index=0, delta=delta)
    yield event("content_block_stop", index=0)
    yield event("message_delta", delta={"stop_reason": stop, "stop_sequence": None}, usage=usage)
    yield event("message_stop")


def openai_events(request):
    was_called = any(item.get("type") == "function_call_output" for item in request.get("input", []))
    tool = None if was_called else find_tool(request)
    item = {"type": "message", "id": "m1", "role": "assistant", "status": "completed",
            "content": [{"type": "output_text", "text": "done", "annotations": []}]}
    if tool:
        item = {"type": "function_call", "id": "f1", "call_id": "c1", "name": tool[1],
                "arguments": ARGUMENTS, "status": "completed"}
        if tool[0]:
            item["namespace"] = tool[0]
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2,
             "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
    yield event("response.created", response={"id": "r1"})
    yield event("response.output_item.done", output_index=0, item=item)
    yield event("response.completed", response={"id": "r1", "output": [item], "usage": usage})


class Model(http.server.BaseHTTPRequestHandler):
    FORMS = {"/v1/messages": anthropic_events, "/v1/responses": openai_events}
    requests = queue.Queue()  # The text of each.

    def do_POST(self):  # noqa: N802
        text = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        request = json.loads(text or "{}")
        self.requests.put(text)
        form = self.FORMS.get(self.path.partition("?")[0])
        if form is None or not request.get("stream"):
            return self.send_error(404)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for line in form(request):
            self.wfile.write(line.encode())

    def do_GET(self):  # noqa: N802
        self.send_error(404)

    def log_message(self, *args):
        pass


def serve():
    """Starts the model; returns its address. It ends with the process."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"
