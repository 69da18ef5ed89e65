// Results on their way to the server: one request at a time, what comes meanwhile goes together.

import { postJson } from "../http";

/** A result or a comment. */
export interface Result {
  execution: number;
  status?: number;
  comment?: string;
}

/** What the server says to a list of results. */
export interface Answer {
  /** The changed rows as HTML. */
  rows: { id: number; html: string }[];
  /** Bar and counts of the run as HTML. */
  progress: string;
}

/** What to do with answers. */
export interface Receiver {
  saved(sent: Result[], answer: Answer): void;
  lost(sent: Result[], error: unknown): void;
}

type Send = (url: string, body: unknown) => Promise<Answer>;

/** The way to the server. */
export class Outbox {
  readonly #url: string;
  readonly #receiver: Receiver;
  readonly #send: Send;
  #waiting: Result[] = [];
  #busy = false;

  constructor(url: string, receiver: Receiver, send: Send = postJson) {
    this.#url = url;
    this.#receiver = receiver;
    this.#send = send;
  }

  /** Whether everything has arrived. */
  get idle(): boolean {
    return !this.#busy && this.#waiting.length === 0;
  }

  /** Sends a result as soon as possible. */
  add(result: Result): void {
    this.#waiting.push(result);
    void this.#run();
  }

  /** Sends again what did not arrive. */
  again(results: Result[]): void {
    this.#waiting.unshift(...results);
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#busy) {
      return;
    }
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const sent = this.#waiting;
      this.#waiting = [];
      try {
        this.#receiver.saved(sent, await this.#send(this.#url, sent));
      } catch (error) {
        this.#receiver.lost(sent, error);
      }
    }
    this.#busy = false;
  }
}
