// A client of @grpc/grpc-js that reaches two services over one connection to a proxy
// that routes by host: each call names its host with its own options.host.
//
//	node client.js ADDRESS
//
// It prints a line of JSON for each of its cases.
"use strict";

const assert = require("node:assert");
const path = require("node:path");
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");

const root = path.join(__dirname, "../../..");
const { squarerpc_service, feed, helloworld } = grpc.loadPackageDefinition(
  loader.loadSync(["squares/square.proto", "feed/feed.proto", "greeter/helloworld.proto"], {
    keepCase: true,
    defaults: true,
    includeDirs: [path.join(root, "testdata"), path.join(root, "proto")],
  }),
);

const address = process.argv[2];
const insecure = grpc.credentials.createInsecure();
const square = new squarerpc_service.SquareService(address, insecure);
const shared = { channelOverride: square.getChannel() };
const redis = new feed.RedisStream(address, insecure, shared);
const greeter = new helloworld.Greeter(address, insecure, shared);

// host names the host of a call.
const host = (name) => ({ host: name, deadline: Date.now() + 10_000 });

// unary calls a method with one response, and returns the response and the backend.
function unary(client, method, request, options) {
  return new Promise((resolve, reject) => {
    let backend;
    const call = client[method](request, new grpc.Metadata(), options, (error, response) =>
      error ? reject(error) : resolve({ response, backend }),
    );
    call.on("metadata", (header) => (backend = header.get("backend")[0]));
  });
}

// collect returns the responses of a stream, and the backend.
async function collect(call) {
  let backend;
  call.on("metadata", (header) => (backend = header.get("backend")[0]));
  const responses = [];
  for await (const response of call) responses.push(response);
  return { responses, backend };
}

const cases = {
  async unary() {
    const { response, backend } = await unary(square, "square", { message: 12 }, host("square.example"));
    assert.deepStrictEqual([response.message, backend], [144, "square.example"]);
  },
  async "server streaming"() {
    const call = square.rangeSquare({ message: 3 }, new grpc.Metadata(), host("square.example"));
    const { responses, backend } = await collect(call);
    assert.deepStrictEqual([responses.map((r) => r.message), backend], [[1, 4, 9], "square.example"]);
  },
  async "client streaming"() {
    const { response, backend } = await new Promise((resolve, reject) => {
      let backend;
      const call = square.sumSquare(new grpc.Metadata(), host("square.example"), (error, response) =>
        error ? reject(error) : resolve({ response, backend }),
      );
      call.on("metadata", (header) => (backend = header.get("backend")[0]));
      for (const message of [1, 2, 3]) call.write({ message });
      call.end();
    });
    assert.deepStrictEqual([response.message, backend], [14, "square.example"]);
  },
  async bidirectional() {
    const call = square.streamrangeSquare(new grpc.Metadata(), host("square.example"));
    for (const message of [1, 2, 3]) call.write({ message });
    call.end();
    const { responses, backend } = await collect(call);
    assert.deepStrictEqual([responses.map((r) => r.message), backend], [[1, 4, 9], "square.example"]);
  },
  async "another host by the same connection"() {
    const call = redis.sub({ stream: "news" }, new grpc.Metadata(), host("feed.example"));
    const { responses, backend } = await collect(call);
    assert.deepStrictEqual([responses.map((r) => r.id), backend], [["news-1", "news-2"], "feed.example"]);
    const hello = await unary(greeter, "SayHello", { name: "Ada" }, host("greeter.example"));
    assert.deepStrictEqual([hello.response.message, hello.backend], ["hello Ada", "greeter.example"]);
  },
  async "the same service at another host"() {
    const { response, backend } = await unary(square, "square", { message: 3 }, host("gateway.example"));
    assert.deepStrictEqual([response.message, backend], [9, "gateway.example"]);
  },
  async "a hundred calls at once"() {
    const hosts = ["square.example", "gateway.example"];
    const calls = Array.from({ length: 100 }, (_, i) => unary(square, "square", { message: i }, host(hosts[i % 2])));
    (await Promise.all(calls)).forEach(({ response, backend }, i) =>
      assert.deepStrictEqual([response.message, backend], [i * i, hosts[i % 2]]),
    );
  },
  async "status of the backend"() {
    await assert.rejects(unary(redis, "len", {}, host("feed.example")), { code: grpc.status.UNIMPLEMENTED });
  },
  async "cancel of a stream"() {
    const call = square.rangeSquare({ message: 1e9 }, new grpc.Metadata(), host("square.example"));
    await assert.rejects(
      (async () => {
        for await (const { message } of call) if (message === 25) call.cancel();
      })(),
      { code: grpc.status.CANCELLED },
    );
  },
  async "a host without a route"() {
    await assert.rejects(unary(square, "square", { message: 1 }, host("nobody.example")), {
      code: grpc.status.UNIMPLEMENTED,
    });
  },
  async "a call that names no host"() {
    await assert.rejects(unary(square, "square", { message: 1 }, {}), { code: grpc.status.UNIMPLEMENTED });
  },
};

async function main() {
  for (const [name, run] of Object.entries(cases)) {
    const error = await run().then(
      () => "",
      (error) => error.stack,
    );
    console.log(JSON.stringify({ case: name, error }));
  }
  square.close();
}

main();
