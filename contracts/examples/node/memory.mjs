/** What was done: which messages were heard, what was said because of them to the byte, and how each leg stands. In a file, if one is named. */
import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";

/**
 * An entry: `{key, said: [{id, name, case, leg, body}], leg, done}`. It is kept before anything of it is said, and done when the broker has it all.
 * After a crash between the two, the same bytes are said again: under the same id with another `time` they would be refused (422).
 */
export class Memory {
  /** `most`: of entries, and of legs, that are remembered; the oldest go first, but none that is still open. */
  constructor(file, most = 10_000) {
    this.most = most;
    this.entries = new Map(); // by key; a Map keeps the order of insertion
    this.legs = new Map(); // by case and leg
    this.said = new Map(); // by id: what a receipt is about
    if (file) this.#open(file);
  }

  /** Remember it, on disk where there is a file, before it is said; returns it. */
  keep(entry) {
    this.#take(entry);
    this.#write(entry);
    return entry;
  }

  /** The broker has all that was said. */
  done(entry) {
    entry.done = true;
    this.#write({ key: entry.key, done: true });
    this.#forget(this.entries, (each) => each.done, (each) => each.said.forEach(({ id }) => this.said.delete(id)));
  }

  /** What was not said to the end, in order. */
  unsaid() {
    return [...this.entries.values()].filter((each) => !each.done);
  }

  leg(subject, leg) {
    return this.legs.get(`${subject} ${leg}`);
  }

  /** The legs that the office has work on: opened, and neither ended nor reported. */
  working() {
    return [...this.legs.values()].filter((each) => !each.over && ["accepted", "in_progress"].includes(each.proceeding));
  }

  #take(entry) {
    if (!entry.said) return void Object.assign(this.entries.get(entry.key) ?? {}, entry);
    this.entries.set(entry.key, entry);
    for (const { id, name, leg } of entry.said) this.said.set(id, { name, leg });
    if (entry.leg) this.legs.set(`${entry.leg.case} ${entry.leg.leg}`, entry.leg);
    this.#forget(this.legs, (each) => each.over);
  }

  #forget(map, free, then = () => {}) {
    for (const [key, each] of map) {
      if (map.size <= this.most) return;
      if (free(each) && map.delete(key)) then(each);
    }
  }

  #open(file) {
    for (const line of existsSync(file) ? readFileSync(file, "utf8").split("\n") : []) {
      try {
        this.#take(JSON.parse(line));
      } catch {
        continue; // the last line, torn by a crash while it was written: nothing of it was said
      }
    }
    const kept = this.entries, legs = [...this.legs.values()];
    this.file = openSync(`${file}.new`, "w", 0o600);
    for (const each of legs) this.#write({ key: `leg ${each.case} ${each.leg}`, said: [], leg: each, done: true });
    for (const { leg, ...each } of kept.values()) if (each.said.length || !each.key.startsWith("leg ")) this.#write(each);
    renameSync(`${file}.new`, file);
  }

  #write(line) {
    if (this.file === undefined) return;
    writeSync(this.file, `${JSON.stringify(line)}\n`);
    fdatasyncSync(this.file); // an acknowledgement to the broker says "stored": so it must be
  }

  close() {
    if (this.file !== undefined) closeSync(this.file);
  }
}
