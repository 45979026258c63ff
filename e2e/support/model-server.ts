import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** What an OpenAI-compatible client asks for, as far as tests look. */
export interface ModelRequest {
  readonly authorization: string | undefined;
  readonly body: {
    model: string;
    stream?: boolean;
    tools?: { function: { name: string } }[];
    tool_choice?: unknown;
    messages: { role: string; content: unknown; tool_calls?: unknown[]; tool_call_id?: string }[];
  };
}

/** One answer in the making; a test says what comes when. */
export interface Reply {
  readonly request: ModelRequest;
  /** Resolves when the caller has gone, or has everything. */
  readonly closed: Promise<unknown>;
  say(text: string): void;
  callTool(name: string, input: unknown): void;
  /** Ends it as a model does that has said everything. */
  end(): void;
  /** Cuts the connection in the middle. */
  cut(): void;
  /** Answers with a status and no stream. Before anything else. */
  refuse(status: number): void;
}

export type Behaviour = (reply: Reply) => Promise<void> | void;

export interface ModelServer {
  /** For CHAT_BASE_URL. */
  readonly baseUrl: string;
  readonly requests: readonly ModelRequest[];
  /** How the model behaves from now on; until told, it refuses. */
  behave(behaviour: Behaviour): void;
  stop(): Promise<void>;
}

/** A real HTTP server with the part of OpenAI's API that chats use: streamed chat completions. */
export async function startModelServer(): Promise<ModelServer> {
  let behaviour: Behaviour = (reply) => reply.refuse(501);
  const requests: ModelRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    void readRequest(incoming).then(async (request) => {
      requests.push(request);
      await behaviour(replyOn(outgoing, request));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    behave(next) {
      behaviour = next;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function readRequest(incoming: IncomingMessage): Promise<ModelRequest> {
  let text = "";
  for await (const chunk of incoming.setEncoding("utf8")) text += chunk;
  return { authorization: incoming.headers.authorization, body: JSON.parse(text) };
}

function replyOn(outgoing: ServerResponse, request: ModelRequest): Reply {
  const closed = once(outgoing, "close");
  let finishReason = "stop";
  const send = (delta: unknown, finish_reason: string | null = null) => {
    if (!outgoing.headersSent) outgoing.writeHead(200, { "content-type": "text/event-stream" });
    const choices = [{ index: 0, delta, finish_reason }];
    const chunk = {
      id: "1",
      object: "chat.completion.chunk",
      created: 0,
      model: request.body.model,
      choices,
    };
    outgoing.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  let calls = 0;
  return {
    request,
    closed,
    say: (content) => send({ role: "assistant", content }),
    callTool(name, input) {
      finishReason = "tool_calls";
      const call = { name, arguments: JSON.stringify(input) };
      send({
        role: "assistant",
        tool_calls: [{ index: calls, id: `call_${calls++}`, type: "function", function: call }],
      });
    },
    end() {
      send({}, finishReason);
      outgoing.end("data: [DONE]\n\n");
    },
    cut: () => outgoing.destroy(),
    refuse(status) {
      outgoing.writeHead(status, { "content-type": "application/json" });
      outgoing.end(JSON.stringify({ error: { message: "the key secret-key is not known" } }));
    },
  };
}
