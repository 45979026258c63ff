/**
 * A port of a worker's own, WORKER_PORT, beside the one that all workers share: `node --import`, in front of Next. Health and the
 * Database page ask there for this process and no other.
 */
import { Server } from "node:http";
import { createServer } from "node:net";

const port = Number(process.env.WORKER_PORT);

// Inherited from net.Server: what is put here lies in front of it, until Next has asked its server to listen.
Server.prototype.listen = function listenTwice(...where) {
  delete Server.prototype.listen;
  // A server listens at one address only. What it is told of is a connection of its own, as Node documents for this event.
  const own = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    this.emit("connection", socket),
  );
  own.listen({ host: "127.0.0.1", port, exclusive: true });
  return this.listen(...where);
};
