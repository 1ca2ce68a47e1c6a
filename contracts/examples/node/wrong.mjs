/** The same agency, wrong in named ways, to see that a trial finds it. No part of the example. */
import { randomUUID } from "node:crypto";
import { Agency } from "./agency.mjs";

/** What is never said, by name of the wrong. */
const SILENT = {
  "never-delivers": /^referral\.delivered$/,
  "ignores-recalls": /^referral\.(accepted|recalled|recall_refused)$/, // a recall that crosses an acceptance is answered by it
  "ignores-cancelling": /\.cancel_answered$/,
  "ignores-contests": /\.contest_answered$/,
};

export const WRONGS = [
  ...Object.keys(SILENT), "answers-receipts", "acts-twice", "accepts-without-declaring", "outcome-without-papers", "lets-go-of-what-it-took",
  "works-though-refused", "no-content-type", "wrong-routing-key", "uses-an-id-twice", "speaks-of-other-cases",
  "stumbles-over-what-it-does-not-understand", "stays-away",
];

export class WrongAgency extends Agency {
  constructor(parts, wrongs) {
    const unknown = wrongs.find((each) => !WRONGS.includes(each));
    if (unknown !== undefined) throw new Error(`--wrong ${unknown}: there are ${WRONGS.join(", ")}`);
    super({
      ...parts,
      tell: (event, fields) => {
        if (event === "not understood" && this.is("stumbles-over-what-it-does-not-understand")) process.exit(1);
        parts.tell(event, fields);
      },
    });
    this.is = (wrong) => wrongs.includes(wrong);
  }

  replies(heard, leg, about) {
    let [after, says = []] = super.replies(heard, leg, about);
    if (heard.name === "receipt.given" && this.is("answers-receipts")) says = [{ name: "referral.acknowledged", data: { leg: "L1" } }];
    if (heard.name === "receipt.given" && heard.data.status === 403 && leg && this.is("works-though-refused"))
      says = [{ name: `${leg.track}.progressed`, data: { leg: leg.leg, step: "docketed" } }];
    if (this.is("lets-go-of-what-it-took")) says = says.map((each) => ({ ...each, name: each.name.replace("recall_refused", "recalled") }));
    return [after, says];
  }

  kept(key, cause, [leg, says = []]) {
    let left = says.filter(({ name }) => !Object.entries(SILENT).some(([wrong, names]) => this.is(wrong) && names.test(name)));
    if (this.is("acts-twice")) left = left.flatMap((each) => [each, { ...each, place: randomUUID() }]);
    for (const { name, data } of left) {
      if (name === "referral.accepted" && this.is("accepts-without-declaring")) data.recusal_checked = false;
      if (data.papers && this.is("outcome-without-papers")) data.papers = [];
    }
    const entry = super.kept(key, cause, [leg, left]);
    for (const each of entry.said) each.body = this.written(each);
    return entry;
  }

  written(said) {
    const message = JSON.parse(said.body);
    if (this.is("uses-an-id-twice")) message.id = `always-${message.subject}`;
    if (this.is("speaks-of-other-cases")) said.case = message.subject = `${message.subject}-other`;
    return JSON.stringify(message);
  }

  wire(message) {
    const { key, body, properties } = super.wire(message);
    if (this.is("no-content-type")) delete properties.contentType;
    return { body, properties, key: this.is("wrong-routing-key") ? `${this.code}.referral.reported.v1` : key };
  }

  cancelled(end) {
    if (!this.is("stays-away")) super.cancelled(end);
  }
}
