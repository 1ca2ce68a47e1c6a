// Reads an AsyncAPI document with the project's own parser; prints every error, and ends with status 1 if there is any.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const ERROR = 0;
const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
const errors = diagnostics.filter((each) => each.severity === ERROR);
for (const each of errors) console.error(`${each.path.join("/")}: ${each.message}`);
if (!document || errors.length) process.exit(1);
console.log(`${document.operations().length} operations, ${document.messages().length} messages`);
