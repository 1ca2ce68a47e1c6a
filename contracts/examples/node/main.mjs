#!/usr/bin/env node
/** One agency of the network: its options, its log, its end. */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Agency, Refused } from "./agency.mjs";
import { Court } from "./court.mjs";
import { Memory } from "./memory.mjs";
import { Contracts } from "./messages.mjs";
import { protocol } from "./protocol.mjs";
import { TRACKS } from "./tracks.mjs";

const HELP = `node main.mjs --agency CODE --amqp URI [options]

  --agency CODE     the code of the agency, as CN-SH-PD-COURT; its inbox agency.CODE must be there
  --amqp URI        amqp(s)://user:password@host:port/vhost; or in the environment as XIANJIE_AMQP_URI, where no list of processes shows it
  --tracks NAMES    what it takes, with commas: ${Object.keys(TRACKS).join(", ")} [court]
  --memory FILE     remembers there what it did, so that it goes on after a restart; without it, in memory alone
  --pace SECONDS    between two steps of its work [0.5]
  --schemas FOLDER  the folder contracts/schemas [the one of this checkout]
  --wrong NAMES     does these things wrong, to see a trial say so (wrong.mjs)

Example: XIANJIE_AMQP_URI=amqp://guest:guest@127.0.0.1:5672/ node main.mjs --agency CN-SH-PD-COURT`;

const OPTIONS = {
  agency: { type: "string" }, amqp: { type: "string", default: process.env.XIANJIE_AMQP_URI }, tracks: { type: "string", default: "court" },
  memory: { type: "string" }, pace: { type: "string", default: "0.5" }, wrong: { type: "string" }, help: { type: "boolean", default: false },
  schemas: { type: "string", default: fileURLToPath(new URL("../../schemas", import.meta.url)) },
};

class WrongWords extends Error {}

/** One JSON line for each event. Nothing of a case but its number, and no address with its password. */
const tell = (event, fields = {}) => process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), event, ...fields })}\n`);

function given() {
  let options;
  try {
    options = parseArgs({ options: OPTIONS }).values;
  } catch (fault) {
    throw new WrongWords(fault.message);
  }
  const { agency, amqp, tracks, pace, help } = options;
  if (help) return options;
  if (!/^[A-Z0-9][A-Z0-9-]{2,31}$/.test(agency ?? "")) throw new WrongWords("--agency: give the code of the agency, as CN-SH-PD-COURT");
  if (!/^amqps?:\/\//.test(amqp ?? "") || !URL.canParse(amqp)) throw new WrongWords("--amqp: give amqp://user:password@host:port/vhost");
  const names = tracks.split(",");
  const unknown = names.find((each) => !Object.hasOwn(TRACKS, each));
  if (unknown !== undefined) throw new WrongWords(`--tracks ${unknown}: there are ${Object.keys(TRACKS).join(", ")}`);
  if (!(Number(pace) >= 0.01 && Number(pace) <= 3600)) throw new WrongWords(`--pace ${pace}: give seconds, 0.01 to 3600`);
  return { ...options, pace: Number(pace), tracks: Object.fromEntries(names.map((each) => [each, TRACKS[each]])) };
}

async function main() {
  const options = given();
  if (options.help) return console.log(HELP);
  const { agency: code, amqp: uri, schemas, pace } = options;
  const contracts = new Contracts(schemas), office = new Court(protocol(schemas), options.tracks), memory = new Memory(options.memory);
  contracts.prepare(office.words);
  const parts = { uri, code, pace, tell, contracts, office, memory };
  const agency = options.wrong
    ? new (await import("./wrong.mjs")).WrongAgency(parts, options.wrong.split(","))
    : new Agency(parts);
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => agency.stop());
  await agency.run();
  memory.close();
  tell("ended");
}

main().catch((fault) => {
  const words = fault instanceof WrongWords;
  const more = words ? " (--help says more)" : fault instanceof Refused ? ": look at user, password, virtual host and rights" : "";
  console.error(`main.mjs: ${fault.message}${more}`);
  process.exit(words ? 2 : 1);
});
