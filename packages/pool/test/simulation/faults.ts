import type { Message } from "./frontend.ts";

/** When a fault strikes: at the first message of that kind after so many, or after so much time. */
export type Moment =
  | { readonly after: number; readonly on: "any" | "commit" | "sync" | "statement" | "startup" }
  | { readonly atMs: number };

export type FaultKind =
  /** The connection is cut before or after the server has acted; the client hears of an end, or of a reset. */
  | { readonly do: "cut"; readonly when: "before" | "after"; readonly how: "end" | "reset" }
  /** The backend says why it ends. */
  | { readonly do: "fatal"; readonly when: "before" | "after"; readonly code: string }
  /** The statement fails. */
  | { readonly do: "error"; readonly code: string }
  /** The statement takes so much longer. */
  | { readonly do: "slow"; readonly ms: number }
  /** What is sent on this connection arrives only when the time is up; in one direction or both. */
  | { readonly do: "deaf"; readonly ms: number; readonly side: "client" | "server" | "both" }
  /** Nothing arrives on this connection any more, and nobody is told. */
  | { readonly do: "blackhole" }
  /** So it is with every connection that is open now. */
  | { readonly do: "blackholeAll" }
  /** All backends end; for a while nobody listens, then the server starts up. */
  | {
      readonly do: "restart";
      readonly isCrash: boolean;
      readonly downMs: number;
      readonly startingMs: number;
    }
  | { readonly do: "refuse"; readonly ms: number }
  | { readonly do: "full"; readonly ms: number }
  | { readonly do: "slowStart"; readonly ms: number; readonly forMs: number }
  /** So many connects hang for ever. */
  | { readonly do: "hang"; readonly count: number }
  /** Cancel requests take so long to arrive. */
  | { readonly do: "lateCancel"; readonly ms: number; readonly forMs: number }
  /** The process's event loop is blocked. */
  | { readonly do: "block"; readonly ms: number }
  /** The process and its clock stand still. */
  | { readonly do: "suspend"; readonly ms: number }
  /** A pooler hands the session's prepared statements to nobody. */
  | { readonly do: "forget" }
  /** Somebody else changes the tables. */
  | { readonly do: "alter" };

export type Fault = FaultKind & { readonly at: Moment };

/** Whether a message is of the kind that a fault waits for. */
export function isMomentOf(on: Extract<Moment, { on: unknown }>["on"], message: Message): boolean {
  switch (on) {
    case "any":
      return true;
    case "commit":
      return message.tag === "query" && message.text === "commit";
    case "statement":
      return message.tag === "query" || message.tag === "execute";
    default:
      return message.tag === on;
  }
}
