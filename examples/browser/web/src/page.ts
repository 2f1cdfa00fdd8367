// The page: its form enters the hub and leaves it, and its list shows what happens there.

import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { type GreetingMessage, Greeter } from "./gen/greeter/helloworld_pb";
import { visit } from "./visit";

/** How many events the list keeps. */
const kept = 500;

function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id}`);
  return found as T;
}

const door = element<HTMLFormElement>("door");
const nameField = element<HTMLInputElement>("name");
const wireField = element<HTMLSelectElement>("wire");
const enterButton = element<HTMLButtonElement>("enter");
const leaveButton = element<HTMLButtonElement>("leave");
const stateLine = element("state");
const timerLine = element("timer");
const errorBox = element("error");
const eventList = element<HTMLOListElement>("events");

/** Aborts the current visit, if there is one. */
let current: AbortController | undefined;

door.addEventListener("submit", (e) => {
  e.preventDefault();
  void enter(nameField.value.trim());
});
leaveButton.addEventListener("click", () => current?.abort());
// When a tab is closed, the server notices. A page that the browser keeps for its Back
// button must leave, too.
window.addEventListener("pagehide", () => current?.abort());

async function enter(name: string): Promise<void> {
  if (current) return;
  const controller = (current = new AbortController());
  showError(undefined);
  eventList.replaceChildren();
  timerLine.textContent = "";
  showState("waiting", "Entering …");
  try {
    await visit(createClient(Greeter, transportOf(wireField.value)), name, controller.signal, {
      event(event) {
        showState("inside", `${name} is inside.`);
        showEvent(event);
      },
      gone(why, seconds) {
        showState("waiting", `The connection has ended (${why}). The next try is in ${Math.ceil(seconds)} s.`);
      },
    });
  } catch (reason) {
    showError(ConnectError.from(reason));
  } finally {
    current = undefined;
    showState("outside", "You are outside.");
  }
}

function transportOf(wire: string): Transport {
  const service = document.querySelector<HTMLMetaElement>('meta[name="service"]')?.content;
  const baseUrl = service || location.origin;
  switch (wire) {
    case "grpc-web":
      return createGrpcWebTransport({ baseUrl });
    case "connect-json":
      return createConnectTransport({ baseUrl, useBinaryFormat: false });
    default:
      return createConnectTransport({ baseUrl, useBinaryFormat: true });
  }
}

function showState(is: "outside" | "waiting" | "inside", text: string): void {
  if (stateLine.textContent !== text) stateLine.textContent = text; // screen readers read each change
  stateLine.dataset.is = is;
  const outside = is === "outside";
  const focused = document.activeElement === enterButton || document.activeElement === leaveButton;
  enterButton.hidden = !outside;
  leaveButton.hidden = outside;
  nameField.disabled = wireField.disabled = !outside;
  if (focused) (outside ? enterButton : leaveButton).focus();
}

function showEvent({ greeting }: GreetingMessage): void {
  switch (greeting.case) {
    case "timer": // every second: too often for the list, which screen readers read
      timerLine.textContent = `${greeting.value.message} (${greeting.value.count})`;
      return;
    case "first":
    case "goodbye":
      append(greeting.case, greeting.value.message);
      return;
    default:
      append("other", "something that only a newer page understands");
  }
}

function append(kind: string, text: string): void {
  const time = document.createElement("time");
  const now = new Date();
  time.dateTime = now.toISOString();
  time.textContent = now.toLocaleTimeString();
  const message = document.createElement("span");
  message.textContent = text;
  const item = document.createElement("li");
  item.dataset.kind = kind;
  item.append(time, message);
  eventList.append(item);
  while (eventList.childElementCount > kept) eventList.firstElementChild?.remove();
  item.scrollIntoView({ block: "nearest" });
}

/** Shows the status of a call that has failed: its code, its message and its details. */
function showError(error: ConnectError | undefined): void {
  nameField.removeAttribute("aria-invalid");
  errorBox.replaceChildren();
  if (!error) return;
  if (error.code === Code.InvalidArgument || error.code === Code.AlreadyExists) nameField.setAttribute("aria-invalid", "true");
  const status = document.createElement("p");
  const code = document.createElement("strong");
  code.textContent = `${Code[error.code]} (${error.code})`;
  status.append(code, ` ${error.rawMessage}`);
  errorBox.append(status);
  for (const detail of error.details) {
    if (!("type" in detail)) continue; // added by this program
    const line = document.createElement("p");
    line.textContent = `${detail.type} ${detail.debug === undefined ? "" : JSON.stringify(detail.debug)}`;
    errorBox.append(line);
  }
}
