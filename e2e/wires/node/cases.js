// The cases of a client of connect-es, for Node.js and for a browser.

import { Code, ConnectError, createClient, decodeBinaryHeader, encodeBinaryHeader } from "@connectrpc/connect";
import { SquareService } from "./gen/squares/square_pb.js";

// The maximum time of a case.
const patience = 20_000;

function equal(got, want, what) {
  const [g, w] = [JSON.stringify(got), JSON.stringify(want)];
  if (g !== w) throw new Error(`${what} is ${g}, want ${w}`);
}

async function* numbers(...all) {
  for (const message of all) yield { message };
}

async function collect(stream, into = []) {
  for await (const { message } of stream) into.push(message);
  return into;
}

// failing returns the error of a call, and checks its code.
async function failing(call, code) {
  let got;
  try {
    got = await call;
  } catch (reason) {
    const error = ConnectError.from(reason);
    if (error.code !== code) throw new Error(`the error is ${error}, want ${Code[code]}`);
    return error;
  }
  throw new Error(`no error, but ${JSON.stringify(got)}`);
}

// orLost lets Node.js lose an answer that came over HTTP/2 before everything was sent: it
// takes the RST_STREAM with NO_ERROR after the answer for the end of it
// (https://github.com/nodejs/node/issues/65677). The answer is seen, or the loss.
async function orLost(call) {
  try {
    await call();
  } catch (reason) {
    if (String(reason) === "ConnectError: [unknown] Premature close") return String(reason);
    throw reason;
  }
}

// isNegative checks an error with details, and with metadata.
function isNegative(error) {
  equal(error.rawMessage, "no square of -1: 100 %, ä", "the message");
  equal(error.details.map((d) => d.type), ["google.rpc.BadRequest"], "the types of the details");
  equal(new TextDecoder().decode(error.details[0].value).includes("must not be negative"), true, "that the detail is whole");
  equal(error.metadata.get("trailer-word"), "hello", "the trailer");
}

// casesOf returns the cases of a wire. can says whether it supports client streams,
// bidirectional streams, and a host per call.
function casesOf(client, server, can) {
  const bytes = new Uint8Array([0, 1, 254, 255]);
  // call returns the options of a call, and what it sees.
  const call = (key, more) => {
    const seen = {};
    const options = {
      headers: { case: key, word: "hello", "word-bin": encodeBinaryHeader(bytes) },
      onHeader: (h) => (seen.header = h),
      onTrailer: (t) => (seen.trailer = t),
      ...more,
    };
    const check = () => {
      for (const [name, where] of [["header", seen.header], ["trailer", seen.trailer]]) {
        equal(where?.get(`${name}-word`), "hello", `the ${name}`);
        equal([...decodeBinaryHeader(where.get(`${name}-word-bin`))], [...bytes], `the binary ${name}`);
      }
    };
    return { options, seen, check };
  };
  const begun = (key) => ask(server, "begun", key);
  const ended = async (key, want) => {
    const how = await ask(server, "ended", key);
    if (!want.test(how)) throw new Error(`the handler ended by ${how}, want ${want}`);
    if (how.startsWith("OK")) return "the handler ended by OK";
  };
  // goesOn checks that the handler has not ended, as far as that is visible.
  const goesOn = async (key) => {
    equal((await client.square({ message: 2 }, { headers: { case: `${key}, meanwhile` } })).message, 4, "the square");
    equal(await ask(server, "now", key), "it goes on", "the handler");
  };
  const canceled = /^Canceled$/;
  // Over HTTP/2, Node.js half-closes a stream that it cancels: to the handler it looks
  // as if the client had sent everything.
  const canceledInside = can.bidi ? /^(OK|Canceled)$/ : canceled;
  const lateInside = /^(OK|Canceled|DeadlineExceeded) within a deadline$/;
  const late = /^(Canceled|DeadlineExceeded) within a deadline$/; // both sides have a timer

  const cases = {
    async "unary: header and trailer"(key) {
      const { options, check } = call(key);
      equal((await client.square({ message: 3 }, options)).message, 9, "the square");
      check();
    },
    // The host of a call, like gohost.Host.
    async "unary: host"(key) {
      const { options, seen } = call(key);
      options.headers.host = "square.example";
      await client.square({ message: 3 }, options);
      const got = seen.header.get("header-host");
      if (can.host) equal(got, "square.example", "the host");
      else if (got === "square.example") throw new Error("the host can be named");
      else return "the host cannot be named";
    },
    async "unary: error with details"(key) {
      isNegative(await failing(client.square({ message: -1 }, call(key).options), Code.InvalidArgument));
    },
    async "unary: deadline"(key) {
      await failing(client.square({ message: 0 }, call(key, { timeoutMs: 1000 }).options), Code.DeadlineExceeded);
      await ended(key, late);
    },
    async "unary: cancel"(key) {
      const controller = new AbortController();
      const failed = failing(client.square({ message: 0 }, call(key, { signal: controller.signal }).options), Code.Canceled);
      await begun(key);
      controller.abort();
      await failed;
      await ended(key, canceled);
    },
    async "server streaming: header and trailer"(key) {
      const { options, check } = call(key);
      equal(await collect(client.rangeSquare({ message: 3 }, options)), [1, 4, 9], "what came");
      check();
    },
    async "server streaming: error with details after messages"(key) {
      const got = [];
      isNegative(await failing(collect(client.rangeSquare({ message: -1 }, call(key).options), got), Code.InvalidArgument));
      equal(got, [1, 4], "what came before");
    },
    async "server streaming: header before messages"(key) {
      const controller = new AbortController();
      let header;
      const arrived = new Promise((resolve) => (header = resolve));
      const failed = failing(collect(client.rangeSquare({ message: 0 }, call(key, { signal: controller.signal, onHeader: header }).options)), Code.Canceled);
      equal((await arrived).get("header-word"), "hello", "the header");
      controller.abort();
      await failed;
      await ended(key, canceled);
    },
    // connect-es does not report that a loop is left: the signal of the call does.
    async "server streaming: break, and then cancel"(key) {
      const controller = new AbortController();
      for await (const { message } of client.rangeSquare({ message: 1e9 }, call(key, { signal: controller.signal }).options)) {
        equal(message, 1, "the first");
        break;
      }
      await goesOn(key);
      controller.abort();
      await ended(key, canceled);
    },
    async "server streaming: cancel in the loop"(key) {
      const controller = new AbortController();
      const got = [];
      await failing(
        (async () => {
          for await (const { message } of client.rangeSquare({ message: 1e9 }, call(key, { signal: controller.signal }).options)) {
            if (got.push(message) === 2) controller.abort();
          }
        })(),
        Code.Canceled,
      );
      equal(got, [1, 4], "what came");
      await ended(key, canceled);
    },
    async "server streaming: deadline"(key) {
      await failing(collect(client.rangeSquare({ message: 0 }, call(key, { timeoutMs: 1000 }).options)), Code.DeadlineExceeded);
      await ended(key, late);
    },
  };

  // endless has requests that do not end by themselves: after the first ones it waits.
  const endless = (...first) => {
    let stop;
    const stopped = new Promise((resolve) => (stop = resolve));
    async function* requests() {
      yield* numbers(...first);
      await stopped;
    }
    return [requests(), stop];
  };
  Object.assign(cases, can.client ? {
    async "client streaming: header and trailer"(key) {
      const { options, check } = call(key);
      equal((await client.sumSquare(numbers(1, 2, 3), options)).message, 14, "the sum");
      check();
    },
    async "client streaming: error with details before all is sent"(key) {
      const [requests, stop] = endless(1, -1);
      isNegative(await failing(client.sumSquare(requests, call(key).options), Code.InvalidArgument));
      stop();
    },
    async "client streaming: answer before all is sent"(key) {
      const [requests, stop] = endless(1, 2, 0);
      const seen = await orLost(async () => equal((await client.sumSquare(requests, call(key).options)).message, 5, "the sum"));
      stop();
      return seen;
    },
    async "client streaming: cancel"(key) {
      const controller = new AbortController();
      const [requests, stop] = endless(1);
      const failed = failing(client.sumSquare(requests, call(key, { signal: controller.signal }).options), Code.Canceled);
      await begun(key);
      controller.abort();
      await failed;
      const seen = await ended(key, canceledInside);
      stop();
      return seen;
    },
    async "client streaming: deadline"(key) {
      const [requests, stop] = endless(1);
      await failing(client.sumSquare(requests, call(key, { timeoutMs: 1000 }).options), Code.DeadlineExceeded);
      const seen = await ended(key, lateInside);
      stop();
      return seen;
    },
  } : {
    async "client streaming: refused"(key) {
      return String(await failing(client.sumSquare(numbers(1), call(key).options), can.refusal));
    },
  });
  Object.assign(cases, can.bidi ? {
    async "bidirectional: ping-pong"(key) {
      const { options, check } = call(key);
      let next;
      async function* requests() {
        for (const message of [1, 2, 3]) {
          const answered = new Promise((resolve) => (next = resolve));
          yield { message };
          await answered;
        }
      }
      const got = [];
      for await (const { message } of client.streamrangeSquare(requests(), options)) {
        got.push(message);
        next();
      }
      equal(got, [1, 4, 9], "what came");
      check();
    },
    async "bidirectional: all is sent before"(key) {
      equal(await collect(client.streamrangeSquare(numbers(1, 2, 3), call(key).options)), [1, 4, 9], "what came");
    },
    async "bidirectional: error with details before all is sent"(key) {
      const [requests, stop] = endless(1, -1);
      const got = [];
      isNegative(await failing(collect(client.streamrangeSquare(requests, call(key).options), got), Code.InvalidArgument));
      equal(got, [1], "what came before");
      stop();
    },
    async "bidirectional: end before all is sent"(key) {
      const [requests, stop] = endless(1, 2, 0);
      const seen = await orLost(async () => equal(await collect(client.streamrangeSquare(requests, call(key).options)), [1, 4], "what came"));
      stop();
      return seen;
    },
    async "bidirectional: break, and then cancel"(key) {
      const controller = new AbortController();
      const [requests, stop] = endless(2);
      for await (const { message } of client.streamrangeSquare(requests, call(key, { signal: controller.signal }).options)) {
        equal(message, 4, "the first");
        break;
      }
      await goesOn(key);
      controller.abort();
      const seen = await ended(key, canceledInside);
      stop();
      return seen;
    },
    async "bidirectional: cancel in the loop"(key) {
      const controller = new AbortController();
      const [requests, stop] = endless(2);
      await failing(
        (async () => {
          for await (const {} of client.streamrangeSquare(requests, call(key, { signal: controller.signal }).options)) controller.abort();
        })(),
        Code.Canceled,
      );
      const seen = await ended(key, canceledInside);
      stop();
      return seen;
    },
    async "bidirectional: deadline"(key) {
      const [requests, stop] = endless(1);
      await failing(collect(client.streamrangeSquare(requests, call(key, { timeoutMs: 1000 }).options)), Code.DeadlineExceeded);
      const seen = await ended(key, lateInside);
      stop();
      return seen;
    },
  } : {
    async "bidirectional: refused"(key) {
      return String(await failing(collect(client.streamrangeSquare(numbers(1), call(key).options)), can.refusal));
    },
  });
  return cases;
}

// ask asks the server how the handler of a case has ended. The answer comes when it is
// known.
async function ask(server, what, key) {
  const response = await fetch(`${server}/${what}?case=${encodeURIComponent(key)}`);
  return await response.text();
}

function within(promise) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error("it hangs")), patience)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// run runs the cases over a wire, and returns what each has seen, or its error. server
// is the address for the test's own questions.
export async function run(wire, transport, server, can) {
  const outcomes = [];
  for (const [name, body] of Object.entries(casesOf(createClient(SquareService, transport), server, can))) {
    let seen, error;
    try {
      seen = await within(body(`${wire}, ${name}`));
    } catch (reason) {
      error = String(reason);
    }
    outcomes.push({ wire, case: name, seen, error });
  }
  return outcomes;
}
