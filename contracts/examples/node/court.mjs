/** What the office says: to an offer, a recall, the opening of a proceeding, a request to stop, a contest. Pure; agency.mjs moves the bytes. */
import { createHash } from "node:crypto";

const OF_LEGS = [
  "receipt.given", "referral.offered", "referral.delivered", "referral.acknowledged", "referral.accepted", "referral.declined", "referral.moved",
  "referral.recall_requested", "referral.recalled", "referral.recall_refused", "proceeding.cancel_requested", "proceeding.contested",
  "loop.sounded", "loop.answered",
];
const OF_TRACKS = ["opened", "progressed", "outcome_reported", "cancel_answered", "contest_answered"];

/**
 * A leg: `{case, leg, track, state, proceeding, step, opened, over}`. `state` is of the published leg table, `proceeding` of the other one.
 * Answers are pairs `[leg, says]`: the leg as it stands afterwards (undefined: as before), and what is said, `{name, data, place?}` in order.
 */
export class Court {
  constructor({ leg, proceeding }, tracks) {
    this.legs = leg;
    this.proceedings = proceeding;
    this.tracks = tracks; // of tracks.mjs those that this office takes
  }

  /** The names of the messages that it understands or says. */
  get words() {
    return [...OF_LEGS, ...Object.keys(this.tracks).flatMap((track) => OF_TRACKS.map((each) => `${track}.${each}`))];
  }

  /** What follows from a message. `about`: for a receipt, the name of what it answers. */
  replies(heard, leg, about) {
    const data = heard.data;
    switch (heard.name) {
      case "referral.offered": return leg && !leg.over ? [] : this.offered(heard);
      case "loop.sounded": return [undefined, [{ name: "loop.answered", data: { nonce: data.nonce } }]]; // a test of the way, about no leg
      case "referral.recall_requested": return this.recalled(leg);
      case "referral.moved": return leg && this.legs.ends.has(data.state) ? [{ ...leg, state: data.state, over: true }, []] : [];
      case "proceeding.cancel_requested": return this.cancelled(leg);
      case "proceeding.contested": return this.contested(leg);
      // A receipt is never answered: two that answer each other's receipts would never end. But what it refuses has not happened.
      case "receipt.given": return about === "referral.accepted" && data.status >= 403 && data.status !== 409 ? this.refused(leg, data) : [];
      default: return heard.name === `${leg?.track}.opened` ? this.opened(heard, leg) : [];
    }
  }

  /** What this office says next by itself of a leg that it works on; `[]` where it is done. */
  work(leg) {
    const way = this.tracks[leg.track];
    const next = way?.steps[leg.step];
    const name = `${leg.track}.${next ? "progressed" : "outcome_reported"}`;
    const state = this.proceedings.after(leg.proceeding, next ? "progressed" : "outcome_reported", "body");
    if (leg.over || !way || !state) return [];
    const papers = way.paper ? [paper(way.paper, leg)] : [];
    const data = next ? { leg: leg.leg, ...next } : { leg: leg.leg, outcome: way.outcome, papers };
    return [{ ...leg, proceeding: state, step: leg.step + 1 }, [{ name, data, place: `step ${leg.step}` }]];
  }

  offered({ subject, data: { leg, track, kind } }) {
    const offered = { case: subject, leg, track, state: "sent" };
    const taken = [["referral.delivered"], ["referral.acknowledged"]];
    if (kind === "notify") return this.said(offered, taken); // a notification ends with that
    if (this.tracks[track]) return this.said(offered, [...taken, ["referral.accepted", { recusal_checked: true }]]);
    return this.said(offered, [...taken, ["referral.declined", { ground: "out_of_scope", text: `this office does not take the track ${track}` }]]);
  }

  recalled(leg) {
    // The sender's `referral.recall_asked` reaches a body as `referral.recall_requested`.
    if (!leg || leg.over) return [];
    const state = this.legs.after(leg.state, "referral.recall_asked", "sender");
    if (state) return this.said({ ...leg, state }, [["referral.recalled"]]);
    // Taken: recall and acceptance have crossed, and acceptance goes first.
    return [leg, [{ name: "referral.recall_refused", data: { leg: leg.leg, recusal_checked: true } }]];
  }

  /** The acceptance was not taken: there is no leg to work on. 410: the offer is over; else it lies on the desk as before. */
  refused(leg, { status }) {
    return leg ? [{ ...leg, state: status === 410 ? "expired" : "acknowledged", over: status === 410 }, []] : [];
  }

  opened({ subject, source, id, mode, exercise }, leg) {
    const opened = { subject, source, id, mode, exercise }; // what the steps are said because of
    return leg.proceeding ? [] : [{ ...leg, state: "taken", proceeding: "accepted", step: 0, opened }, []];
  }

  cancelled(leg) {
    const state = this.proceedings.after(leg?.proceeding, "cancel_asked", "sender");
    if (!state) return []; // the outcome is reported already: it stands
    const proceeding = this.proceedings.after(state, "cancel_answered:yes", "body");
    return [{ ...leg, proceeding }, [{ name: `${leg.track}.cancel_answered`, data: { leg: leg.leg, agreed: true } }]];
  }

  contested(leg) {
    const state = this.proceedings.after(leg?.proceeding, "outcome_contested", "sender");
    if (!state) return [];
    const proceeding = this.proceedings.after(state, "contest_answered:stands", "body");
    const data = { leg: leg.leg, again: false, text: "looked at again: the outcome stands" };
    return [{ ...leg, proceeding }, [{ name: `${leg.track}.contest_answered`, data }]];
  }

  /** The leg after these words of its receiver, held against the published table. */
  said(leg, words) {
    let { state } = leg;
    for (const [name] of words) {
      const next = this.legs.after(state, name, "receiver");
      if (!next) throw new Error(`${name} may not be said of a leg that is ${state}`);
      state = next;
    }
    const says = words.map(([name, more]) => ({ name, data: { leg: leg.leg, ...more } }));
    return [{ ...leg, state, over: this.legs.ends.has(state) }, says];
  }
}

/** A paper goes by reference: its kind, size and digest. The document itself stays with the office, which hands it out on another way. */
function paper(kind, leg) {
  const document = Buffer.from(`${kind} in ${leg.case}, leg ${leg.leg}\n`);
  const sha256 = createHash("sha256").update(document).digest("hex");
  return { id: `${kind}-${leg.case}-${leg.leg}`, kind, title: kind, media_type: "text/plain", size: document.length, sha256 };
}
