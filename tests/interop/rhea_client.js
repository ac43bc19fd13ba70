// An agency's system in Node.js, with rhea: NETWORK.JSON AGENCY FILE certificate|password
// Submits the document in FILE and something that is none, receives all that waits in the agency's inbox, asks for an address that does
// not exist. Prints what became of each, a line each.
"use strict";
const fs = require("fs");
const rhea = require("rhea");

const [file, code, document, identity] = process.argv.slice(2);
const network = JSON.parse(fs.readFileSync(file));
const agency = network.agencies.find((a) => a.code === code);
const client = network.clients.find((c) => c.id === agency.client);
const node = network.nodes.find((n) => n.name === agency.node);

const options = {
  host: "127.0.0.1", port: Number(node.amqp.split(":").pop()), transport: "tls", servername: "localhost",
  ca: [fs.readFileSync(network.ca)], reconnect: false,
};
if (identity === "password") Object.assign(options, { username: client.id, password: client.amqp_password });
else Object.assign(options, { cert: fs.readFileSync(agency.certificate), key: fs.readFileSync(agency.key), enable_sasl_external: true });

let left = 4;
function tell(line) {
  console.log(line);
  if (--left === 0) connection.close();
}

const connection = rhea.connect(options);
connection.once("connection_open", () => {
  const sender = connection.open_sender("submit");
  const sent = new Map();
  sender.once("sendable", () => {
    const send = (name, bytes) => sent.set(sender.send({ content_type: "application/xml", body: rhea.message.data_section(bytes) }).id, name);
    send("document", fs.readFileSync(document));
    send("garbage", Buffer.from("<edXML"));
  });
  sender.on("accepted", (e) => tell(`${sent.get(e.delivery.id)} accepted`));
  sender.on("rejected", (e) => tell(`${sent.get(e.delivery.id)} rejected ${e.delivery.remote_state.error.condition}`));

  const receiver = connection.open_receiver({ source: "inbox", autoaccept: false, credit_window: 1 });
  receiver.on("message", (e) => {
    e.delivery.accept();
    tell(`received ${e.message.subject} ${e.message.message_id} ${e.message.application_properties["truc-from"]}`);
  });
  const nowhere = connection.open_receiver("nowhere");
  nowhere.on("receiver_error", () => tell(`nowhere ${nowhere.error.condition}`));
});
connection.on("connection_error", () => console.log(`refused ${connection.error.condition}`));
connection.on("disconnected", (e) => e.error && console.log(`lost ${e.error}`));
