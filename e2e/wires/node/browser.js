// Drives a browser for the tests, which write a line of JSON for each thing to do:
//
//	node browser.js CHROMIUM
//
// {"id": 1, "page": "a", "do": "click", "args": ["Enter"]} is answered by
// {"id": 1, "result": …} or {"id": 1, "error": "…"}, when it is done. The browser ends
// with the input.

import readline from "node:readline";
import { chromium } from "playwright-core";

const patience = 20_000;

const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});

const pages = new Map();

const deeds = {
  // open opens a page in a profile of its own.
  async open(name, url, options = {}) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    pages.set(name, { page, context, errors });
    await page.goto(url);
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
  // wait waits until the element of a role has a text within.
  async wait(name, role, text) {
    const element = pages.get(name).page.getByRole(role);
    try {
      await element.filter({ hasText: text }).waitFor();
    } catch {
      throw new Error(`the ${role} has no ${JSON.stringify(text)}, but ${JSON.stringify(await element.innerText())}`);
    }
  },
  async text(name, role) {
    return await pages.get(name).page.getByRole(role).innerText();
  },
  async evaluate(name, script) {
    return await pages.get(name).page.evaluate(script);
  },
  // load runs a file as a program of the page.
  async load(name, path) {
    await pages.get(name).page.addScriptTag({ path });
  },
  async go(name, url) {
    await pages.get(name).page.goto(url);
  },
  async screenshot(name, path) {
    await pages.get(name).page.screenshot({ path, fullPage: true });
  },
  // errors returns what the browser's console has of errors.
  async errors(name) {
    return pages.get(name).errors;
  },
  // close closes the tab, as its user does.
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
