// Controls a browser for the tests, which write a line of JSON for each action:
//
//	node browser.js CHROMIUM
//
// {"id": 1, "page": "a", "do": "click", "args": ["Enter"]} is answered by
// {"id": 1, "result": …} or {"id": 1, "error": "…"}, when it is done. The browser ends
// when the input ends.

import readline from "node:readline";
import { chromium } from "playwright-core";

const patience = 20_000;

const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});

const pages = new Map();

async function show(name, context, url) {
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  pages.set(name, { page, context, errors });
  await page.goto(url);
}

const deeds = {
  // open opens a page in its own profile.
  async open(name, url) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    context.setDefaultTimeout(patience);
    await show(name, context, url);
  },
  // tab opens a page in the profile of another page.
  async tab(name, other, url) {
    await show(name, pages.get(other).context, url);
  },
  async fill(name, label, value) {
    await pages.get(name).page.getByLabel(label).fill(value);
  },
  async select(name, label, value) {
    await pages.get(name).page.getByLabel(label).selectOption(value);
  },
  async click(name, button) {
    await pages.get(name).page.getByRole("button", { name: button, exact: true }).click();
  },
  // wait waits until the element with a role contains a text.
  async wait(name, role, text) {
    const element = pages.get(name).page.getByRole(role);
    try {
      await element.filter({ hasText: text }).waitFor();
    } catch {
      throw new Error(`the ${role} has no ${JSON.stringify(text)}, but ${JSON.stringify(await element.innerText())}`);
    }
  },
  async evaluate(name, script) {
    return await pages.get(name).page.evaluate(script);
  },
  // load runs a file as a script of the page.
  async load(name, path) {
    await pages.get(name).page.addScriptTag({ path });
  },
  async go(name, url) {
    await pages.get(name).page.goto(url);
  },
  // errors returns the errors in the browser's console.
  async errors(name) {
    return pages.get(name).errors;
  },
  // close closes the tab like a user.
  async close(name) {
    await pages.get(name).page.close();
  },
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { id, page, do: deed, args = [] } = JSON.parse(line);
  deeds[deed](page, ...args).then(
    (result) => console.log(JSON.stringify({ id, result })),
    (reason) => console.log(JSON.stringify({ id, error: String(reason) })),
  );
}
await browser.close();
