/** The published state tables: what may be said by whom in which state, and which state follows. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One table, contracts/schemas/protocol/<name>.json. */
class Table {
  constructor(folder, name) {
    const published = JSON.parse(readFileSync(join(folder, "protocol", `${name}.json`), "utf8"));
    this.rows = published.rows;
    this.ends = new Set(published.ends);
  }

  /** The state after `by` has said `what` in `state`; undefined where that is not theirs to say then. */
  after(state, what, by) {
    const row = this.rows.find((each) => each.from.includes(state) && each.on.includes(what) && each.by.includes(by));
    return row && (row.to === "same" ? state : row.to);
  }
}

/** The tables of a leg (the offer, up to acceptance) and of a proceeding (from `<track>.opened` to its end). */
export const protocol = (schemas) => ({ leg: new Table(schemas, "leg"), proceeding: new Table(schemas, "proceeding") });
