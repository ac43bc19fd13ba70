// An agency's system in Node.js with rhea. What it does and prints is in amqp_clients_test.py.
"use strict";
const fs = require("fs");
const path = require("path");
const rhea = require("rhea");

const [url, authority, identity, verb, ...task] = process.argv.slice(2);
const [kind, first, second] = identity.split(":");

const options = {
  host: "127.0.0.1", port: Number(url.split(":").pop()), transport: "tls", servername: "localhost",
  ca: [fs.readFileSync(authority)], initial_reconnect_delay: 50, max_reconnect_delay: 500,
};
if (kind === "password") Object.assign(options, { username: first, password: second });
else Object.assign(options, { cert: fs.readFileSync(first), key: fs.readFileSync(second), enable_sasl_external: true });

let left = verb === "receive" ? Number(task[0]) : task.length;
function tell(line) {
  console.log(line);
  if (--left === 0) connection.close();
}

function send() {
  const sender = connection.open_sender("submit");
  const sent = new Map();
  sender.on("sendable", () => {
    while (task.length > 0 && sender.sendable()) {
      const file = task.shift();
      const name = path.parse(file).name;
      const body = rhea.message.data_section(fs.readFileSync(file));
      sent.set(sender.send({ message_id: name, content_type: "application/xml", body }).id, name);
    }
  });
  sender.on("accepted", (e) => tell(`${sent.get(e.delivery.id)} accepted`));
  sender.on("released", (e) => tell(`${sent.get(e.delivery.id)} released`));
  sender.on("rejected", (e) => tell(`${sent.get(e.delivery.id)} rejected ${e.delivery.remote_state.error.condition}`));
}

function receive() {
  const receiver = connection.open_receiver({ source: "inbox", autoaccept: false, credit_window: 1 });
  receiver.on("message", (e) => {
    const m = e.message;
    e.delivery.accept();
    tell(`${m.subject} ${m.message_id} ${m.application_properties["truc-from"]} ${m.body.content.length}`);
  });
}

function attach() {
  const receiver = connection.open_receiver(task[0]);
  receiver.on("receiver_open", () => receiver.source && receiver.source.address && tell("attached"));
  receiver.on("receiver_error", () => tell(`refused ${receiver.error.condition}`));
}

const connection = rhea.connect(options);
// Once: after a reconnect the library opens the links again by itself.
connection.once("connection_open", { send, receive, attach }[verb]);
connection.on("connection_error", () => console.log(`lost ${connection.error.condition}`));
connection.on("disconnected", (e) => e.error && console.log(`lost ${e.error.code}`));
