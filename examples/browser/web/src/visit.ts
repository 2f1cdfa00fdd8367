// A visit to the hub, which resumes after the server was unavailable.

import { type Client, Code, ConnectError } from "@connectrpc/connect";
import type { GreetingMessage, Greeter } from "./gen/greeter/helloworld_pb";

/** Is told what happens during a visit. */
export interface Visitor {
  /** Something has happened in the hub: the first event is the greeting. */
  event(event: GreetingMessage): void;
  /** The connection has ended. The next try is in the given number of seconds. */
  gone(why: string, seconds: number): void;
}

/**
 * Stays in the hub until signal is aborted, and then returns. Throws the error of a visit
 * that could not begin or cannot resume.
 */
export async function visit(client: Client<typeof Greeter>, name: string, signal: AbortSignal, visitor: Visitor): Promise<void> {
  let inside = false; // once
  for (let failures = 0; ; failures++) {
    let why = "the server has ended";
    try {
      for await (const event of client.sayHelloStream2({ name }, { signal })) {
        inside = true;
        failures = 0;
        visitor.event(event);
      }
    } catch (reason) {
      const error = ConnectError.from(reason);
      if (signal.aborted) return;
      if (!inside || !passes(error)) throw error;
      why = statusOf(error);
    }
    const seconds = Math.min(2 ** failures, 10) * (0.5 + Math.random() / 2);
    visitor.gone(why, seconds);
    await pause(seconds, signal);
    if (signal.aborted) return;
  }
}

/** Reports whether another try may succeed. */
function passes(error: ConnectError): boolean {
  switch (error.code) {
    case Code.Unavailable:
    case Code.Unknown: // the code for a fetch that failed in the network
    case Code.ResourceExhausted: // this client has not kept up
    case Code.AlreadyExists: // the server has not noticed yet that this client was cut off
      return true;
  }
  return false;
}

/** Returns the text of a status: its name, number and message. */
export function statusOf(error: ConnectError): string {
  return `${Code[error.code]} (${error.code}): ${error.rawMessage}`;
}

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
