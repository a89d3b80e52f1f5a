// How a call travels. The generated methods of api.ts rest on this; nothing else knows HTTP.

/** What every call takes beside its own options. */
export interface CallOptions {
  /** Ends the wait, and a stream. A change that was sent may still be applied. */
  signal?: AbortSignal;
}

/** What a node answered; `body` is null where there is none, such as for 204 and 304. */
export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
  /** The store's revision that was read or written. */
  revision: number | null;
  /** The key's mod revision in quotes, for ifMatch and ifNoneMatch. */
  etag: string | null;
  /** What to send as `session` with the next call, at whatever node. */
  session: string | null;
  /** The read level that was served. */
  consistency: string | null;
  /** How old the answer can be at most; null when nothing is proven. */
  stalenessMs: number | null;
}

/** A message of a stream: an event of Server-Sent Events, or a JSON line. */
export interface StreamEvent {
  event: string;
  data: unknown;
  id: string | null;
}

/** Messages as they come; leaving the loop hangs up. */
export type Stream = AsyncIterable<StreamEvent>;

/** A call that was refused, or that nobody answered: then the status is 0 and the code "no-answer". */
export class RaftKvError extends Error {
  readonly status: number;
  readonly code: string;
  /** Whether a change may have happened: "no" and "yes" are certain, "unknown" is not. */
  readonly applied: "no" | "yes" | "unknown";
  readonly retryable: boolean;
  readonly problem: Record<string, unknown>;

  constructor(status: number, problem: Record<string, unknown>, cause?: unknown) {
    const code = String(problem["code"] ?? `http-${status}`);
    super(`${code}: ${problem["detail"] ?? problem["title"] ?? status}`, { cause });
    this.name = "RaftKvError";
    this.status = status;
    this.code = code;
    this.applied = problem["applied"] === "no" || problem["applied"] === "yes" ? problem["applied"] : "unknown";
    this.retryable = problem["retryable"] === true;
    this.problem = problem;
  }
}

/** Who calls. */
export interface Credentials {
  token?: string;
  user?: string;
  password?: string;
}

/** One call, as the generated methods make it. */
export interface Call {
  method: string;
  path: string;
  places?: Record<string, string>;
  query?: Record<string, unknown>;
  headers?: Record<string, unknown>;
  body?: unknown;
  mediaType?: string;
  signal?: AbortSignal | undefined;
}

// Ends before the socket is there: nothing was sent.
const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

/** Calls to one node. */
export class Transport {
  readonly #url: string;
  readonly #authorization: string | null;

  constructor(url = "http://127.0.0.1:2379", credentials: Credentials = {}) {
    this.#url = url.replace(/\/+$/, "");
    this.#authorization =
      credentials.token !== undefined ? `Bearer ${credentials.token}`
      : credentials.user !== undefined ? `Basic ${base64(`${credentials.user}:${credentials.password ?? ""}`)}`
      : null;
  }

  protected async call<T>(call: Call): Promise<Answer<T>> {
    const headers = new Headers();
    for (const [name, value] of Object.entries(call.headers ?? {})) {
      if (value !== undefined) headers.set(name, String(value));
    }
    if (this.#authorization !== null) headers.set("Authorization", this.#authorization);
    const hasBody = call.body !== undefined;
    if (hasBody && call.mediaType !== undefined) headers.set("Content-Type", call.mediaType);
    const request: RequestInit = { method: call.method, headers, redirect: "error" };
    if (hasBody) request.body = call.mediaType === "application/json" ? JSON.stringify(call.body) : (call.body as BodyInit);
    if (call.signal !== undefined) request.signal = call.signal;
    let response: Response;
    try {
      response = await fetch(this.#url + target(call), request);
    } catch (failure) {
      throw noAnswer(call, failure);
    }
    return await answer<T>(call, response);
  }
}

function target(call: Call): string {
  const path = call.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(call.places?.[name] ?? ""));
  const pairs = Object.entries(call.query ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return pairs.length > 0 ? `${path}?${pairs.join("&")}` : path;
}

async function answer<T>(call: Call, response: Response): Promise<Answer<T>> {
  const kind = (response.headers.get("content-type") ?? "").split(";")[0]?.trim() ?? "";
  const isJson = kind === "application/json" || kind.endsWith("+json");
  let body: unknown = null;
  if (response.ok && (kind === "text/event-stream" || kind === "application/x-ndjson")) {
    body = messages(response, kind === "application/x-ndjson");
  } else {
    let content: Uint8Array;
    try {
      content = new Uint8Array(await response.arrayBuffer());
    } catch (failure) {
      throw noAnswer(call, failure);
    }
    const text = () => new TextDecoder().decode(content);
    body = content.length === 0 ? null : isJson ? JSON.parse(text()) : kind === "text/plain" ? text() : content;
  }
  if (response.status >= 400) {
    throw new RaftKvError(response.status, isJson && body !== null ? (body as Record<string, unknown>) : {});
  }
  const header = (name: string) => response.headers.get(name);
  const whole = (name: string) => (header(name) === null ? null : Number(header(name)));
  return {
    status: response.status,
    headers: response.headers,
    body: body as T,
    revision: whole("RaftKv-Revision"),
    etag: header("ETag"),
    session: header("RaftKv-Session"),
    consistency: header("RaftKv-Consistency"),
    stalenessMs: whole("RaftKv-Staleness-Ms"),
  };
}

async function* messages(response: Response, isLines: boolean): AsyncGenerator<StreamEvent> {
  let event = "message";
  let data: string[] = [];
  let id: string | null = null;
  for await (const line of lines(response)) {
    if (isLines) {
      if (line !== "") yield { event: "line", data: JSON.parse(line), id: null };
      continue;
    }
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") event = value;
    else if (name === "data") data.push(value);
    else if (name === "id") id = value;
    else if (line === "" && data.length > 0) {
      yield { event, data: JSON.parse(data.join("\n")), id };
      event = "message";
      data = [];
    }
  }
}

async function* lines(response: Response): AsyncGenerator<string> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      rest += decoder.decode(value, { stream: true });
      const parts = rest.split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) yield part.replace(/\r$/, "");
    }
    if (rest !== "") yield rest;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function noAnswer(call: Call, failure: unknown): RaftKvError {
  const cause = failure instanceof Error ? (failure.cause as { code?: string } | undefined) : undefined;
  const applied = call.method === "GET" || NEVER_SENT.has(cause?.code ?? "") ? "no" : "unknown";
  return new RaftKvError(0, { code: "no-answer", applied, retryable: applied === "no", detail: String(failure) }, failure);
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
