// The cases of a client of connect-es in a browser, as a program of a page.

import { Code } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { run } from "./cases.js";

// connect-es immediately reports what fetch cannot send.
const can = { client: false, bidi: false, host: false, refusal: Code.Unknown };

globalThis.runCases = async () => {
  const baseUrl = location.origin;
  const wires = {
    Connect: createConnectTransport({ baseUrl, useBinaryFormat: true }),
    "Connect, JSON": createConnectTransport({ baseUrl, useBinaryFormat: false }),
    "gRPC-Web": createGrpcWebTransport({ baseUrl }),
  };
  const outcomes = [];
  for (const [wire, transport] of Object.entries(wires)) outcomes.push(...(await run(wire, transport, baseUrl, can)));
  return outcomes;
};
