// A browser at the other end of a pipe: each line in is a command as JSON, each line out its answer, { value } or { fault }.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath: process.argv[2], args: ["--no-sandbox", "--disable-dev-shm-usage"] });
let page, said;

const can = {
  // A new page of that width, with what the browser itself complains of collected from the beginning.
  async open({ url, width, scheme, language }) {
    await page?.context().close();
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: scheme, locale: language });
    page = await context.newPage();
    said = [];
    page.on("console", (line) => ["error", "warning"].includes(line.type()) && said.push(line.text()));
    page.on("pageerror", (fault) => said.push(String(fault)));
    page.on("requestfailed", (request) => said.push(`${request.url()} did not load`));
    await page.goto(url, { waitUntil: "load" });
  },
  complaints: async () => said,
  run: async ({ script }) => await page.evaluate(script),
  waitFor: async ({ selector }) => { await page.waitForSelector(selector, { timeout: 10_000 }); },
  fill: async ({ selector, text }) => { await page.fill(selector, text); },
  click: async ({ selector }) => { await page.click(selector); },
  press: async ({ key }) => { await page.keyboard.press(key); },
  waitForPage: async ({ end }) => { await page.waitForURL(`**/${end}`, { timeout: 10_000 }); },
  async violations() {
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => globalThis.axe.run({ preload: false, resultTypes: ["violations"] }));
    return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
      .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | ")}`);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { does, ...how } = JSON.parse(line);
  const answer = await can[does](how).then((value) => ({ value: value ?? null }), (fault) => ({ fault: String(fault) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
