#!/usr/bin/env python3
"""The clerk of td_database.py behind HTTP on loopback, for demonstrations and whoever has no Python.

    td_database_desk.py --port N --database FILE

Makes the tables in a new file. Bodies and answers are JSON:
    GET  /_books   what stands in the tables, as Clerk.books() tells it
    POST /_clerk   {"write": {"to": […], "subject", …columns}} or {"status": {"incoming": N, "code": "03", "reason"}}
"""
import argparse
import http.server
import json

import td_database


class Handler(http.server.BaseHTTPRequestHandler):
    clerk = None

    def log_message(self, *_):
        pass

    def do_GET(self):  # pylint: disable=invalid-name
        self.reply(200, self.clerk.books()) if self.path == "/_books" else self.reply(404, {})

    def do_POST(self):  # pylint: disable=invalid-name
        orders = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        verbs = {"write": self.clerk.write, "status": self.clerk.set_status}
        self.reply(200, {verb: verbs[verb](**members) for verb, members in orders.items()})

    def reply(self, status, value):
        body = json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", required=True)
    options = parser.parse_args()
    Handler.clerk = td_database.Clerk("sqlite:" + options.database)
    if not Handler.clerk.run("SELECT 1 FROM sqlite_master WHERE name = 'document_senders'"):
        Handler.clerk.create()
    http.server.HTTPServer(("127.0.0.1", options.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
