// Uses the client against a node that runs: node dist/test/smoke.js http://127.0.0.1:2379. Its last line says how many checks passed.

import { RaftKv, RaftKvError } from "../src/index.js";
import type { Pair, Page, StreamEvent, Stream, WatchAnswer } from "../src/index.js";

declare const process: { argv: string[]; exit(code: number): never };

let checks = 0;

function check(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`not so: ${what}`);
  checks++;
}

async function refusal(call: Promise<unknown>): Promise<RaftKvError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof RaftKvError) return error;
    throw error;
  }
  throw new Error("not refused");
}

async function first(stream: Stream | WatchAnswer): Promise<StreamEvent> {
  for await (const message of stream as Stream) return message;
  throw new Error("the stream had no message");
}

async function main(url: string): Promise<void> {
  const kv = new RaftKv(url);
  const key = "smoke/typescript/a b%2F\u00e9";
  const put = await kv.putKey({ key, body: new TextEncoder().encode("one"), ifNoneMatch: "*" });
  check(put.status === 201 && put.revision !== null, "a key is created");
  const read = await kv.getKey({ key, consistency: "session", session: put.session ?? "" });
  const pair = read.body as Pair;
  check(pair.key === key && pair.value === "one", "and read, name and value as they were");
  check(read.consistency === "session" && read.etag === `"${put.revision}"`, "with the headers of the answer");
  const raw = await kv.getKey({ key, raw: true });
  check(new TextDecoder().decode(raw.body as Uint8Array) === "one", "and read as bytes");
  check((await kv.getKey({ key, ifNoneMatch: read.etag ?? "" })).status === 304, "a condition on a read is 304 without a body");
  const lost = await refusal(kv.putKey({ key, body: "two", ifMatch: '"1"' }));
  check(lost.status === 412 && lost.code === "precondition-failed" && lost.applied === "no", "a condition on a write is kept");
  check((await refusal(kv.getKey({ key: "smoke/typescript/none" }))).status === 404, "what is not there is 404");

  const once = await kv.putKey({ key, body: "two", idempotencyKey: "smoke-typescript-1" });
  const again = await kv.putKey({ key, body: "two", idempotencyKey: "smoke-typescript-1" });
  check(again.revision === once.revision && again.headers.get("RaftKv-Replayed") === "true", "a repeat has the first answer");
  const txn = await kv.runTransaction({
    body: {
      compare: [{ key, target: "value", op: "=", operand: "two" }],
      then: [{ put: { key: "smoke/typescript/x", value: "1" } }],
      else: [{ get: { key } }],
    },
  });
  check(txn.body !== null && "succeeded" in txn.body && txn.body.succeeded, "a transaction compares and writes");
  const page = (await kv.listKeys({ prefix: "smoke/typescript/", limit: 1 })).body as Page;
  check(page.items?.length === 1, "a page has as many as asked");

  const from = put.revision ?? 0;
  const change = await first((await kv.watch({ prefix: "smoke/typescript/", startRevision: from, limit: 1 })).body);
  check(change.event === "change" && change.id === String(from), "a watch tells the first change");
  const lines = await kv.watch({ prefix: "smoke/typescript/", startRevision: from, limit: 1, accept: "application/x-ndjson" });
  check(((await first(lines.body)).data as { revision: number }).revision === from, "and so it does in lines");

  const lock = await kv.acquireLock({ name: "smoke/typescript", body: { ttl: "30s", wait: "0s", owner: "smoke" } });
  const token = lock.body.fencingToken;
  const held = await refusal(kv.acquireLock({ name: "smoke/typescript", body: { wait: "0s", owner: "other" } }));
  check(held.code === "lock-held", "a lock is held");
  const fence = `smoke%2Ftypescript;token=${token}`;
  check((await kv.putKey({ key: "smoke/typescript/x", body: "2", fence })).status === 200, "its holder writes");
  await kv.releaseLock({ name: "smoke/typescript", token });
  const fenced = await refusal(kv.putKey({ key: "smoke/typescript/x", body: "3", fence }));
  check(fenced.code === "fence-lost", "and afterwards does not");

  check(["leader", "follower"].includes((await kv.getStatus()).body.role), "the status has a role");
  check(typeof (await kv.live()).body === "string", "a probe is text");
  check((await kv.deleteKeys({ prefix: "smoke/typescript/" })).status === 200, "a prefix is deleted");
  const nobody = await refusal(new RaftKv("http://127.0.0.1:1").putKey({ key: "a", body: "b" }));
  check(nobody.code === "no-answer", "nobody there: no answer");
  console.log(`${checks} checks passed`);
}

main(process.argv[2] ?? "http://127.0.0.1:2379").catch((error: unknown) => {
  console.log(error);
  process.exit(1);
});
