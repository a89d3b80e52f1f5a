// The HTTP API of RaftKv 0.1.0: a type for each body, a method for each operation.
// Made by tools/RaftKv.ClientGenerator from docs/openapi.json. Changes belong there.

import { Transport } from "./transport.js";
import type { Answer, CallOptions, Stream } from "./transport.js";

export type ConsistencyChoice = "linearizable" | "eventual" | "lease" | "sequential" | "causal" | "session" | "read-your-writes" | "monotonic-reads" | "bounded" | "consistent-prefix" | "all" | "strong" | "quorum" | "consistent" | "stale" | "one";
export type OnUnmetChoice = "wait" | "fail" | "forward";
export type WriteConcernChoice = "majority" | "all" | "accepted" | "ONE" | "QUORUM" | "ALL" | "ANY";
export type KeyEncodingChoice = "utf-8" | "base64url";

/**
 * What is asked for. `owner` for locks and semaphores, `mode` for locks, `limit` for semaphores, `value` for
 * elections.
 */
export interface AcquireBody {
  /** Life of the lease that is made; default 15s */
  ttl?: string;
  /** Your own lease instead */
  lease?: string;
  /** How long to wait, 0s (try once) to 60s; default 30s */
  wait?: string;
  /** Who asks, for people */
  owner?: string;
  /** Default exclusive */
  mode?: "exclusive" | "shared";
  /** How many may hold */
  limit?: number;
  /** What observers see */
  value?: string;
  /** Encoding of the value */
  encoding?: "utf-8" | "base64";
}

/** A level, and why. */
export interface Advice {
  /** The weakest level that fulfils every wish */
  level: "linearizable" | "eventual" | "lease" | "sequential" | "causal" | "session" | "read-your-writes" | "monotonic-reads" | "bounded" | "consistent-prefix" | "all";
  /** Headers to send with each read */
  headers: Record<string, unknown>;
  /** Why this level */
  reasons: Array<string>;
  /** What it costs */
  tradeOffs: Array<string>;
  /** Wishes that no system fulfils together, and which one was kept */
  contradictions: Array<string>;
  alternatives: Array<AdviceAlternatives>;
}

/** Another level. */
export interface AdviceAlternatives {
  /** The level */
  level: "linearizable" | "eventual" | "lease" | "sequential" | "causal" | "session" | "read-your-writes" | "monotonic-reads" | "bounded" | "consistent-prefix" | "all";
  /** When it is the better one */
  when: string;
}

/** The questions of a design review; leave out what is not known. */
export interface AdviceBody {
  /** A read must see every write that was acknowledged before it began */
  mustNeverBeStale?: boolean;
  /** A client must see what it has written itself */
  ownWritesVisible?: boolean;
  /** An effect must never be seen without its cause, across clients */
  causeBeforeEffect?: boolean;
  /** Reads must be answered on the side without a majority */
  availableInPartition?: boolean;
  /** How old an answer may be, 0 to a day */
  maxStalenessMs?: number;
  /** Reads among all requests, 0 to 1 */
  readShare?: number;
  /** Nodes and clients are in regions far from each other */
  globalDistribution?: boolean;
}

/**
 * NOSPACE: no room. CORRUPT: somebody called the data damaged. state-differs: a node whose state differs from
 * the leader's after the same entry, by a bug or damaged memory; only its leader tells it. healed: this
 * node's data was damaged, and it came back as a new member; until what is kept is gone.
 */
export interface Alarm {
  /** What is wrong */
  kind: "NOSPACE" | "CORRUPT" | "state-differs" | "healed";
  /** Name of the node that it is about; absent for the whole cluster */
  node?: string;
  /** Who raised it */
  cause?: "quota" | "disk" | "hand";
  /** state-differs: after which entry */
  index?: number;
  /** Hash of the leader's state there */
  leaderHash?: string;
  /** Hash of the node's state there */
  nodeHash?: string;
  /** healed: where in the data directory the damaged data is kept */
  kept?: string;
}

/** The alarms that are raised. */
export interface AlarmList {
  alarms: Array<Alarm>;
  store: StoreSpace;
  /** As of this revision */
  revision: number;
}

/** Whether rights are in force. */
export interface AuthState {
  /** Every call needs its right */
  enabled: boolean;
  /** Grows with every change of users, roles, rights and tokens */
  revision: number;
  /** The user who asks; null for nobody in particular */
  user: string | null;
}

/** A backup in the place where the node that answers puts them. */
export interface Backup {
  /** What names it: its file's name without the ending */
  id: string;
  /** running, done or failed */
  state: string;
  /** The newest revision in it */
  revision: number;
  /** When it was begun, by the clock of the node that made it */
  taken: string;
  /** The leader's schedule asked for it; known while it runs and when it failed */
  scheduled: boolean;
  /** Bytes of the file written so far; all of them when it is done */
  writtenBytes: number;
  /** About how many bytes it will have */
  estimatedBytes: number;
  /** SHA-256 of the whole file, as in the file beside it */
  sha256?: string;
  /** Path of the file on the node, or its s3 address, when it is done */
  file?: string;
  /** Why it failed */
  problem?: string;
}

/** The backups of this cluster in the place where the node that answers puts them. */
export interface BackupList {
  /**
   * The node's directory, or the place in an object store; absent on a node that was started without
   * --backup-to
   */
  target?: string;
  /** Milliseconds between two backups of the leader's; absent without a schedule */
  everyMs?: number;
  /** How many of them stay */
  keep: number;
  backups: Array<Backup>;
}

/** An open client session. */
export interface ClientSession {
  /** Its id, 16 hex digits */
  id: string;
  /** Answers kept above what is acknowledged */
  maxAnswers: number;
  /** Bytes of them; beyond it a repeat only learns that the first one was applied */
  maxAnswerBytes: number;
  /** Revision of the store when it was opened */
  revision: number;
}

/** A client session that was closed. */
export interface ClientSessionEnded {
  /** Revision of the store */
  revision: number;
}

/** The members. */
export interface Cluster {
  /** Cluster id in hex */
  clusterId: string;
  /** Term */
  term: number;
  /** The leader as far as known. */
  leader: ClusterLeader | null;
  /** A change of members is under way */
  joint: boolean;
  members: Array<Member>;
}

/** The leader as far as known. */
export interface ClusterLeader {
  /** Name */
  name: string;
  /** Id in hex */
  id: string;
}

/** The store after the compaction. */
export interface CompactAnswer {
  /** Its revision */
  revision: number;
}

/** A compaction. */
export interface CompactBody {
  /** Versions that no read at or after this revision can see are forgotten */
  revision: number;
  /** Answer when they are removed; 504 write-concern-unmet when they are not in time */
  physical?: boolean;
}

/** One condition. On a missing key numbers are 0 and `value` is false under every op. */
export interface Compare {
  /** The key */
  key?: string;
  /** Instead of key: every key that begins so must fulfil it */
  prefix?: string;
  /** Encoding of the keys here */
  keyEncoding?: "utf-8" | "base64url";
  /** What is compared */
  target: "value" | "version" | "createRevision" | "modRevision" | "lease";
  /** How */
  op: "=" | "!=" | "<" | ">";
  /** A string for value and lease (hex), else a whole number */
  operand: number | string;
  /** Encoding of a value operand */
  encoding?: "utf-8" | "base64";
}

/** A counter after the addition. */
export interface CounterAnswer {
  /** Its value */
  value: number;
  /** Revision of the write */
  revision: number;
}

/** An addition. */
export interface CounterBody {
  /** What to add, may be negative; default 1 */
  by?: number;
}

/** Keys to delete: one key, a prefix, or start and end. */
export interface DeleteSpec {
  /** One key */
  key?: string;
  /** Keys that begin so; empty is every key */
  prefix?: string;
  /** First key, inclusive */
  start?: string;
  /** End, exclusive */
  end?: string;
  /** Encoding of the keys here */
  keyEncoding?: "utf-8" | "base64url";
}

/** What a deletion did. */
export interface Deleted {
  /** Keys deleted */
  deleted: number;
  /** Revision of the store after it */
  revision: number;
}

/** An election. */
export interface Election {
  /** Its name */
  name: string;
  leader: Leader | null;
  /** How many stand for it, the leader included */
  candidateCount: number;
  /** As of this revision */
  revision: number;
}

/** Health as etcd tells it. */
export interface EtcdHealth {
  /** A linearizable read worked */
  health: "true" | "false";
  /** Why not */
  reason: string;
}

/** Versions as etcd tells them. */
export interface EtcdVersion {
  /** etcd API spoken */
  etcdserver: string;
  /** The same, as all members have it */
  etcdcluster: string;
  /** The form of the data, by etcd's version that has it */
  storage: string;
  /** Version of RaftKv */
  raftkv: string;
}

/** Whether the token holds. */
export interface FenceAnswer {
  /** It does */
  valid: boolean;
  /** Tokens of all who hold */
  holderTokens: Array<number>;
  /** As of this revision */
  revision: number;
}

/** A token to verify. */
export interface FenceBody {
  /** Name of the lock, semaphore or election */
  lock: string;
  /** The token */
  token: number;
  /** What it is */
  kind?: "lock" | "semaphore" | "election";
}

/** A follower as the leader sees it. */
export interface Follower {
  /** Name */
  name: string;
  /** Id in hex */
  id: string;
  /** probe, replicate or snapshot; unreachable when it has been silent for an election timeout */
  state: string;
  /** Known to be on its disk */
  matchIndex: number;
  /** Sent next */
  nextIndex: number;
  /** Messages under way */
  inflight: number;
  /** Ticks since its last message */
  silentTicks: number;
  /**
   * Milliseconds since its last message; since the term began for one that has not been heard in it
   */
  lastSeenMs: number;
  /** What it said to have applied */
  appliedIndex: number;
  /** Entries that it lacks */
  lagEntries: number;
  /** How long the oldest of those has been in the leader's log */
  lagMs: number;
}

/** A rule that came with a cluster version. */
export interface Gate {
  /** Its number */
  number: number;
  /** Its name */
  name: string;
  /** The cluster version it came with */
  since: number;
  /** It is in force */
  on: boolean;
  /** One line */
  meaning: string;
}

/** What is held. */
export interface Grant {
  /** The name */
  name: string;
  /** What it is */
  kind: "lock" | "semaphore" | "election";
  /** How it is held */
  mode: "exclusive" | "shared" | "counted";
  /** Grows from holder to holder, for ever */
  fencingToken: number;
  /** Who asked */
  owner: string;
  /** The lease that it hangs on */
  lease: string;
  /** The lease's life */
  ttlMs: number;
  /** The key behind it, which can be watched: mode and lease follow the name, after zero bytes */
  key: string;
  /** Held at this revision */
  revision: number;
}

/** Keys of which a role may do something: key, prefix, or start and end. */
export interface GrantBody {
  /** One key */
  key?: string;
  /** All keys that begin so; empty for every key */
  prefix?: string;
  /** All keys from here on */
  start?: string;
  /** All keys before */
  end?: string;
  /** base64url when key, prefix, start and end are written so */
  keyEncoding?: "base64url";
  /**
   * What may be done; for lock the keys are names of locks, semaphores and elections. Not for a revoke
   */
  rights?: Array<string>;
}

/** A guarded prefix. */
export interface Guard {
  /** The prefix */
  prefix: string;
  /** Present when it is not UTF-8 */
  prefixEncoding?: "base64url";
  /** The lock whose fence is asked for; null for any */
  lock: string | null;
  /** What it is */
  kind?: "lock" | "semaphore" | "election";
}

/** Whose fence a guard asks for. */
export interface GuardBody {
  /** Name of the lock, semaphore or election; any when absent */
  lock?: string;
  /** What it is */
  kind?: "lock" | "semaphore" | "election";
}

/** The guards. */
export interface GuardList {
  guards: Array<Guard>;
  /** As of this revision */
  revision: number;
}

/** What a member is after it was asked to lead or to drain, and who leads. */
export interface HandOver {
  /** Name of the node that answers: the leader that was, or the node that drains */
  node: string;
  /** What it is now */
  phase: "starting" | "ready" | "draining" | "failed";
  /** Term */
  term: number;
  /** Who leads, as that node knows; null while nobody does */
  leader: HandOverLeader | null;
}

/** Who leads, as that node knows; null while nobody does */
export interface HandOverLeader {
  /** Name */
  name: string;
  /** Id in hex */
  id: string;
}

/** Versions of a key since the last compaction, newest first. */
export interface History {
  /** The key */
  key: string;
  /** Present when the key is not UTF-8: it is base64url then */
  keyEncoding?: "base64url";
  /** The newest revision */
  revision: number;
  /** Older versions are gone */
  compactedRevision: number;
  versions: Array<Version>;
  /** There are older ones; raise limit */
  hasMore: boolean;
}

/** Who holds or waits. */
export interface Holder {
  /** Its token */
  fencingToken: number;
  /** Who asked */
  owner: string;
  /** Its lease */
  lease: string;
  /** How it is held */
  mode: "exclusive" | "shared" | "counted";
  /** What is left of the lease, for holders, when the leader said so */
  remainingMs?: number;
  /** Place in the queue, holders included, from 0; for those who wait */
  position?: number;
}

/** What is kept for repeats, and the time by which it grows old. */
export interface IdempotencyStatus {
  /** Milliseconds that the cluster has counted so far */
  clusterTimeMs: number;
  /** For so long a first answer under an Idempotency-Key is kept in any case */
  windowFloorMs: number;
  /** For so long it is kept while there is room */
  windowMs: number;
  /** First answers under keys */
  keys: number;
  /** Bytes that they count for, in all shares */
  keyBytes: number;
  /** The part of it of those who are neither a user nor a client session */
  sharedKeyBytes: number;
  /** At which new keys of theirs wait until old answers may go */
  sharedKeyBytesMax: number;
  /** Users and client sessions that have keys in a share of their own */
  owners: number;
  /** At which later ones take from the common share */
  ownersMax: number;
  /** Bytes of one of these shares */
  ownerKeyBytesMax: number;
  /** Client sessions */
  clientSessions: number;
  /** At which a new one drops the one that was idle longest */
  clientSessionsMax: number;
  /** First answers that they keep */
  clientSessionAnswers: number;
  /** Bytes that sessions and answers count for */
  clientSessionBytes: number;
  /** At which the session that was idle longest is dropped */
  clientSessionBytesMax: number;
}

/** A key; without value and encoding when only keys were asked for. */
export interface Item {
  /** The key */
  key: string;
  /** Present when the key is not UTF-8: it is base64url then */
  keyEncoding?: "base64url";
  /** The value, as the encoding says */
  value?: string;
  /** utf-8 when the bytes are valid UTF-8, else base64 */
  encoding?: "utf-8" | "base64";
  /** Revision that created the key */
  createRevision: number;
  /** Revision of the last write; the ETag */
  modRevision: number;
  /** Writes since creation */
  version: number;
  /** Lease id in hex, or null */
  lease: string | null;
}

/** The renewed lease. */
export interface KeptAlive {
  /** The name */
  name: string;
  /** Of a lock or semaphore */
  fencingToken?: number;
  /** Of an election */
  token?: number;
  /** The lease */
  lease: string;
  /** Its life */
  ttlMs: number;
  /** What is left of it */
  remainingMs: number;
}

/** Who leads. */
export interface Leader {
  /** Fencing token of the leadership */
  token: number;
  /** What the leader says */
  value: string;
  /** Of the value */
  encoding: "utf-8" | "base64";
  /** Its lease */
  lease: string;
  /** Revision of the value */
  revision: number;
}

/** A leadership that was won. */
export interface Leadership {
  /** The election */
  name: string;
  /** Fencing token of the leadership */
  token: number;
  /** What the leader says */
  value: string;
  /** Of the value */
  encoding: "utf-8" | "base64";
  /** Its lease */
  lease: string;
  /** The lease's life */
  ttlMs: number;
  /** The key behind it */
  key: string;
  /** Leads at this revision */
  revision: number;
}

/** A lease. */
export interface Lease {
  /** Its id in hex */
  id: string;
  /** Life without a keepalive */
  ttlMs: number;
  /** What is left of it */
  remainingMs: number;
  /** Revision of the store when it was granted */
  revision?: number;
  keys?: Array<LeaseKey>;
}

/** A lease to grant. */
export interface LeaseBody {
  /** Life without a keepalive, 100ms to 9000000000s: a whole number and ms, s, m, h or d */
  ttl: string;
  /** 1 to 16 hex digits; chosen at random when absent */
  id?: string;
}

/** A lease that was revoked. */
export interface LeaseEnded {
  /** Its id in hex */
  id: string;
  /** Keys that went with it */
  deletedKeys: number;
  /** Revision after it */
  revision: number;
}

/** A lease. */
export interface LeaseEntry {
  /** Its id in hex */
  id: string;
  /** Life without a keepalive */
  ttlMs: number;
}

/** A key that hangs on the lease. */
export interface LeaseKey {
  /** The key */
  key: string;
  /** Present when it is not UTF-8 */
  keyEncoding?: "base64url";
}

/** A page of leases. */
export interface LeaseList {
  leases: Array<LeaseEntry>;
  /** Of the next page; absent on the last */
  nextCursor?: string;
}

/** A part of a node's log. Only what is applied there, so committed, is shown. */
export interface Log {
  /** The oldest entry that the node's log still has; what was before it is in its snapshot */
  firstIndex: number;
  /** The newest entry that the node has applied */
  appliedIndex: number;
  /** The last entry of its newest snapshot; 0 for none */
  snapshotIndex: number;
  entries: Array<LogEntry>;
  /** Where the next page begins; null when there is nothing more yet */
  nextIndex: number | null;
}

/** An entry of the log, decoded. Values and secrets are never shown: how long they are is. */
export interface LogEntry {
  /** Its place */
  index: number;
  /** The term of the leader that made it */
  term: number;
  /** What it is */
  kind: "noop" | "command" | "members";
  /** Bytes of its payload */
  bytes: number;
  /** What the command asks, as one word: put, delete, txn, grant-lease … */
  command?: string;
  /** The same in a line, for people */
  text: string;
  /** When the leader took it, by the leader's clock; absent when it did not say */
  time?: string;
  /** The node that a client sent it to: its name, or its id when it is no member any more */
  origin?: string;
  /** The user who asked; absent for nobody in particular */
  user?: string;
  /** It runs only while a token holds its lock */
  fenced?: boolean;
  /** It runs at most once: it has an idempotency key or a number in a client session */
  once?: boolean;
  /** The keys that it names, at most 32 of them */
  keys?: Array<LogKey>;
  /** How many it names beyond those */
  moreKeys?: number;
}

/** A key, or a range of keys, that an entry names. */
export interface LogKey {
  /** What is done: put, delete, get, increment, compare or acquire */
  op: string;
  /** The key, or the first of the range; a name for acquire */
  key: string;
  /** The first key that is not meant any more; absent for one key, empty for no end */
  end?: string;
  /** Present when one of them is not UTF-8 */
  keyEncoding?: "base64url";
  /** How long the value is, of a put */
  valueBytes?: number;
}

/** A login. */
export interface Login {
  /** For Authorization: Bearer, at any node; it lasts for a day after its last use */
  token: string;
}

/** A user's name and password. */
export interface LoginBody {
  /** The user's name */
  user: string;
  /** The password */
  password: string;
}

/** A member. */
export interface Member {
  /** Name */
  name: string;
  /** Id in hex */
  id: string;
  /** As far as this node knows */
  role: "leader" | "follower" | "candidate" | "pre-candidate" | "learner" | "removed" | "pending";
  /** Has a vote */
  voter: boolean;
  /** Leads */
  leader: boolean;
  /** Is the node that answers */
  self: boolean;
  /** Where its peers reach it */
  peerUrl: string;
  /** Where clients reach it, when known */
  clientUrl: string | null;
  /** Becomes a voter by itself, once it has caught up */
  joining: boolean;
  /** Closes its doors, and is removed then */
  leaving: boolean;
  /** Id of the voter that goes when it becomes one */
  replaces?: string;
  /** Id of the data directory that it is; absent while none has come */
  instance?: string;
  /** Where it stands; absent when nobody said. Clients that stand there read there */
  zone?: string;
  /** The voter of the highest priority leads, if it is well; absent for 0 */
  priority?: number;
  /** It does not answer the leader; absent where this node does not lead */
  unreachable?: boolean;
  /** Milliseconds since the leader heard it; absent where this node does not lead */
  lastSeenMs?: number;
}

/** A new member. */
export interface MemberAddBody {
  /** Its node's name; its node is started with it, and with --join */
  name?: string;
  /** Where its peers reach it, as http://HOST:PORT */
  peerUrl?: string;
  /** It stays without a vote; without this it becomes a voter once it has caught up */
  learner?: boolean;
}

/** What goes on. */
export interface MemberChange {
  /** One of each member that is concerned; each can be looked at under its id */
  operations: Array<Operation>;
}

/** Several members at once, as one change; each is named once. */
export interface MemberChangeBody {
  /** New members */
  add?: Array<MemberAddBody>;
  /** Ids or names of learners that are to have a vote */
  promote?: Array<string>;
  /** Of voters that are to have none */
  demote?: Array<string>;
  /** Of members that are to go */
  remove?: Array<string>;
}

/** What is to be different of a member. */
export interface MemberPatchBody {
  /** Its name */
  name?: string;
  /** Where its peers reach it */
  peerUrl?: string;
  /** Where it stands; empty for nowhere */
  zone?: string;
  /** 0 to 100: the voter of the highest priority leads, if it is well */
  priority?: number;
}

/** How far a change of a member is. */
export interface MemberProgress {
  /**
   * waiting: its node is to be started with --join. leaving: it closes its doors. not-so: it is not so, and
   * nobody is at it
   */
  phase: "waiting" | "catching-up" | "changing" | "leaving" | "done" | "not-so";
  /** How the leader serves it; absent when that is not known */
  state?: string;
  /** It has the log up to here */
  matchIndex?: number;
  /** The leader has it up to here */
  lastIndex?: number;
  /** Bytes of a snapshot that it has, while one is sent */
  snapshotSentBytes?: number;
  /** Bytes of that snapshot */
  snapshotBytes?: number;
  /** Milliseconds since the leader heard it */
  lastSeenMs?: number;
  /** What it has of what there is, 0 to 100 */
  percent?: number;
}

/**
 * What comes in a member's place; without a body the same name and address, with a new data directory.
 */
export interface MemberReplaceBody {
  /** The new node's name */
  name?: string;
  /** Where its peers reach it */
  peerUrl?: string;
}

/** What a member can hold of the store, by its memory budget. */
export interface MemberSpace {
  /** Name of the node */
  node: string;
  /** Bytes */
  storeBytes: number;
}

/** What became of an accepted write. */
export interface Operation {
  /** Its id */
  id: string;
  /** unknown when this node does not, or no longer, know */
  state: "pending" | "applied" | "not-applied" | "unknown";
  /** Revision after it */
  revision?: number;
  /** HTTP status that the answer would have had */
  status?: number;
  /** The body that the answer would have had; null when it was too large to keep */
  answer?: unknown;
  /** Why it was not applied */
  code?: string;
  /** The same in words */
  detail?: string;
  /** The member, when it is about one */
  member?: Member;
  /** How far it is, when it is about a member */
  progress?: MemberProgress;
}

/** The operations that a role allows. */
export interface OperationsBody {
  /** All of them; what is absent is taken away */
  operations: Array<string>;
}

/** Keys in byte order, from one revision. */
export interface Page {
  /** Revision that all pages are read at */
  revision: number;
  items?: Array<Item>;
  /** There is a next page */
  hasMore?: boolean;
  /** Send it back for the next page, with the same prefix, start, end and order */
  cursor?: string | null;
  /** How many keys there are; only with countOnly, and then alone with bytes */
  count?: number;
  /**
   * What they take now, all kept versions with their overhead, as quotas count; only with countOnly and
   * without revision
   */
  bytes?: number;
}

/** A key and its value. */
export interface Pair {
  /** The key */
  key: string;
  /** Present when the key is not UTF-8: it is base64url then */
  keyEncoding?: "base64url";
  /** The value, as the encoding says */
  value: string;
  /** utf-8 when the bytes are valid UTF-8, else base64 */
  encoding: "utf-8" | "base64";
  /** Revision that created the key */
  createRevision: number;
  /** Revision of the last write; the ETag */
  modRevision: number;
  /** Writes since creation */
  version: number;
  /** Lease id in hex, or null */
  lease: string | null;
}

/** A new password. */
export interface PasswordBody {
  /** 8 to 1,024 bytes */
  password: string;
}

/** An error (RFC 9457). `applied` says whether a write of the request took effect. */
export interface Problem {
  /** urn:raftkv:problem: and the code */
  type: string;
  /** The kind of error, in words */
  title: string;
  /** HTTP status */
  status: number;
  /** What happened and what to do */
  detail: string;
  /** The kind of error, for programs */
  code: string;
  /** no: surely not, and never will be. unknown: it may have been, or may yet be */
  applied: "no" | "yes" | "unknown";
  /** The same request may succeed later */
  retryable: boolean;
  /** The node that answers */
  node: string;
  /** The leader as far as this node knows */
  leader: string | null;
  /** Ties the answer to the server's log */
  traceId: string;
  /** The key's mod revision after a failed precondition; 0 when missing */
  actualRevision?: number;
  /** The oldest revision that can still be read */
  compactedRevision?: number;
  /** For an answer that was not kept, the revision that it had */
  revision?: number;
  /** For an answer that was not kept, what names it */
  answerDigest?: string;
  /** Where the outcome of the write can be asked for */
  operation?: string;
  /** For consistency-unmet: what the read asked for. */
  asked?: ProblemAsked;
  /** For consistency-unmet: what this node has. */
  available?: ProblemAvailable;
  /** For quota-exceeded: the prefix whose quota it is; empty for the whole store */
  prefix?: string;
  /** Present when it is not UTF-8 */
  prefixEncoding?: "base64url";
  keys?: Use;
  bytes?: Use;
  holders?: Array<Holder>;
  /** For lock-held: how many others wait */
  queueLength?: number;
}

/** For consistency-unmet: what the read asked for. */
export interface ProblemAsked {
  /** The level */
  level: "linearizable" | "eventual" | "lease" | "sequential" | "causal" | "session" | "read-your-writes" | "monotonic-reads" | "bounded" | "consistent-prefix" | "all";
  /** The bound in time */
  maxStalenessMs: number | null;
  /** The bound in revisions */
  maxLag: number | null;
  /** The revision that token or query need */
  revision: number | null;
}

/** For consistency-unmet: what this node has. */
export interface ProblemAvailable {
  /** Its newest revision */
  revision: number;
  /** Proven bound of its age; null when unknown */
  stalenessMs: number | null;
  /** Its role */
  role: string;
  /** The leader as far as it knows */
  leader: string | null;
  /** Its term */
  term: number;
}

/** The process itself. */
export interface Process {
  /** Resident memory */
  workingSetBytes: number;
  /** Managed memory in use */
  heapBytes: number;
  /** How long the collector has stopped the process since start, in whole milliseconds */
  gcPauseMs: number;
  /** By generation, 0 first */
  gcCounts: Array<number>;
}

/** Holders, and those who wait, in order. */
export interface Queue {
  /** The name */
  name: string;
  /** Of a semaphore that somebody holds */
  limit?: number | null;
  holders: Array<Holder>;
  queue: Array<Holder>;
  /** As of this revision */
  revision: number;
}

/** A lock or semaphore. */
export interface QueueEntry {
  /** Its name */
  name: string;
  holders: Array<Holder>;
  /** How many wait */
  queueLength: number;
}

/** A page of what is held. */
export interface QueueList {
  locks?: Array<QueueEntry>;
  semaphores?: Array<QueueEntry>;
  /** Of the next page; absent on the last */
  nextCursor?: string;
}

/** A prefix with a quota. */
export interface Quota {
  /** The prefix */
  prefix: string;
  /** Present when it is not UTF-8 */
  prefixEncoding?: "base64url";
  keys: Use;
  bytes: Use;
  /** As of this revision */
  revision: number;
}

/** What may be taken; what is absent is not limited. */
export interface QuotaBody {
  /** Most live keys */
  keys?: number | null;
  /** Most bytes, all kept versions with their overhead */
  bytes?: number | null;
}

/** The store and all quotas. */
export interface QuotaList {
  store: StoreSpace;
  quotas: Array<QuotaUse>;
  /** As of this revision */
  revision: number;
}

/** A prefix with a quota. */
export interface QuotaUse {
  /** The prefix */
  prefix: string;
  /** Present when it is not UTF-8 */
  prefixEncoding?: "base64url";
  keys: Use;
  bytes: Use;
}

/** Keys of one range. */
export interface Range {
  items: Array<Item>;
  /** The limit, or the page's size, cut the range */
  hasMore: boolean;
  /** Keys in the range, without the limit */
  count: number;
}

/** All ranges, read from one view. */
export interface RangeAnswer {
  /** Revision that they were read at */
  revision: number;
  results: Array<Range>;
}

/** Ranges to read from one view. */
export interface RangeBody {
  ranges: Array<RangeSpec>;
  /** Read at this revision; the newest when absent */
  revision?: number;
  /** base64 for all values, or auto */
  encoding?: "auto" | "base64";
}

/** Keys to read: one key, a prefix, or start and end. */
export interface RangeSpec {
  /** One key */
  key?: string;
  /** Keys that begin so; empty is every key */
  prefix?: string;
  /** First key, inclusive */
  start?: string;
  /** End, exclusive */
  end?: string;
  /** Encoding of the keys here */
  keyEncoding?: "utf-8" | "base64url";
  /** Most keys, 1 to 10000; default 1000 */
  limit?: number;
  /** Without values */
  keysOnly?: boolean;
  /** Only the count */
  countOnly?: boolean;
  /** By key */
  order?: "asc" | "desc";
}

/** What one answer was made from. */
export interface Receipt {
  /** Cluster id in hex */
  cluster: string;
  /** The node that answered */
  node: string;
  /** Method of the request */
  method: string;
  /** Path and query of the request; absent when very long */
  target?: string;
  /** The level asked for */
  asked: "linearizable" | "eventual" | "lease" | "sequential" | "causal" | "session" | "read-your-writes" | "monotonic-reads" | "bounded" | "consistent-prefix" | "all";
  /** The level served */
  served: "linearizable" | "eventual" | "lease" | "sequential" | "causal" | "session" | "read-your-writes" | "monotonic-reads" | "bounded" | "consistent-prefix" | "all";
  /** The term */
  term: number;
  /** The confirmed log index, or that of its own write */
  readIndex: number;
  /** Last log entry in the view */
  appliedIndex: number;
  /** Revision of the view */
  revision: number;
  /** Proven bound of its age; null when unknown */
  stalenessMs: number | null;
  /** The node's wall clock; informative only */
  unixMs: number;
}

/** A receipt to check. */
export interface ReceiptBody {
  /** The text of a RaftKv-Receipt header */
  receipt: string;
}

/** Whether a receipt was made by this cluster. */
export interface ReceiptVerdict {
  /** It was, and nothing in it was changed */
  valid: boolean;
  receipt?: Receipt;
  /** Why it is not valid */
  reason?: string;
}

/** It is free. */
export interface Released {
  /** Always true */
  released: boolean;
  /** Revision of the release */
  revision: number;
}

/** A role. */
export interface Role {
  /** The name */
  name: string;
  grants: Array<RoleGrant>;
  /** Operations that it allows */
  operations: Array<string>;
}

/** What a role allows over some keys. */
export interface RoleGrant {
  /** The first key */
  start: string;
  /** The first key that is not meant any more; null for all from the first on */
  end: string | null;
  /** True for the first key alone */
  single: boolean;
  /** Present when a bound is not UTF-8 */
  keyEncoding?: "base64url";
  /** What may be done */
  rights: Array<string>;
}

/** All roles. */
export interface RoleList {
  /** In byte order */
  roles: Array<string>;
}

/** Names a role. */
export interface RoleName {
  /** The role's name, 1 to 255 bytes */
  role: string;
}

/** This node, as it sees itself. */
export interface Status {
  /** Name */
  name: string;
  /** Id in hex */
  id: string;
  /** Cluster id in hex */
  clusterId: string;
  /** Version of RaftKv */
  version: string;
  /** Which engine runs: docs/engines.md */
  engine: "native" | "dotnext";
  /** Where it is in its life */
  phase: "starting" | "ready" | "draining" | "failed";
  /** Its role */
  role: "leader" | "follower" | "candidate" | "pre-candidate" | "learner";
  /** Term */
  term: number;
  /** The leader as far as known. */
  leader: StatusLeader | null;
  /** Newest revision here */
  revision: number;
  /** Older revisions can't be read; 0 for none */
  compactedRevision: number;
  /** Live keys */
  keyCount: number;
  /** Bytes of keys and values of all kept versions */
  dataBytes: number;
  /** Hash of the replicated state; equal on all nodes at an equal viewAppliedIndex */
  stateHash: string;
  /** Log index of the state that this answer was made from */
  viewAppliedIndex: number;
  /** Highest index known committed */
  commitIndex: number;
  /** Highest index applied */
  appliedIndex: number;
  /** First index in the log */
  firstIndex: number;
  /** Last index in the log */
  lastIndex: number;
  /** Highest index on disk */
  persistedIndex: number;
  /** The newest snapshot. */
  snapshot: StatusSnapshot;
  /** Writes of this node that are undecided */
  pendingProposals: number;
  idempotency: IdempotencyStatus;
  /** Which rules are in force; 0 before the first entry */
  clusterVersion: number;
  /** The newest that this node's program supports */
  supportedVersion: number;
  gates: Array<Gate>;
  process: Process;
  /** What the node may use of memory. */
  memory: StatusMemory;
  /** The data directory and its disk, looked at every second. */
  disk: StatusDisk;
  store: StoreSpace;
  /** Who belongs to the cluster, as this node knows it */
  members: Array<Member>;
  followers: Array<Follower>;
  /** Index that every voter is known to have applied */
  allAppliedIndex: number;
  /** Proven bound of the age of this node's state; null when unknown */
  stalenessMs: number | null;
  /** Whether the node may answer from its lease. */
  lease: StatusLease;
  alarms: Array<Alarm>;
  /** What of TLS ends when; empty without it */
  certificates: Array<StatusCertificates>;
}

/** The leader as far as known. */
export interface StatusLeader {
  /** Name */
  name: string;
  /** Id in hex */
  id: string;
}

/** The newest snapshot. */
export interface StatusSnapshot {
  /** Its term */
  term: number;
  /** Its index; 0 for none */
  index: number;
}

/** What the node may use of memory. */
export interface StatusMemory {
  /** The budget: --memory-budget, or its default */
  budgetBytes: number;
  /** Entries of the log in memory */
  logBytes: number;
  /** Undecided writes of this node */
  proposalBytes: number;
  /** What each part may use of it; docs/operations.md says what the parts are */
  shares: Record<string, number>;
}

/** The data directory and its disk, looked at every second. */
export interface StatusDisk {
  /** Lengths of the directory's files */
  usedBytes: number;
  /** What they are at most while the store is at its limit, by the memory budget */
  boundBytes: number;
  /** Free bytes of the disk */
  freeBytes: number;
  /** What has to stay free beside room for a snapshot of the whole store: --disk-reserve */
  reserveBytes: number;
  /** There is less: the leader raises the alarm NOSPACE with cause disk */
  low: boolean;
}

/** Whether the node may answer from its lease. */
export interface StatusLease {
  /** It may */
  held: boolean;
  /** For how long */
  remainingMs: number;
}

/** A certificate, or a list of revoked ones, that the node was given. */
export interface StatusCertificates {
  /** The port that it is for */
  port: "client" | "peer";
  /** What it is */
  kind: "certificate" | "authority" | "revocations";
  /** Whose */
  subject: string;
  /** When it ends, in UTC */
  until: string;
  /** It should be replaced by now */
  endsSoon: boolean;
}

/** The whole store. */
export interface StoreSpace {
  bytes: Use;
  /** The quota that was set; null for none */
  quotaBytes: number | null;
  members: Array<MemberSpace>;
}

/** A token to make. */
export interface TokenBody {
  /** Whose it is; the caller's own when absent */
  user?: string;
  /** For people, at most 255 bytes */
  label?: string;
  /** How long it lasts, a whole number and ms, s, m, h or d; for ever when absent */
  ttl?: string;
}

/** A token. */
export interface TokenEntry {
  /** Names it */
  id: string;
  /** Whose it is */
  user: string;
  /** For people */
  label: string;
  /** Unix time, ms */
  createdMs: number;
  /** Unix time, ms; null for never */
  expiresMs: number | null;
}

/** Tokens: all for root, one's own for others. */
export interface TokenList {
  tokens: Array<TokenEntry>;
}

/** A new token. It is not shown again. */
export interface TokenMade {
  /** For Authorization: Bearer, at any node */
  token: string;
  /** Names it in the list */
  id: string;
  /** Whose it is */
  user: string;
}

/** Which list ran, and what its operations answered, in order. */
export interface TxnAnswer {
  /** True when all compares held and `then` ran */
  succeeded: boolean;
  /** Revision of the store after it; absent in an inner transaction */
  revision?: number;
  responses: Array<TxnResponse>;
}

/** Compares, then one of two lists, in one atomic step and one revision. */
export interface TxnBody {
  compare?: Array<Compare>;
  then?: Array<TxnOperation>;
  else?: Array<TxnOperation>;
}

/** One operation: exactly one member. */
export interface TxnOperation {
  /** Writes a key. */
  put?: TxnOperationPut;
  delete?: DeleteSpec;
  get?: RangeSpec;
  /** Adds to a counter. */
  increment?: TxnOperationIncrement;
  txn?: TxnBody;
}

/** Writes a key. */
export interface TxnOperationPut {
  /** The key */
  key: string;
  /** Encoding of the keys here */
  keyEncoding?: "utf-8" | "base64url";
  /** The value */
  value: string;
  /** Encoding of the value */
  encoding?: "utf-8" | "base64";
  /** Lease id in hex */
  lease?: string;
}

/** Adds to a counter. */
export interface TxnOperationIncrement {
  /** The key */
  key: string;
  /** Encoding of the keys here */
  keyEncoding?: "utf-8" | "base64url";
  /** What to add; default 1 */
  by?: number;
}

/** Answer of one operation; has the member of that operation. */
export interface TxnResponse {
  put?: Written;
  /** Deleted keys. */
  delete?: TxnResponseDelete;
  get?: Range;
  increment?: CounterAnswer;
  txn?: TxnAnswer;
}

/** Deleted keys. */
export interface TxnResponseDelete {
  /** Keys deleted */
  deleted: number;
}

/** What is used and allowed. */
export interface Use {
  /** Now */
  used: number;
  /** At most; null when it is not limited */
  allowed: number | null;
}

/** A user. */
export interface User {
  /** The name */
  name: string;
  /** False for one who comes with a certificate or a token only */
  hasPassword: boolean;
  /** In byte order */
  roles: Array<string>;
}

/** A user to make. */
export interface UserBody {
  /** 1 to 255 bytes */
  name: string;
  /** 8 to 1,024 bytes; absent for a user who comes with a certificate or a token only */
  password?: string;
}

/** All users. */
export interface UserList {
  users: Array<User>;
}

/** One version of a key; a deletion has no value. */
export interface Version {
  /** This version is a deletion */
  deleted: boolean;
  /** The value, as the encoding says */
  value?: string;
  /** utf-8 when the bytes are valid UTF-8, else base64 */
  encoding?: "utf-8" | "base64";
  /** Revision that created the key */
  createRevision: number;
  /** Revision of the last write; the ETag */
  modRevision: number;
  /** Writes since creation */
  version: number;
  /** Lease id in hex, or null */
  lease: string | null;
}

/** Changes, whole revisions in order. */
export interface WatchAnswer {
  /** Everything up to here is told; go on from one more */
  revision: number;
  events: Array<WatchEvent>;
}

/** One change of one key. */
export interface WatchEvent {
  /** What happened to the key */
  type: "put" | "delete";
  /** Why; a key goes by deletion, or with its lease */
  reason: "put" | "delete" | "expired" | "revoked";
  /** The key */
  key: string;
  /** Present when the key is not UTF-8: it is base64url then */
  keyEncoding?: "base64url";
  /** The value, as the encoding says; absent after a deletion */
  value?: string;
  /** utf-8 when the bytes are valid UTF-8, else base64 */
  encoding?: "utf-8" | "base64";
  /** Revision that created the key; 0 for a deletion */
  createRevision: number;
  /** Revision of this change */
  modRevision: number;
  /** Writes since creation; 0 for a deletion */
  version: number;
  /** Lease id in hex, or null */
  lease: string | null;
  previous?: Pair;
}

/** A key as it was written; without the value. */
export interface Written {
  /** The key */
  key: string;
  /** Present when the key is not UTF-8: it is base64url then */
  keyEncoding?: "base64url";
  /** Revision that created the key */
  createRevision: number;
  /** Revision of the last write; the ETag */
  modRevision: number;
  /** Writes since creation */
  version: number;
  /** Lease id in hex, or null */
  lease: string | null;
}

/** One node of RaftKv. A call that is refused throws a RaftKvError. */
export class RaftKv extends Transport {
  /**
   * Write a key. Stores the body's bytes. `If-None-Match: *` creates only; `If-Match: "REV"` replaces only
   * that version. 503 and 429 mean surely not applied; 504 means that the outcome is unknown.
   */
  putKey(
    options: CallOptions & {
      /**
       * The key: everything that follows on the wire, percent-decoded once, so `a%2Fb` and `a%252Fb` are
       * different keys. Slashes may stay as they are. For other bytes than a path can carry use
       * `/api/v1/kv?key=…&keyEncoding=base64url`.
       */
      key: string;
      /** Hang the key on this lease: the hex id that `POST /api/v1/leases` answered. */
      lease?: string;
      /** `base64`: the body is base64 of the value. */
      encoding?: "auto" | "base64";
      /**
       * Only if the key's ETag is one of these: `"42"`, a list, or `*` for any existing key. Quotes included.
       */
      ifMatch?: string;
      /**
       * Only if the key's ETag is none of these. On a write `*` means: create only. On a read a match is
       * answered with 304.
       */
      ifNoneMatch?: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body?: string | Uint8Array;
    },
  ): Promise<Answer<Written | Operation | null>> {
    return this.call({
      method: "PUT",
      path: "/api/v1/kv/{key}",
      places: {"key": options.key},
      query: {"lease": options.lease, "encoding": options.encoding},
      headers: {
        "If-Match": options.ifMatch,
        "If-None-Match": options.ifNoneMatch,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/octet-stream",
      signal: options.signal,
    });
  }

  /**
   * Read a key. Reads a key at the level that `RaftKv-Consistency` asks for; linearizable unless told
   * otherwise, on any node. A level that can't be met is 503 `consistency-unmet`, with what was asked and
   * what was available.
   */
  getKey(
    options: CallOptions & {
      /**
       * The key: everything that follows on the wire, percent-decoded once, so `a%2Fb` and `a%252Fb` are
       * different keys. Slashes may stay as they are. For other bytes than a path can carry use
       * `/api/v1/kv?key=…&keyEncoding=base64url`.
       */
      key: string;
      /** The value's bytes instead of JSON, as application/octet-stream; metadata is in headers. */
      raw?: boolean;
      /** All versions since the last compaction, newest first; `limit` says how many. */
      history?: boolean;
      /**
       * Long poll: with `If-None-Match`, wait up to this long (`30s`, at most `60s`) for another state of the
       * key. `"0"` stands for a missing key.
       */
      wait?: string;
      /** Read as of this revision; 410 once it is compacted. */
      revision?: number;
      /** `base64` gives every value in base64; `auto` (default) only those that are not UTF-8. */
      encoding?: "auto" | "base64";
      /** Most versions of a history. */
      limit?: number;
      /**
       * Only if the key's ETag is none of these. On a write `*` means: create only. On a read a match is
       * answered with 304.
       */
      ifNoneMatch?: string;
      /**
       * Only if the key's ETag is one of these: `"42"`, a list, or `*` for any existing key. Quotes included.
       */
      ifMatch?: string;
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    },
  ): Promise<Answer<Pair | History | Uint8Array | null>> {
    return this.call({
      method: "GET",
      path: "/api/v1/kv/{key}",
      places: {"key": options.key},
      query: {
        "raw": options.raw,
        "history": options.history,
        "wait": options.wait,
        "revision": options.revision,
        "encoding": options.encoding,
        "limit": options.limit,
      },
      headers: {
        "If-None-Match": options.ifNoneMatch,
        "If-Match": options.ifMatch,
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /**
   * Delete a key. Deleting a missing key answers `deleted: 0` and leaves the revision as it is. `If-Match: *`
   * makes a missing key an error.
   */
  deleteKey(
    options: CallOptions & {
      /**
       * The key: everything that follows on the wire, percent-decoded once, so `a%2Fb` and `a%252Fb` are
       * different keys. Slashes may stay as they are. For other bytes than a path can carry use
       * `/api/v1/kv?key=…&keyEncoding=base64url`.
       */
      key: string;
      /**
       * Only if the key's ETag is one of these: `"42"`, a list, or `*` for any existing key. Quotes included.
       */
      ifMatch?: string;
      /**
       * Only if the key's ETag is none of these. On a write `*` means: create only. On a read a match is
       * answered with 304.
       */
      ifNoneMatch?: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
    },
  ): Promise<Answer<Deleted | Operation | null>> {
    return this.call({
      method: "DELETE",
      path: "/api/v1/kv/{key}",
      places: {"key": options.key},
      headers: {
        "If-Match": options.ifMatch,
        "If-None-Match": options.ifNoneMatch,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      signal: options.signal,
    });
  }

  /**
   * List keys. Keys in byte order, page by page, all pages from the revision of the first. The next page is
   * at `Link: rel="next"`, or by `cursor`. A page also ends after 4 MiB. With `key` instead of a range it
   * reads that key.
   */
  listKeys(
    options: CallOptions & {
      /** Keys that begin so. Instead of `start` and `end`. */
      prefix?: string;
      /** First key, inclusive. */
      start?: string;
      /** End of the keys, exclusive. */
      end?: string;
      /** Most keys on a page, 1 to 10000; default 1000. */
      limit?: number;
      /** The cursor of the last page. */
      cursor?: string;
      /** Leave the values out. */
      keysOnly?: boolean;
      /** Only how many there are, and what they take. */
      countOnly?: boolean;
      /** By key. */
      order?: "asc" | "desc";
      /** Read as of this revision; 410 once it is compacted. */
      revision?: number;
      /** `base64` gives every value in base64; `auto` (default) only those that are not UTF-8. */
      encoding?: "auto" | "base64";
      /**
       * One key, instead of a range: for keys that a path can't carry. Answers as the path with the key does.
       */
      key?: string;
      /** The value's bytes instead of JSON, as application/octet-stream; metadata is in headers. */
      raw?: boolean;
      /** All versions since the last compaction, newest first; `limit` says how many. */
      history?: boolean;
      /**
       * Long poll: with `If-None-Match`, wait up to this long (`30s`, at most `60s`) for another state of the
       * key. `"0"` stands for a missing key.
       */
      wait?: string;
      /**
       * How keys in the query are written: `utf-8` (percent-encoded, default) or `base64url`, for any bytes.
       */
      keyEncoding?: KeyEncodingChoice;
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    } = {},
  ): Promise<Answer<Page | Pair | History>> {
    return this.call({
      method: "GET",
      path: "/api/v1/kv",
      query: {
        "prefix": options.prefix,
        "start": options.start,
        "end": options.end,
        "limit": options.limit,
        "cursor": options.cursor,
        "keysOnly": options.keysOnly,
        "countOnly": options.countOnly,
        "order": options.order,
        "revision": options.revision,
        "encoding": options.encoding,
        "key": options.key,
        "raw": options.raw,
        "history": options.history,
        "wait": options.wait,
        "keyEncoding": options.keyEncoding,
      },
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /**
   * Write a key of any bytes. As PUT with the key in the path, for keys that a path can't carry:
   * `?key=AAEC&keyEncoding=base64url`.
   */
  putKeyByQuery(
    options: CallOptions & {
      /** The key. */
      key?: string;
      /** How the key is written. */
      keyEncoding?: "utf-8" | "base64url";
      /** Hang the key on this lease: the hex id that `POST /api/v1/leases` answered. */
      lease?: string;
      /** `base64`: the body is base64 of the value. */
      encoding?: "auto" | "base64";
      /**
       * Only if the key's ETag is one of these: `"42"`, a list, or `*` for any existing key. Quotes included.
       */
      ifMatch?: string;
      /**
       * Only if the key's ETag is none of these. On a write `*` means: create only. On a read a match is
       * answered with 304.
       */
      ifNoneMatch?: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body?: string | Uint8Array;
    } = {},
  ): Promise<Answer<Written | Operation | null>> {
    return this.call({
      method: "PUT",
      path: "/api/v1/kv",
      query: {
        "key": options.key,
        "keyEncoding": options.keyEncoding,
        "lease": options.lease,
        "encoding": options.encoding,
      },
      headers: {
        "If-Match": options.ifMatch,
        "If-None-Match": options.ifNoneMatch,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/octet-stream",
      signal: options.signal,
    });
  }

  /**
   * Delete a range of keys. Deletes atomically, in one revision. A range must be named; for every key say
   * `all=true`.
   */
  deleteKeys(
    options: CallOptions & {
      /** Keys that begin so. Instead of `start` and `end`. */
      prefix?: string;
      /** First key, inclusive. */
      start?: string;
      /** End of the keys, exclusive. */
      end?: string;
      /** Really every key. */
      all?: boolean;
      /**
       * One key, instead of a range: for keys that a path can't carry. Answers as the path with the key does.
       */
      key?: string;
      /**
       * How keys in the query are written: `utf-8` (percent-encoded, default) or `base64url`, for any bytes.
       */
      keyEncoding?: KeyEncodingChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
    } = {},
  ): Promise<Answer<Deleted | Operation | null>> {
    return this.call({
      method: "DELETE",
      path: "/api/v1/kv",
      query: {
        "prefix": options.prefix,
        "start": options.start,
        "end": options.end,
        "all": options.all,
        "key": options.key,
        "keyEncoding": options.keyEncoding,
      },
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      signal: options.signal,
    });
  }

  /**
   * Read several ranges at once. Up to 128 ranges, all from one view of the store, so that they agree with
   * each other. Changes nothing.
   */
  readRanges(
    options: CallOptions & {
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      body: RangeBody;
    },
  ): Promise<Answer<RangeAnswer>> {
    return this.call({
      method: "POST",
      path: "/api/v1/kv/range",
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /**
   * Be told of changes. Each change of the keys, exactly once and in order, from now or from `startRevision`
   * on, on any node. `Accept` chooses the form:

- `text/event-stream` (default): Server-Sent Events.
   * `change` has one revision's changes, never split; its id is the revision. `bookmark` says that everything
   * up to its revision was told on this stream; one comes first when the watch begins now, and after each
   * `bookmarkInterval` of silence. `snapshot` (with `snapshot=true`) is the state: replace yours by its
   * pairs, from the first message until `complete` is true. `cancel` is the last message, with a code:
   * `compacted` (with `compactedRevision`), `slow-consumer` (nothing was taken for 30 s) or `shutting-down`.
   * A stream that ends without one has reached its `limit` or `timeout`, or was cut off.
-
   * `application/x-ndjson`: the same objects, one a line, each with its `type`.
- `application/json`: long
   * poll. Answers with the first changes, or with none after `timeout` (default 30s); go on from `revision` +
   * 1.

Come back with `Last-Event-ID`, or `startRevision` one after the last that you have. Nothing is lost,
   * nothing comes twice. When that revision is compacted the answer is 410, or, with `snapshot=true`, the
   * state. A start in the future is waited for; nothing older is told. The level of `RaftKv-Consistency` is
   * that of the view which the watch begins with; a watch from a revision on reads none.
   */
  watch(
    options: CallOptions & {
      /** Keys that begin so; an empty prefix is every key. Or `key`, or `start` and `end`. */
      prefix?: string;
      /** One key. */
      key?: string;
      /** First key, inclusive. */
      start?: string;
      /** End of the keys, exclusive. */
      end?: string;
      /** First revision to be told of; without it, what comes after now. */
      startRevision?: number;
      /**
       * With each change `previous`, the pair before it. Absent when there was none (`version` 1), and when
       * it is compacted.
       */
      prevValue?: boolean;
      /** Only puts, or only deletions (expired and revoked ones too). */
      filter?: "put" | "delete";
      /** End after this many changes; the revision that reaches it is told in full. */
      limit?: number;
      /** End after this time, `1ms` to `1h`. A stream ends with a bookmark. */
      timeout?: string;
      /** Streams only: the state first. On resuming only when the changes are compacted. */
      snapshot?: boolean;
      /** Streams only: longest silence, `100ms` to `1h`; default `10s`. */
      bookmarkInterval?: string;
      /** `base64` gives every value in base64; `auto` (default) only those that are not UTF-8. */
      encoding?: "auto" | "base64";
      /** Id of the last message received; goes before `startRevision`. */
      lastEventID?: number;
      /**
       * How keys in the query are written: `utf-8` (percent-encoded, default) or `base64url`, for any bytes.
       */
      keyEncoding?: KeyEncodingChoice;
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      raftkvTimeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /** The form of the answer. */
      accept?: "application/json" | "application/x-ndjson" | "text/event-stream";
    } = {},
  ): Promise<Answer<WatchAnswer | Stream>> {
    return this.call({
      method: "GET",
      path: "/api/v1/watch",
      query: {
        "prefix": options.prefix,
        "key": options.key,
        "start": options.start,
        "end": options.end,
        "startRevision": options.startRevision,
        "prevValue": options.prevValue,
        "filter": options.filter,
        "limit": options.limit,
        "timeout": options.timeout,
        "snapshot": options.snapshot,
        "bookmarkInterval": options.bookmarkInterval,
        "encoding": options.encoding,
        "keyEncoding": options.keyEncoding,
      },
      headers: {
        "Last-Event-ID": options.lastEventID,
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.raftkvTimeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "Accept": options.accept,
      },
      signal: options.signal,
    });
  }

  /**
   * Grant a lease. Keys hang on a lease by `?lease=ID`, and go with it: when nobody keeps it alive for its
   * `ttl`, or when it is revoked. It never expires early, also not when the leader changes.
   */
  grantLease(
    options: CallOptions & {
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body: LeaseBody;
    },
  ): Promise<Answer<Lease | Operation | null>> {
    return this.call({
      method: "POST",
      path: "/api/v1/leases",
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** List the leases. By id, page by page. */
  listLeases(
    options: CallOptions & {
      /** Most on a page, 1 to 10000; default 1000. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    } = {},
  ): Promise<Answer<LeaseList>> {
    return this.call({
      method: "GET",
      path: "/api/v1/leases",
      query: {"limit": options.limit, "cursor": options.cursor},
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /** Look at a lease. How long it still lives, as its leader says, and its keys. */
  getLease(
    options: CallOptions & {
      /** The lease's id in hex, from the 201 of `POST /api/v1/leases`. */
      id: string;
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    },
  ): Promise<Answer<Lease>> {
    return this.call({
      method: "GET",
      path: "/api/v1/leases/{id}",
      places: {"id": options.id},
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /** End a lease. All keys that hang on it go in one revision. */
  revokeLease(
    options: CallOptions & {
      /** The lease's id in hex, from the 201 of `POST /api/v1/leases`. */
      id: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
    },
  ): Promise<Answer<LeaseEnded | Operation | null>> {
    return this.call({
      method: "DELETE",
      path: "/api/v1/leases/{id}",
      places: {"id": options.id},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      signal: options.signal,
    });
  }

  /**
   * Keep a lease alive. Its life begins anew. Count from the moment when the request was sent.
   */
  keepLeaseAlive(
    options: CallOptions & {
      /** The lease's id in hex, from the 201 of `POST /api/v1/leases`. */
      id: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
    },
  ): Promise<Answer<Lease>> {
    return this.call({
      method: "POST",
      path: "/api/v1/leases/{id}/keepalive",
      places: {"id": options.id},
      headers: {"RaftKv-Timeout": options.timeout, "RaftKv-Session": options.session},
      signal: options.signal,
    });
  }

  /**
   * Acquire a lock. Waits in a fair queue, in the order of arrival, woken by the server; `wait` (default
   * `30s`, at most `60s`) says how long, `0s` tries once. The place hangs on a lease: one that is made
   * (`ttl`, default `15s`), or your own (`lease`). Who hangs up, or waits in vain, leaves the queue.
   * `fencingToken` grows for ever: send it as `RaftKv-Fence` with what the holder writes.
   */
  acquireLock(
    options: CallOptions & {
      /** The name; its slashes escaped as %2F. */
      name: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body?: AcquireBody;
    },
  ): Promise<Answer<Grant>> {
    return this.call({
      method: "POST",
      path: "/api/v1/locks/{name}",
      places: {"name": options.name},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** Look at a lock. Holders and queue. A free one has neither. */
  getLock(
    options: CallOptions & {
      /** The name; its slashes escaped as %2F. */
      name: string;
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    },
  ): Promise<Answer<Queue>> {
    return this.call({
      method: "GET",
      path: "/api/v1/locks/{name}",
      places: {"name": options.name},
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /** Release a lock. Only the holder can, by its token. */
  releaseLock(
    options: CallOptions & {
      /** The name; its slashes escaped as %2F. */
      name: string;
      /**
       * The `fencingToken` (of an election the `token`) in the 201 with which the POST took the place; GET
       * shows the holder's.
       */
      token: number;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
    },
  ): Promise<Answer<Released | Operation | null>> {
    return this.call({
      method: "DELETE",
      path: "/api/v1/locks/{name}",
      places: {"name": options.name},
      query: {"token": options.token},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      signal: options.signal,
    });
  }

  /** Keep a lock alive. Renews the lease that it hangs on. */
  keepLockAlive(
    options: CallOptions & {
      /** The name; its slashes escaped as %2F. */
      name: string;
      /**
       * The `fencingToken` (of an election the `token`) in the 201 with which the POST took the place; GET
       * shows the holder's.
       */
      token: number;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
    },
  ): Promise<Answer<KeptAlive>> {
    return this.call({
      method: "POST",
      path: "/api/v1/locks/{name}/keepalive",
      places: {"name": options.name},
      query: {"token": options.token},
      headers: {"RaftKv-Timeout": options.timeout, "RaftKv-Session": options.session},
      signal: options.signal,
    });
  }

  /** List the locks. Those that somebody holds, by name. */
  listLocks(
    options: CallOptions & {
      /** Most on a page, 1 to 10000; default 1000. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    } = {},
  ): Promise<Answer<QueueList>> {
    return this.call({
      method: "GET",
      path: "/api/v1/locks",
      query: {"limit": options.limit, "cursor": options.cursor},
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /**
   * Acquire a semaphore. Waits in a fair queue, in the order of arrival, woken by the server; `wait` (default
   * `30s`, at most `60s`) says how long, `0s` tries once. The place hangs on a lease: one that is made
   * (`ttl`, default `15s`), or your own (`lease`). Who hangs up, or waits in vain, leaves the queue.
   * `fencingToken` grows for ever: send it as `RaftKv-Fence` with what the holder writes.
   */
  acquireSemaphore(
    options: CallOptions & {
      /** The name; its slashes escaped as %2F. */
      name: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body: AcquireBody;
    },
  ): Promise<Answer<Grant>> {
    return this.call({
      method: "POST",
      path: "/api/v1/semaphores/{name}",
      places: {"name": options.name},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** Look at a semaphore. Holders and queue. A free one has neither. */
  getSemaphore(
    options: CallOptions & {
      /** The name; its slashes escaped as %2F. */
      name: string;
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    },
  ): Promise<Answer<Queue>> {
    return this.call({
      method: "GET",
      path: "/api/v1/semaphores/{name}",
      places: {"name": options.name},
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /** Release a semaphore. Only the holder can, by its token. */
  releaseSemaphore(
    options: CallOptions & {
      /** The name; its slashes escaped as %2F. */
      name: string;
      /**
       * The `fencingToken` (of an election the `token`) in the 201 with which the POST took the place; GET
       * shows the holder's.
       */
      token: number;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
    },
  ): Promise<Answer<Released | Operation | null>> {
    return this.call({
      method: "DELETE",
      path: "/api/v1/semaphores/{name}",
      places: {"name": options.name},
      query: {"token": options.token},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      signal: options.signal,
    });
  }

  /** Keep a semaphore alive. Renews the lease that it hangs on. */
  keepSemaphoreAlive(
    options: CallOptions & {
      /** The name; its slashes escaped as %2F. */
      name: string;
      /**
       * The `fencingToken` (of an election the `token`) in the 201 with which the POST took the place; GET
       * shows the holder's.
       */
      token: number;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
    },
  ): Promise<Answer<KeptAlive>> {
    return this.call({
      method: "POST",
      path: "/api/v1/semaphores/{name}/keepalive",
      places: {"name": options.name},
      query: {"token": options.token},
      headers: {"RaftKv-Timeout": options.timeout, "RaftKv-Session": options.session},
      signal: options.signal,
    });
  }

  /** List the semaphores. Those that somebody holds, by name. */
  listSemaphores(
    options: CallOptions & {
      /** Most on a page, 1 to 10000; default 1000. */
      limit?: number;
      /** `nextCursor` of the page before. */
      cursor?: string;
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    } = {},
  ): Promise<Answer<QueueList>> {
    return this.call({
      method: "GET",
      path: "/api/v1/semaphores",
      query: {"limit": options.limit, "cursor": options.cursor},
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /**
   * Ask whether a token holds. For resources outside of the store. Between the answer and what you do with it
   * the lock may be lost: let the resource remember the highest token that it has seen, and refuse smaller
   * ones.
   */
  verifyFence(
    options: CallOptions & {
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      body: FenceBody;
    },
  ): Promise<Answer<FenceAnswer>> {
    return this.call({
      method: "POST",
      path: "/api/v1/fence/verify",
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** List the guards. Prefixes whose keys are written under a fence only. */
  listGuards(
    options: CallOptions & {
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    } = {},
  ): Promise<Answer<GuardList>> {
    return this.call({
      method: "GET",
      path: "/api/v1/guards",
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /**
   * Guard a prefix. From now on a write to keys that begin so needs `RaftKv-Fence`: of `lock`, or of any when
   * none is named. Else it is 412 `fence-required`.
   */
  setGuard(
    options: CallOptions & {
      /** The prefix; its slashes may be escaped. */
      prefix: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body?: GuardBody;
    },
  ): Promise<Answer<CompactAnswer | Operation | null>> {
    return this.call({
      method: "PUT",
      path: "/api/v1/guards/{prefix}",
      places: {"prefix": options.prefix},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** Remove a guard. Its keys are written by anybody again. */
  removeGuard(
    options: CallOptions & {
      /** The prefix. */
      prefix: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
    },
  ): Promise<Answer<CompactAnswer | Operation | null>> {
    return this.call({
      method: "DELETE",
      path: "/api/v1/guards/{prefix}",
      places: {"prefix": options.prefix},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      signal: options.signal,
    });
  }

  /**
   * Open a client session. For a client that writes much: its writes carry `RaftKv-Client-Session:
   * ID;seq=N;ack=M` in place of an Idempotency-Key, and what is kept for its repeats goes as it acknowledges
   * it. There are so many sessions at a time; one more drops the one that was idle longest.
   */
  openClientSession(
    options: CallOptions & {
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
    } = {},
  ): Promise<Answer<ClientSession>> {
    return this.call({
      method: "POST",
      path: "/api/v1/client-sessions",
      headers: {"RaftKv-Timeout": options.timeout, "RaftKv-Session": options.session},
      signal: options.signal,
    });
  }

  /**
   * Close a client session. Its kept answers go. A client that ends without it costs a place until others
   * need it.
   */
  closeClientSession(
    options: CallOptions & {
      /** The session's id, from the 201 that opened it. */
      id: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
    },
  ): Promise<Answer<ClientSessionEnded>> {
    return this.call({
      method: "DELETE",
      path: "/api/v1/client-sessions/{id}",
      places: {"id": options.id},
      headers: {"RaftKv-Timeout": options.timeout, "RaftKv-Session": options.session},
      signal: options.signal,
    });
  }

  /**
   * Stand for election. Waits until it leads, as long as `wait` says; otherwise as a lock. `value` is what
   * observers see.
   */
  campaign(
    options: CallOptions & {
      /** The name; its slashes escaped as %2F. */
      name: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body?: AcquireBody;
    },
  ): Promise<Answer<Leadership>> {
    return this.call({
      method: "POST",
      path: "/api/v1/elections/{name}/campaign",
      places: {"name": options.name},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** Ask who leads. The leader, or null, and how many stand for election. */
  getElection(
    options: CallOptions & {
      /** The name; its slashes escaped as %2F. */
      name: string;
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    },
  ): Promise<Answer<Election>> {
    return this.call({
      method: "GET",
      path: "/api/v1/elections/{name}",
      places: {"name": options.name},
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /** Resign. Only the leader can, by its token. */
  resign(
    options: CallOptions & {
      /** The name; its slashes escaped as %2F. */
      name: string;
      /**
       * The `fencingToken` (of an election the `token`) in the 201 with which the POST took the place; GET
       * shows the holder's.
       */
      token: number;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
    },
  ): Promise<Answer<Released | Operation | null>> {
    return this.call({
      method: "DELETE",
      path: "/api/v1/elections/{name}",
      places: {"name": options.name},
      query: {"token": options.token},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      signal: options.signal,
    });
  }

  /** Change what the leader says. Only the leader can, by its token. */
  proclaim(
    options: CallOptions & {
      /** The name; its slashes escaped as %2F. */
      name: string;
      /**
       * The `fencingToken` (of an election the `token`) in the 201 with which the POST took the place; GET
       * shows the holder's.
       */
      token: number;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body?: string | Uint8Array;
    },
  ): Promise<Answer<CompactAnswer | Operation | null>> {
    return this.call({
      method: "PUT",
      path: "/api/v1/elections/{name}/value",
      places: {"name": options.name},
      query: {"token": options.token},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "text/plain",
      signal: options.signal,
    });
  }

  /** Keep a leadership alive. Renews the lease that it hangs on. */
  keepLeadershipAlive(
    options: CallOptions & {
      /** The name; its slashes escaped as %2F. */
      name: string;
      /**
       * The `fencingToken` (of an election the `token`) in the 201 with which the POST took the place; GET
       * shows the holder's.
       */
      token: number;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
    },
  ): Promise<Answer<KeptAlive>> {
    return this.call({
      method: "POST",
      path: "/api/v1/elections/{name}/keepalive",
      places: {"name": options.name},
      query: {"token": options.token},
      headers: {"RaftKv-Timeout": options.timeout, "RaftKv-Session": options.session},
      signal: options.signal,
    });
  }

  /**
   * Be told who leads. Server-Sent Events: who leads now, then every change, each leadership once and in
   * order. `leader` has the leader and the revision of its value, `vacant` says that nobody leads, `cancel`
   * that the stream ends (`shutting-down`, `slow-consumer`, `compacted`): observe anew.
   */
  observeElection(
    options: CallOptions & {
      /** The name; its slashes escaped as %2F. */
      name: string;
      /** End after this time, `1ms` to `1h`. */
      timeout?: string;
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      raftkvTimeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    },
  ): Promise<Answer<Stream>> {
    return this.call({
      method: "GET",
      path: "/api/v1/elections/{name}/observe",
      places: {"name": options.name},
      query: {"timeout": options.timeout},
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.raftkvTimeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /**
   * Run a transaction. If all compares hold, `then` runs, else `else`; atomically, as one revision. Lists
   * have up to 128 entries, nesting goes 8 deep. A key may be written once. A transaction that only compares
   * and gets is a read of several keys: it takes the read levels and costs no log entry.
   */
  runTransaction(
    options: CallOptions & {
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      body: TxnBody;
    },
  ): Promise<Answer<TxnAnswer | Operation | null>> {
    return this.call({
      method: "POST",
      path: "/api/v1/txn",
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /**
   * Add to a counter. Adds atomically, without a compare; a missing key counts as 0. The value is stored as
   * decimal text, so a GET of the key shows it. A repeat adds again: after a 504 read before you repeat.
   */
  incrementCounter(
    options: CallOptions & {
      /**
       * The key: everything that follows on the wire, percent-decoded once, so `a%2Fb` and `a%252Fb` are
       * different keys. Slashes may stay as they are. For other bytes than a path can carry use
       * `/api/v1/kv?key=…&keyEncoding=base64url`.
       */
      key: string;
      /**
       * Only if the key's ETag is one of these: `"42"`, a list, or `*` for any existing key. Quotes included.
       */
      ifMatch?: string;
      /**
       * Only if the key's ETag is none of these. On a write `*` means: create only. On a read a match is
       * answered with 304.
       */
      ifNoneMatch?: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body?: CounterBody;
    },
  ): Promise<Answer<CounterAnswer | Operation | null>> {
    return this.call({
      method: "POST",
      path: "/api/v1/counters/{key}",
      places: {"key": options.key},
      headers: {
        "If-Match": options.ifMatch,
        "If-None-Match": options.ifNoneMatch,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /**
   * Forget old revisions. Forgets versions that no read at or after the revision can see, on all nodes. Reads
   * below it are 410 from then on.
   */
  compact(
    options: CallOptions & {
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body: CompactBody;
    },
  ): Promise<Answer<CompactAnswer | Operation | null>> {
    return this.call({
      method: "POST",
      path: "/api/v1/compact",
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /**
   * Ask which level to read at. Takes the questions of a design review, all optional, and gives the weakest
   * level that fulfils every wish, with reasons. Wishes that exclude each other are no error: the answer says
   * why, and which one was kept.
   */
  adviseConsistency(
    options: CallOptions & {
      body?: AdviceBody;
    } = {},
  ): Promise<Answer<Advice>> {
    return this.call({
      method: "POST",
      path: "/api/v1/consistency/advice",
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /**
   * Check a receipt. Says whether a `RaftKv-Receipt` was made by this cluster and is unchanged. Any node can
   * tell, at any time.
   */
  verifyReceipt(
    options: CallOptions & {
      body: ReceiptBody;
    },
  ): Promise<Answer<ReceiptVerdict>> {
    return this.call({
      method: "POST",
      path: "/api/v1/receipts/verify",
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** List the members. The members, who leads and who votes, as this node knows it. */
  getCluster(
    options: CallOptions & {
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    } = {},
  ): Promise<Answer<Cluster>> {
    return this.call({
      method: "GET",
      path: "/api/v1/cluster",
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /**
   * Ask what became of a write. For a 202, and for a 504 `outcome-unknown`, which names its operation. Only
   * the node that answered knows, and only until it restarts or has taken thousands of others; everything
   * else is `unknown`, which says nothing about whether it was applied. For the 202 of a change of members,
   * whose id begins with `member-`, any node tells how far it is.
   */
  getOperation(
    options: CallOptions & {
      /** The id, from the `Location` of a 202 or the `operation` of a 504. */
      id: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
    },
  ): Promise<Answer<Operation>> {
    return this.call({
      method: "GET",
      path: "/api/v1/operations/{id}",
      places: {"id": options.id},
      headers: {"RaftKv-Session": options.session},
      signal: options.signal,
    });
  }

  /**
   * Look at this node. Role, log, store and, on the leader, its followers. This node's own view; it asks
   * nobody unless a level is named.
   */
  getStatus(
    options: CallOptions & {
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    } = {},
  ): Promise<Answer<Status>> {
    return this.call({
      method: "GET",
      path: "/api/v1/status",
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /**
   * Look into this node's log. Entries that are applied here, decoded: who asked what, of which keys. Values
   * and secrets are never told, only how long they are. Without `startIndex` the newest ones. An answer stops
   * after about 1 MiB of log; `nextIndex` is where to go on. What the log has dropped is 410: it is in the
   * snapshot. Once rights are in force it is root's, since it names every key.
   */
  getLog(
    options: CallOptions & {
      /** The first entry to show. */
      startIndex?: number;
      /** Most entries of an answer, 1 to 1000; 100 when absent. */
      limit?: number;
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    } = {},
  ): Promise<Answer<Log>> {
    return this.call({
      method: "GET",
      path: "/api/v1/log",
      query: {"startIndex": options.startIndex, "limit": options.limit},
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /**
   * Add a member. Makes a place, which counts for nothing until its node is started with `--join`, its name
   * and an empty directory. That directory takes the place for good; it receives what there is as a learner,
   * and is a voter by itself once it has caught up.
   */
  addMember(
    options: CallOptions & {
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      body: MemberAddBody;
    },
  ): Promise<Answer<Operation>> {
    return this.call({
      method: "POST",
      path: "/api/v1/cluster/members",
      headers: {"RaftKv-Timeout": options.timeout, "RaftKv-Session": options.session},
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /**
   * Change several members at once. One change, by joint consensus: a majority of the voters before and of
   * those after decide while it is under way. Each member is named once.
   */
  changeMembers(
    options: CallOptions & {
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      body: MemberChangeBody;
    },
  ): Promise<Answer<MemberChange>> {
    return this.call({
      method: "POST",
      path: "/api/v1/cluster/members/change",
      headers: {"RaftKv-Timeout": options.timeout, "RaftKv-Session": options.session},
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /**
   * Remove a member. It loses its vote at once, closes its doors while it still follows, and is gone then;
   * its process ends with a sentence and exit code 8. One that does not answer is gone at once. A leader
   * hands over first. Refused when the voters that are left would not be heard by a majority of them.
   */
  removeMember(
    options: CallOptions & {
      /** The member's id in hex, or its name. */
      id: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
    },
  ): Promise<Answer<Operation>> {
    return this.call({
      method: "DELETE",
      path: "/api/v1/cluster/members/{id}",
      places: {"id": options.id},
      headers: {"RaftKv-Timeout": options.timeout, "RaftKv-Session": options.session},
      signal: options.signal,
    });
  }

  /**
   * Give a member another name, address, zone or priority. The others dial it at its address from now on. A
   * voter of a higher priority than the leader's takes over by a transfer, once it has been well for ten
   * election timeouts.
   */
  updateMember(
    options: CallOptions & {
      /** The member's id in hex, or its name. */
      id: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      body: MemberPatchBody;
    },
  ): Promise<Answer<Operation>> {
    return this.call({
      method: "PATCH",
      path: "/api/v1/cluster/members/{id}",
      places: {"id": options.id},
      headers: {"RaftKv-Timeout": options.timeout, "RaftKv-Session": options.session},
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** Give a learner a vote. At once when it has caught up, else as soon as it has. */
  promoteMember(
    options: CallOptions & {
      /** The member's id in hex, or its name. */
      id: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
    },
  ): Promise<Answer<Operation>> {
    return this.call({
      method: "POST",
      path: "/api/v1/cluster/members/{id}/promote",
      places: {"id": options.id},
      headers: {"RaftKv-Timeout": options.timeout, "RaftKv-Session": options.session},
      signal: options.signal,
    });
  }

  /** Take a voter's vote. It goes on as a learner. A leader hands over first. */
  demoteMember(
    options: CallOptions & {
      /** The member's id in hex, or its name. */
      id: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
    },
  ): Promise<Answer<Operation>> {
    return this.call({
      method: "POST",
      path: "/api/v1/cluster/members/{id}/demote",
      places: {"id": options.id},
      headers: {"RaftKv-Timeout": options.timeout, "RaftKv-Session": options.session},
      signal: options.signal,
    });
  }

  /**
   * Replace a member. Makes a place as for a new member; when its directory has caught up, it gets the vote
   * and the old one loses it, in one step. Without a body the place has the old one's name and address: for a
   * machine whose disk was lost.
   */
  replaceMember(
    options: CallOptions & {
      /** The member's id in hex, or its name. */
      id: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      body?: MemberReplaceBody;
    },
  ): Promise<Answer<Operation>> {
    return this.call({
      method: "POST",
      path: "/api/v1/cluster/members/{id}/replace",
      places: {"id": options.id},
      headers: {"RaftKv-Timeout": options.timeout, "RaftKv-Session": options.session},
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /**
   * Hand leadership to a voter. The leader stops taking writes until the member has its whole log, and has it
   * campaign at once; writers wait about a round trip. Any node passes it on to the leader. Answered once the
   * member was seen to lead; 504 when it was not in time. A member of higher priority takes over again by
   * itself.
   */
  transferLeadership(
    options: CallOptions & {
      /** The member's id in hex, or its name. */
      id: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
    },
  ): Promise<Answer<HandOver>> {
    return this.call({
      method: "POST",
      path: "/api/v1/cluster/members/{id}/lead",
      places: {"id": options.id},
      headers: {"RaftKv-Timeout": options.timeout, "RaftKv-Session": options.session},
      signal: options.signal,
    });
  }

  /**
   * Make a node ready to be stopped. It hands leadership over, is not ready any more (so that load balancers
   * leave it), ends its watches and refuses writes with 503, while those under way are finished. It goes on
   * to follow, to vote and to answer reads, until its process ends; started again, it serves as before. Any
   * node passes it on. Refused when without it no majority of the voters would be left, or be heard by the
   * leader, and when every other voter drains already, so that nobody would take writes.
   */
  drainMember(
    options: CallOptions & {
      /** The member's id in hex, or its name. */
      id: string;
      /** Drain although the cluster would be stuck. */
      force?: boolean;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
    },
  ): Promise<Answer<HandOver>> {
    return this.call({
      method: "POST",
      path: "/api/v1/cluster/members/{id}/drain",
      places: {"id": options.id},
      query: {"force": options.force},
      headers: {"RaftKv-Timeout": options.timeout, "RaftKv-Session": options.session},
      signal: options.signal,
    });
  }

  /**
   * Watch the cluster. Server-Sent Events: first `state`, what this node knows now, then `leader`, `member`,
   * `removed` and `alarm`, `cleared` as they change. Who reads slowly is told of the newest state, not of
   * each on the way; nothing piles up.
   */
  watchCluster(
    options: CallOptions & {
      /** End after this time, `1ms` to `1h`. */
      timeout?: string;
    } = {},
  ): Promise<Answer<Stream>> {
    return this.call({
      method: "GET",
      path: "/api/v1/events",
      query: {"timeout": options.timeout},
      signal: options.signal,
    });
  }

  /**
   * Look at what is used and allowed. The whole store, which never takes more than its quota or its smallest
   * member can hold, and each prefix with a quota. Bytes are those of all kept versions with a fixed
   * overhead, about what they take in memory.
   */
  listQuotas(
    options: CallOptions & {
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    } = {},
  ): Promise<Answer<QuotaList>> {
    return this.call({
      method: "GET",
      path: "/api/v1/quotas",
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /**
   * Limit the whole store. `bytes` only; null leaves it to what the members can hold. Beyond it an alarm
   * NOSPACE refuses with 507 what needs room.
   */
  setStoreQuota(
    options: CallOptions & {
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body: QuotaBody;
    },
  ): Promise<Answer<CompactAnswer | Operation | null>> {
    return this.call({
      method: "PUT",
      path: "/api/v1/quotas",
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /**
   * Limit a prefix. From now on a write under the prefix that would take more `keys` or `bytes` is 507
   * `quota-exceeded`, which names the prefix; deletions go on. What is there stays. Quotas of longer and
   * shorter prefixes all count.
   */
  setQuota(
    options: CallOptions & {
      /** The prefix; its slashes may be escaped. */
      prefix: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body: QuotaBody;
    },
  ): Promise<Answer<CompactAnswer | Operation | null>> {
    return this.call({
      method: "PUT",
      path: "/api/v1/quotas/{prefix}",
      places: {"prefix": options.prefix},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** Look at a prefix's quota. What its keys use and may use. */
  getQuota(
    options: CallOptions & {
      /** The prefix; its slashes may be escaped. */
      prefix: string;
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    },
  ): Promise<Answer<Quota>> {
    return this.call({
      method: "GET",
      path: "/api/v1/quotas/{prefix}",
      places: {"prefix": options.prefix},
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /** Remove a prefix's quota. Its keys are limited by others only. */
  removeQuota(
    options: CallOptions & {
      /** The prefix; its slashes may be escaped. */
      prefix: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
    },
  ): Promise<Answer<CompactAnswer | Operation | null>> {
    return this.call({
      method: "DELETE",
      path: "/api/v1/quotas/{prefix}",
      places: {"prefix": options.prefix},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      signal: options.signal,
    });
  }

  /**
   * List the alarms. `NOSPACE`: there is no room, by the `quota` or on a member's `disk`; it clears by itself
   * when there is. `CORRUPT`: somebody called the data damaged.
   */
  listAlarms(
    options: CallOptions & {
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    } = {},
  ): Promise<Answer<AlarmList>> {
    return this.call({
      method: "GET",
      path: "/api/v1/alarms",
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /**
   * Clear an alarm. Every alarm of the kind, whoever raised it. One with a cause that lasts comes back.
   */
  clearAlarm(
    options: CallOptions & {
      /** NOSPACE or CORRUPT. */
      kind: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
    },
  ): Promise<Answer<CompactAnswer | Operation | null>> {
    return this.call({
      method: "DELETE",
      path: "/api/v1/alarms/{kind}",
      places: {"kind": options.kind},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      signal: options.signal,
    });
  }

  /**
   * List the backups of a node's directory. Those of this cluster in the directory that the node was started
   * with (`--backup-to`), and what it makes now or failed to make.
   */
  listBackups(
    options: CallOptions & {
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
    } = {},
  ): Promise<Answer<BackupList>> {
    return this.call({
      method: "GET",
      path: "/api/v1/backups",
      headers: {"RaftKv-Session": options.session},
      signal: options.signal,
    });
  }

  /**
   * Begin a backup. Into the directory of the node that is asked, which was started with `--backup-to`. The
   * answer comes at once; ask for the backup by its `Location`. While one is under way, that is the answer.
   */
  beginBackup(
    options: CallOptions & {
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    } = {},
  ): Promise<Answer<Backup>> {
    return this.call({
      method: "POST",
      path: "/api/v1/backups",
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /**
   * Look at a backup. `running` with the bytes so far, `done` with its digest, or `failed` with the reason.
   */
  getBackup(
    options: CallOptions & {
      /** The backup's id. */
      id: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
    },
  ): Promise<Answer<Backup>> {
    return this.call({
      method: "GET",
      path: "/api/v1/backups/{id}",
      places: {"id": options.id},
      headers: {"RaftKv-Session": options.session},
      signal: options.signal,
    });
  }

  /**
   * Download a backup. All keys with their kept versions, leases, guards and quotas, as of one revision
   * (`RaftKv-Revision`), in one file. It ends with its length and a SHA-256 of everything before: `raftkv
   * backup verify FILE` checks it, `raftkv restore` founds a cluster with it.
   */
  getSnapshot(
    options: CallOptions & {
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    } = {},
  ): Promise<Answer<Uint8Array>> {
    return this.call({
      method: "GET",
      path: "/api/v1/snapshot",
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /** See whether rights are in force. And who you are. */
  getAuth(
    options: CallOptions & {
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    } = {},
  ): Promise<Answer<AuthState>> {
    return this.call({
      method: "GET",
      path: "/api/v1/auth",
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /**
   * Put rights in force. From now on every call needs its right, at every door. The user `root` must have the
   * role `root`.
   */
  enableAuth(
    options: CallOptions & {
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
    } = {},
  ): Promise<Answer<CompactAnswer>> {
    return this.call({
      method: "POST",
      path: "/api/v1/auth/enable",
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      signal: options.signal,
    });
  }

  /** Take rights out of force. Users and roles stay as they are. */
  disableAuth(
    options: CallOptions & {
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
    } = {},
  ): Promise<Answer<CompactAnswer>> {
    return this.call({
      method: "POST",
      path: "/api/v1/auth/disable",
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      signal: options.signal,
    });
  }

  /** Log in. A token for `Authorization: Bearer`, which any node takes. */
  login(
    options: CallOptions & {
      body: LoginBody;
    },
  ): Promise<Answer<Login>> {
    return this.call({
      method: "POST",
      path: "/api/v1/auth/login",
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** List users. With their roles. */
  listUsers(
    options: CallOptions & {
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    } = {},
  ): Promise<Answer<UserList>> {
    return this.call({
      method: "GET",
      path: "/api/v1/auth/users",
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /** Make a user. Without roles; without a password it comes with a certificate or token. */
  addUser(
    options: CallOptions & {
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body: UserBody;
    },
  ): Promise<Answer<CompactAnswer>> {
    return this.call({
      method: "POST",
      path: "/api/v1/auth/users",
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** Look at a user. Root at all, everybody at himself. */
  getUser(
    options: CallOptions & {
      /** The user's name. */
      name: string;
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    },
  ): Promise<Answer<User>> {
    return this.call({
      method: "GET",
      path: "/api/v1/auth/users/{name}",
      places: {"name": options.name},
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /** Remove a user. And its tokens. */
  removeUser(
    options: CallOptions & {
      /** The user's name. */
      name: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
    },
  ): Promise<Answer<CompactAnswer>> {
    return this.call({
      method: "DELETE",
      path: "/api/v1/auth/users/{name}",
      places: {"name": options.name},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      signal: options.signal,
    });
  }

  /** Set a password. Logins of before are void. */
  setPassword(
    options: CallOptions & {
      /** The user's name. */
      name: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body: PasswordBody;
    },
  ): Promise<Answer<CompactAnswer>> {
    return this.call({
      method: "PUT",
      path: "/api/v1/auth/users/{name}/password",
      places: {"name": options.name},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** Give a user a role. A second time is fine. */
  grantRole(
    options: CallOptions & {
      /** The user's name. */
      name: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body: RoleName;
    },
  ): Promise<Answer<CompactAnswer>> {
    return this.call({
      method: "POST",
      path: "/api/v1/auth/users/{name}/grant",
      places: {"name": options.name},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** Take a role from a user. What it allowed ends at once, watches too. */
  revokeRole(
    options: CallOptions & {
      /** The user's name. */
      name: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body: RoleName;
    },
  ): Promise<Answer<CompactAnswer>> {
    return this.call({
      method: "POST",
      path: "/api/v1/auth/users/{name}/revoke",
      places: {"name": options.name},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** List roles. Their names. */
  listRoles(
    options: CallOptions & {
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    } = {},
  ): Promise<Answer<RoleList>> {
    return this.call({
      method: "GET",
      path: "/api/v1/auth/roles",
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /**
   * Make a role. Without rights. `root` may do everything; `system:anonymous` is what callers have who say
   * nothing of themselves.
   */
  addRole(
    options: CallOptions & {
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body: RoleName;
    },
  ): Promise<Answer<CompactAnswer>> {
    return this.call({
      method: "POST",
      path: "/api/v1/auth/roles",
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** Look at a role. What it allows. */
  getRole(
    options: CallOptions & {
      /** The role's name. */
      name: string;
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    },
  ): Promise<Answer<Role>> {
    return this.call({
      method: "GET",
      path: "/api/v1/auth/roles/{name}",
      places: {"name": options.name},
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /** Remove a role. Also from all users. */
  removeRole(
    options: CallOptions & {
      /** The role's name. */
      name: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
    },
  ): Promise<Answer<CompactAnswer>> {
    return this.call({
      method: "DELETE",
      path: "/api/v1/auth/roles/{name}",
      places: {"name": options.name},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      signal: options.signal,
    });
  }

  /**
   * Give a role rights over keys. Replaces what it had over exactly these keys. `lock` is about names of
   * locks, semaphores and elections.
   */
  grantKeys(
    options: CallOptions & {
      /** The role's name. */
      name: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body: GrantBody;
    },
  ): Promise<Answer<CompactAnswer>> {
    return this.call({
      method: "POST",
      path: "/api/v1/auth/roles/{name}/grant",
      places: {"name": options.name},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** Take a role's rights over keys. Those over exactly these keys. */
  revokeKeys(
    options: CallOptions & {
      /** The role's name. */
      name: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body: GrantBody;
    },
  ): Promise<Answer<CompactAnswer>> {
    return this.call({
      method: "POST",
      path: "/api/v1/auth/roles/{name}/revoke",
      places: {"name": options.name},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /**
   * Say which operations a role allows. `lease`, `compact`, `members`, `backup`, `alarms`, `dashboard`,
   * `metrics`, `limits`.
   */
  setOperations(
    options: CallOptions & {
      /** The role's name. */
      name: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body: OperationsBody;
    },
  ): Promise<Answer<CompactAnswer>> {
    return this.call({
      method: "PUT",
      path: "/api/v1/auth/roles/{name}/operations",
      places: {"name": options.name},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** List tokens. Root sees all, everybody his own. */
  listTokens(
    options: CallOptions & {
      /**
       * Read level; docs/consistency.md has the definitions. Never served weaker. Also as `?consistency=`.
       * `linearizable` (default; aliases `strong`, `quorum`, `consistent`), `lease`, `sequential`, `causal`,
       * `session`, `read-your-writes`, `monotonic-reads`, `bounded` (needs `RaftKv-Max-Staleness` or
       * `RaftKv-Max-Lag`), `consistent-prefix`, `eventual` (`stale`, `one`), `all`.
       */
      consistency?: ConsistencyChoice;
      /** With `bounded`: the answer is proven to be at most this old. `500ms`, `3s`, up to `24h`. */
      maxStaleness?: string;
      /** With `bounded`: the answer is proven to be at most so many revisions behind. */
      maxLag?: number;
      /**
       * When this node can't meet the level at once: `wait` (default) until it can, at most `RaftKv-Timeout`;
       * `fail` at once; `forward` the request to the leader.
       */
      onUnmet?: OnUnmetChoice;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
    } = {},
  ): Promise<Answer<TokenList>> {
    return this.call({
      method: "GET",
      path: "/api/v1/auth/tokens",
      headers: {
        "RaftKv-Consistency": options.consistency,
        "RaftKv-Max-Staleness": options.maxStaleness,
        "RaftKv-Max-Lag": options.maxLag,
        "RaftKv-On-Unmet": options.onUnmet,
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
      },
      signal: options.signal,
    });
  }

  /**
   * Make a token. For programs: it is shown once, lasts until its end or its removal, and is listed. Root
   * makes them for anybody.
   */
  addToken(
    options: CallOptions & {
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
      body?: TokenBody;
    } = {},
  ): Promise<Answer<TokenMade>> {
    return this.call({
      method: "POST",
      path: "/api/v1/auth/tokens",
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      body: options.body,
      mediaType: "application/json",
      signal: options.signal,
    });
  }

  /** Revoke a token. At once. */
  removeToken(
    options: CallOptions & {
      /** The id that the list shows. */
      id: string;
      /** How long to wait at most: `500ms`, `3s`, up to `60s`. Default `5s`. */
      timeout?: string;
      /**
       * `majority` (default): answered once a majority has the write on disk and this node has applied it.
       * `all`: once every voter has applied it, else 504 `write-concern-unmet` (it is applied all the same).
       * `accepted`: 202 at once; the outcome is at the `Location`, on any node. Cassandra's `ONE`, `QUORUM`,
       * `ALL` and `ANY` stand for `majority`, `majority`, `all` and `accepted`.
       */
      writeConcern?: WriteConcernChoice;
      /** `return=minimal` answers 204 without a body (RFC 7240). */
      prefer?: "return=minimal";
      /**
       * What the client has seen: the `RaftKv-Session` of an earlier answer, or up to 16 of them,
       * comma-separated. `session`, `causal` and their kin are served by a node that has it; every answer's
       * token covers it.
       */
      session?: string;
      /** `1`: the answer carries a signed receipt of what was served. */
      receipt?: "1";
      /**
       * Only while this token holds its lock: `NAME;token=N`, the name percent-encoded, optionally
       * `;kind=election` or `;kind=semaphore`; several separated by commas. Else 412 `fence-lost`. N is the
       * `fencingToken` (of an election the `token`) of the 201 that took the place.
       */
      fence?: string;
      /**
       * Run once, however often it is sent: a repeat gets the first answer, with `RaftKv-Replayed: true`, at
       * any node, for as long as `RaftKv-Idempotency-Window` of the answer says, and up to a day while there
       * is room. 1 to 255 visible ASCII characters, such as a UUID. `born=T;…`, with the `clusterTimeMs` of
       * /status, is refused once its answer may be gone (409 `idempotency-expired`), and never run anew.
       */
      idempotencyKey?: string;
      /**
       * In place of an Idempotency-Key: `ID;seq=N;ack=M`. The id of an open client session, the request's own
       * number from 1, and the number up to which the client will repeat nothing any more. Or the id alone
       * beside an Idempotency-Key, which then takes from the session's share.
       */
      clientSession?: string;
    },
  ): Promise<Answer<CompactAnswer>> {
    return this.call({
      method: "DELETE",
      path: "/api/v1/auth/tokens/{id}",
      places: {"id": options.id},
      headers: {
        "RaftKv-Timeout": options.timeout,
        "RaftKv-Write-Concern": options.writeConcern,
        "Prefer": options.prefer,
        "RaftKv-Session": options.session,
        "RaftKv-Receipt": options.receipt,
        "RaftKv-Fence": options.fence,
        "Idempotency-Key": options.idempotencyKey,
        "RaftKv-Client-Session": options.clientSession,
      },
      signal: options.signal,
    });
  }

  /**
   * Counters and gauges for Prometheus. Text format 0.0.4; docs/operations.md explains every name.
   */
  getMetrics(
    options: CallOptions & {
    } = {},
  ): Promise<Answer<string>> {
    return this.call({
      method: "GET",
      path: "/metrics",
      signal: options.signal,
    });
  }

  /**
   * Is the process alive?. 503 only when the node has stopped after a failure and should be restarted.
   */
  live(
    options: CallOptions & {
      /** A line for each check. */
      verbose?: boolean;
      /** A check that is left out; may be repeated. */
      exclude?: string;
    } = {},
  ): Promise<Answer<string>> {
    return this.call({
      method: "GET",
      path: "/livez",
      query: {"verbose": options.verbose, "exclude": options.exclude},
      signal: options.signal,
    });
  }

  /** Only the check serializable_read. One check of /livez, on its own. */
  liveSerializableRead(
    options: CallOptions & {
      /** A line for each check. */
      verbose?: boolean;
      /** A check that is left out; may be repeated. */
      exclude?: string;
    } = {},
  ): Promise<Answer<string>> {
    return this.call({
      method: "GET",
      path: "/livez/serializable_read",
      query: {"verbose": options.verbose, "exclude": options.exclude},
      signal: options.signal,
    });
  }

  /**
   * Can it serve?. Makes a linearizable read: 503 while no leader can be confirmed, during shutdown, and
   * while an alarm CORRUPT is raised.
   */
  ready(
    options: CallOptions & {
      /** A line for each check. */
      verbose?: boolean;
      /** A check that is left out; may be repeated. */
      exclude?: string;
    } = {},
  ): Promise<Answer<string>> {
    return this.call({
      method: "GET",
      path: "/readyz",
      query: {"verbose": options.verbose, "exclude": options.exclude},
      signal: options.signal,
    });
  }

  /** Only the check node. One check of /readyz, on its own. */
  readyNode(
    options: CallOptions & {
      /** A line for each check. */
      verbose?: boolean;
      /** A check that is left out; may be repeated. */
      exclude?: string;
    } = {},
  ): Promise<Answer<string>> {
    return this.call({
      method: "GET",
      path: "/readyz/node",
      query: {"verbose": options.verbose, "exclude": options.exclude},
      signal: options.signal,
    });
  }

  /** Only the check data_corruption. One check of /readyz, on its own. */
  readyDataCorruption(
    options: CallOptions & {
      /** A line for each check. */
      verbose?: boolean;
      /** A check that is left out; may be repeated. */
      exclude?: string;
    } = {},
  ): Promise<Answer<string>> {
    return this.call({
      method: "GET",
      path: "/readyz/data_corruption",
      query: {"verbose": options.verbose, "exclude": options.exclude},
      signal: options.signal,
    });
  }

  /** Only the check serializable_read. One check of /readyz, on its own. */
  readySerializableRead(
    options: CallOptions & {
      /** A line for each check. */
      verbose?: boolean;
      /** A check that is left out; may be repeated. */
      exclude?: string;
    } = {},
  ): Promise<Answer<string>> {
    return this.call({
      method: "GET",
      path: "/readyz/serializable_read",
      query: {"verbose": options.verbose, "exclude": options.exclude},
      signal: options.signal,
    });
  }

  /** Only the check linearizable_read. One check of /readyz, on its own. */
  readyLinearizableRead(
    options: CallOptions & {
      /** A line for each check. */
      verbose?: boolean;
      /** A check that is left out; may be repeated. */
      exclude?: string;
    } = {},
  ): Promise<Answer<string>> {
    return this.call({
      method: "GET",
      path: "/readyz/linearizable_read",
      query: {"verbose": options.verbose, "exclude": options.exclude},
      signal: options.signal,
    });
  }

  /** Only the check non_learner. One check of /readyz, on its own. */
  readyNonLearner(
    options: CallOptions & {
      /** A line for each check. */
      verbose?: boolean;
      /** A check that is left out; may be repeated. */
      exclude?: string;
    } = {},
  ): Promise<Answer<string>> {
    return this.call({
      method: "GET",
      path: "/readyz/non_learner",
      query: {"verbose": options.verbose, "exclude": options.exclude},
      signal: options.signal,
    });
  }

  /** Can it serve?. The same as /readyz. */
  healthy(
    options: CallOptions & {
      /** A line for each check. */
      verbose?: boolean;
      /** A check that is left out; may be repeated. */
      exclude?: string;
    } = {},
  ): Promise<Answer<string>> {
    return this.call({
      method: "GET",
      path: "/healthz",
      query: {"verbose": options.verbose, "exclude": options.exclude},
      signal: options.signal,
    });
  }

  /** Health in etcd's shape. For tools made for etcd; JSON under the name that etcd gives it. */
  getEtcdHealth(
    options: CallOptions & {
    } = {},
  ): Promise<Answer<string>> {
    return this.call({
      method: "GET",
      path: "/health",
      signal: options.signal,
    });
  }

  /** Versions in etcd's shape. `raftkv` is this server's own version. */
  getVersion(
    options: CallOptions & {
    } = {},
  ): Promise<Answer<EtcdVersion>> {
    return this.call({
      method: "GET",
      path: "/version",
      signal: options.signal,
    });
  }
}
