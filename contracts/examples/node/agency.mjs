/** The connection: hears `agency.<CODE>`, hands each message to the office, says what it answers, and comes back when the broker was away. */
import { setTimeout as sleep } from "node:timers/promises";
import amqp from "amqplib";
import { CONTENT_TYPE, NotUnderstood } from "./messages.mjs";

const EXCHANGE = "xianjie.agencies.in";
const PREFETCH = 50; // so many may lie here unacknowledged; without it the broker pours out the whole inbox
const FIRST_WAIT = 250, LONGEST_WAIT = 10_000; // milliseconds before the next try to connect
const DRAIN = 10_000; // milliseconds for what is at hand when it is told to end

/** The broker will not have us, and trying again is no use. */
export class Refused extends Error {}

export class Agency {
  /** `pace`: seconds between two steps of work. `tell(event, fields)`: writes a log line. */
  constructor({ uri, code, contracts, office, memory, pace, tell }) {
    Object.assign(this, { uri, code, contracts, office, memory, pace, tell });
    this.source = `/agencies/${code}`;
    this.userId = decodeURIComponent(new URL(uri).username) || "guest"; // the broker refuses any other (406); in operation that is the code
    this.turn = Promise.resolve(); // everything is done one after the other, so that what is said of a case keeps its order
    this.stopping = new Promise((resolve) => (this.stop = () => resolve((this.stopped = true))));
  }

  /** Live until `stop()`; throws Refused. amqplib connects again by itself only if it is asked to, and what was half said is ours to know. */
  async run() {
    let wait = FIRST_WAIT;
    while (!this.stopped) {
      try {
        const why = await this.live(() => (wait = FIRST_WAIT));
        if (!this.stopped) this.tell("away", { why });
      } catch (fault) {
        if (/ACCESS.REFUSED|NOT.ALLOWED/.test(fault.message)) throw new Refused(fault.message);
        this.tell("away", { why: fault.message });
      }
      // With some chance in it: after a restart of the broker everybody comes back, and not all at once.
      await Promise.race([this.stopping, sleep(wait * (0.5 + Math.random()), undefined, { ref: !this.stopped })]);
      wait = Math.min(2 * wait, LONGEST_WAIT);
    }
  }

  /** One connection, from its opening until it is gone; returns why it went. */
  async live(opened) {
    const connection = await amqp.connect(this.uri, { timeout: 10_000, clientProperties: { connection_name: this.code } });
    try {
      let end;
      const gone = new Promise((resolve) => (end = resolve));
      connection.on("error", (fault) => end(fault.message)); // without a listener, an error of the broker ends the process
      connection.on("close", () => end("the connection was closed"));
      connection.on("blocked", (why) => this.tell("blocked", { why })); // the broker is short of memory or disk: confirms come late
      return await this.attend(await connection.createConfirmChannel(), gone, end, opened);
    } finally {
      await connection.close().catch(() => {}); // it throws where it is closed already
    }
  }

  async attend(channel, gone, end, opened) {
    channel.on("error", (fault) => end(fault.message)); // the same here; the broker closes a channel for every fault of ours
    channel.on("close", () => end((channel.gone = "the channel was closed")));
    // What no queue takes comes back, and is confirmed all the same. The return comes before the confirm.
    channel.returned = new Set();
    channel.on("return", ({ properties }) => channel.returned.add(properties.messageId));
    const inTurn = (work) => (this.turn = this.turn.then(() => channel.gone || work()).catch((fault) => end(fault.message)));
    await channel.prefetch(PREFETCH);
    inTurn(() => this.sayUnsaid(channel));
    // Nothing is declared: queue and exchange are the network's, and an agency's user may not. A missing inbox closes the channel (404).
    const { consumerTag } = await channel.consume(`agency.${this.code}`, (delivery) => {
      if (delivery) inTurn(() => this.hear(delivery, channel));
      else this.cancelled(end); // null: the broker has cancelled the consumer, as when the queue is deleted or moved
    });
    this.tell("listening", { inbox: `agency.${this.code}` });
    opened();
    const clock = setInterval(() => inTurn(() => this.work(channel)), 1000 * this.pace);
    const why = await Promise.race([gone, this.stopping]);
    clearInterval(clock);
    if (this.stopped) await Promise.race([this.drain(channel, consumerTag), gone, sleep(DRAIN, undefined, { ref: false })]);
    channel.gone ??= "over"; // what still waits for its turn leaves it: undone, so that it comes again
    return why;
  }

  cancelled(end) {
    end("the inbox was taken away");
  }

  async drain(channel, consumerTag) {
    await channel.cancel(consumerTag);
    await this.turn;
  }

  // --- what comes

  async hear(delivery, channel) {
    let heard, entry;
    try {
      heard = this.contracts.read(delivery);
    } catch (fault) {
      if (!(fault instanceof NotUnderstood)) throw fault;
      this.tell("not understood", { why: fault.message, bytes: delivery.content.length });
      return channel.ack(delivery); // nobody will understand it the next time; a nack would bring it again for ever
    }
    try {
      entry = this.decide(heard);
    } catch (fault) {
      return this.tell("fault", { id: heard.id, why: fault.message }); // ours. Not acknowledged: it stays the broker's, for the next version
    }
    await this.say(entry, channel);
    channel.ack(delivery); // only now: until then the broker keeps it, and brings it again on another connection
  }

  /** The entry of a message in the memory: the one that is there, if it came before. */
  decide(heard) {
    const key = `${heard.source} ${heard.id}`;
    const known = this.memory.entries.get(key);
    if (known) return known;
    const receipt = heard.name === "receipt.given" ? heard.data : undefined;
    const about = receipt && this.memory.said.get(receipt.to);
    if (receipt && ![202, 409].includes(receipt.status)) {
      const { status, ground, text, faults } = receipt;
      this.tell("refused", { message: about?.name, id: receipt.to, case: heard.subject, status, ground, text, faults });
    }
    const leg = this.memory.leg(heard.subject, heard.data.leg ?? about?.leg);
    return this.kept(key, heard, this.replies(heard, leg, about));
  }

  /** What the office answers. */
  replies(heard, leg, about) {
    return this.office.replies(heard, leg, about?.name);
  }

  /** One step in each leg that the office works on. */
  async work(channel) {
    for (const leg of this.memory.working()) {
      if (channel.gone) return;
      const key = `${leg.opened.source} ${leg.opened.id} step ${leg.step}`;
      await this.say(this.kept(key, leg.opened, this.office.work(leg)), channel);
    }
  }

  kept(key, cause, [leg, says = []]) {
    const said = says.map((each) => this.contracts.make(this.source, cause, each));
    return this.memory.keep({ key, said, leg, done: false });
  }

  // --- what goes

  /** What a life before this one, or a connection before this one, has not said to the end. */
  async sayUnsaid(channel) {
    for (const entry of this.memory.unsaid()) await this.say(entry, channel);
  }

  /** Say what is in an entry, once; rejects where the broker has not taken it, and then nothing is lost: it is said again. */
  async say(entry, channel) {
    if (entry.done) return;
    for (const message of entry.said) await this.publish(channel, this.wire(message));
    this.memory.done(entry);
  }

  /** A message as it goes over: `case` is the header by which the network finds its place, and the routing key names speaker and type. */
  wire({ id, name, case: subject, body }) {
    const properties = {
      contentType: CONTENT_TYPE, headers: { case: subject }, messageId: id, persistent: true, mandatory: true, userId: this.userId,
    };
    return { key: `${this.code}.${name}.v1`, body, properties };
  }

  publish(channel, { key, body, properties }) {
    return new Promise((resolve, reject) => {
      // The callback is the publisher confirm; it comes with an error when the channel closes before.
      channel.publish(EXCHANGE, key, Buffer.from(body), properties, (fault) => {
        if (fault) reject(fault);
        else if (channel.returned.delete(properties.messageId)) reject(new Error(`${key} reaches no queue: is the network set up?`));
        else resolve();
      });
    });
  }
}
