// A client of connect-es in Node.js:
//
//	node node.js URL
//
// It runs the cases over each wire, and prints a line of JSON for each.

import http from "node:http";
import { Code } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { run } from "./cases.js";

const baseUrl = process.argv[2];
// Each wire has its own connections: if a server has answered a request before its end,
// it closes the connection, which a request of another wire could be using.
const one = () => ({ baseUrl, httpVersion: "1.1", nodeOptions: { agent: new http.Agent({ keepAlive: true }) } });
const two = { baseUrl, httpVersion: "2" };
const whole = { client: true, bidi: true, host: true };
const half = { client: true, bidi: false, host: true, refusal: Code.Unimplemented };

const wires = {
  "Connect, HTTP 1.1": [createConnectTransport(one()), half],
  "Connect, HTTP 2": [createConnectTransport(two), whole],
  "Connect, HTTP 1.1, JSON": [createConnectTransport({ ...one(), useBinaryFormat: false }), half],
  "Connect, HTTP 2, JSON": [createConnectTransport({ ...two, useBinaryFormat: false }), whole],
  "gRPC, HTTP 2": [createGrpcTransport(two), whole],
  "gRPC-Web, HTTP 1.1": [createGrpcWebTransport(one()), half],
  "gRPC-Web, HTTP 2": [createGrpcWebTransport(two), whole],
};

await Promise.all(
  Object.entries(wires).map(async ([wire, [transport, can]]) => {
    for (const outcome of await run(wire, transport, baseUrl, can)) console.log(JSON.stringify(outcome));
  }),
);
process.exit(0); // connections would keep it running
