/** Messages: read and checked by the published JSON Schemas, and made so that the same cause gives the same id. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import addFormats from "ajv-formats";
import Ajv2020 from "ajv/dist/2020.js"; // not "ajv": that one reads draft-07 alone, and passes over what it does not know of 2020-12

export const CONTENT_TYPE = "application/cloudevents+json";
const TYPE = /^xianjie\.([a-z_]+\.[a-z_]+\.v[1-9][0-9]?)$/;
const URL_NAMESPACE = Buffer.from("6ba7b8119dad11d180b400c04fd430c8", "hex"); // RFC 9562, as Python's uuid.NAMESPACE_URL

/** Something in the inbox that is no message, or none that this program knows yet. Its text holds nothing of the contents. */
export class NotUnderstood extends Error {}

/** The messages of the folder contracts/schemas. */
export class Contracts {
  constructor(schemas) {
    this.folder = join(schemas, "messages");
    if (!existsSync(join(this.folder, "receipt.given.v1.json"))) throw new Error(`${schemas}: no schemas here; give --schemas FOLDER`);
    // Not strict: the schemas say x-said-by and x-heard-by beside the vocabulary. What they leave open (unknown fields) stays open.
    this.ajv = addFormats(new Ajv2020({ strict: false }));
    this.checks = new Map();
  }

  /** The message in a delivery of amqplib; throws NotUnderstood. `name` is added to it: `<noun>.<verb>`. */
  read({ content, properties }) {
    const message = parsed(content);
    const check = this.check(message?.type);
    if (!check) throw new NotUnderstood("a type that is not known (yet)");
    if (!check(message)) throw new NotUnderstood(`not valid: ${faults(check)}`);
    if (!check.schema["x-heard-by"].includes("agency")) throw new NotUnderstood("nothing that an agency hears");
    if (properties.headers?.case !== message.subject) throw new NotUnderstood("the header `case` differs from the subject");
    return { ...message, name: nameOf(message.type) };
  }

  /** What `source` says because of `cause` (a message that was heard): `{id, name, case, leg, body}`. Throws where the schema would refuse it. */
  make(source, cause, { name, data, place = name }) {
    const message = {
      specversion: "1.0", datacontenttype: "application/json", type: `xianjie.${name}.v1`, source, subject: cause.subject,
      id: uuid5(`${source} ${cause.source} ${cause.id} ${place}`),
      // The gateway's receipt happened when the offer came, so its bytes follow from the offer. The rest happens now.
      time: name === "referral.delivered" && cause.time ? cause.time : now(),
      referral: data.leg, correlationid: cause.subject, causationid: cause.id, dataclass: "internal",
      mode: cause.mode ?? "ops", exercise: cause.exercise ?? undefined, // an exercise is answered in the exercise; undefined is left out
      data,
    };
    const check = this.check(message.type);
    if (!check?.(message)) throw new Error(`${name} that this program made is not valid: ${check ? faults(check) : "no such type"}`);
    return { id: message.id, name, case: message.subject, leg: data.leg, body: JSON.stringify(message) };
  }

  /** Make the checks of these messages now: at some 25 ms each, an offer would wait for them. Throws where the folder has no such schema. */
  prepare(names) {
    const missing = names.find((each) => !this.check(`xianjie.${each}.v1`));
    if (missing) throw new Error(`${this.folder}: no schema of ${missing}`);
  }

  /** The check of one type, made once, when it is first needed: there are hundreds. */
  check(type) {
    const file = typeof type === "string" && TYPE.exec(type)?.[1]; // the pattern keeps foreign text out of the file name
    if (!file) return undefined;
    const path = join(this.folder, `${file}.json`);
    if (!this.checks.has(file) && existsSync(path)) this.checks.set(file, this.ajv.compile(JSON.parse(readFileSync(path, "utf8"))));
    return this.checks.get(file);
  }
}

/** The same text gives the same UUID, version 5: who says a thing again after a crash says it under the same id. */
export function uuid5(text) {
  const digest = createHash("sha1").update(URL_NAMESPACE).update(text).digest().subarray(0, 16);
  digest[6] = (digest[6] & 0x0f) | 0x50;
  digest[8] = (digest[8] & 0x3f) | 0x80;
  return digest.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** A time always says its offset. toISOString alone gives UTC, which is right as well, but people here read Beijing time. */
const now = () => new Date(Date.now() + 8 * 3600e3).toISOString().replace("Z", "+08:00");

const nameOf = (type) => TYPE.exec(type)[1].replace(/\.v[0-9]+$/, "");

/** Where and what, without the values: they may be personal. */
const faults = (check) => check.errors.slice(0, 5).map((each) => `${each.instancePath || "/"} ${each.keyword}`).join(", ");

function parsed(content) {
  try {
    // Buffer.toString would put U+FFFD for bytes that are no UTF-8, and go on.
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content));
  } catch {
    throw new NotUnderstood("no JSON in UTF-8");
  }
}
