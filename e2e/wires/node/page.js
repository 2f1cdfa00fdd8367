// The cases of a client of connect-es in a browser, as a program of a page.

import { Code } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { run } from "./cases.js";

// What fetch cannot send, connect-es says at once.
const can = { client: false, bidi: false, refusal: Code.Unknown };

globalThis.runCases = async (http) => {
  const baseUrl = location.origin;
  const wires = {
    Connect: createConnectTransport({ baseUrl, useBinaryFormat: true }),
    "Connect, JSON": createConnectTransport({ baseUrl, useBinaryFormat: false }),
    "gRPC-Web": createGrpcWebTransport({ baseUrl }),
  };
  const outcomes = [];
  for (const [wire, transport] of Object.entries(wires)) outcomes.push(...(await run(`${wire}, ${http}`, transport, baseUrl, can)));
  return outcomes;
};
