"""The HTTP API of RaftKv 0.1.0: a type for each body, a method for each operation.

Made by tools/RaftKv.ClientGenerator from docs/openapi.json. Changes belong there.
"""

from __future__ import annotations

from typing import Any, Dict, List, Literal, Optional, TypedDict, Union

from .transport import Answer, Stream, Transport

ConsistencyChoice = Literal["linearizable", "eventual", "lease", "sequential", "causal", "session", "read-your-writes", "monotonic-reads", "bounded", "consistent-prefix", "all", "strong", "quorum", "consistent", "stale", "one"]
OnUnmetChoice = Literal["wait", "fail", "forward"]
WriteConcernChoice = Literal["majority", "all", "accepted", "ONE", "QUORUM", "ALL", "ANY"]
KeyEncodingChoice = Literal["utf-8", "base64url"]


class AcquireBody(TypedDict, total=False):
    """
    What is asked for. `owner` for locks and semaphores, `mode` for locks, `limit` for semaphores, `value` for
    elections.
    """
    # Life of the lease that is made; default 15s
    ttl: str
    # Your own lease instead
    lease: str
    # How long to wait, 0s (try once) to 60s; default 30s
    wait: str
    # Who asks, for people
    owner: str
    # Default exclusive
    mode: Literal["exclusive", "shared"]
    # How many may hold
    limit: int
    # What observers see
    value: str
    # Encoding of the value
    encoding: Literal["utf-8", "base64"]


class Advice(TypedDict):
    """
    A level, and why.
    """
    # The weakest level that fulfils every wish
    level: Literal["linearizable", "eventual", "lease", "sequential", "causal", "session", "read-your-writes", "monotonic-reads", "bounded", "consistent-prefix", "all"]
    # Headers to send with each read
    headers: Dict[str, Any]
    # Why this level
    reasons: List[str]
    # What it costs
    tradeOffs: List[str]
    # Wishes that no system fulfils together, and which one was kept
    contradictions: List[str]
    alternatives: List[AdviceAlternatives]


class AdviceAlternatives(TypedDict):
    """
    Another level.
    """
    # The level
    level: Literal["linearizable", "eventual", "lease", "sequential", "causal", "session", "read-your-writes", "monotonic-reads", "bounded", "consistent-prefix", "all"]
    # When it is the better one
    when: str


class AdviceBody(TypedDict, total=False):
    """
    The questions of a design review; leave out what is not known.
    """
    # A read must see every write that was acknowledged before it began
    mustNeverBeStale: bool
    # A client must see what it has written itself
    ownWritesVisible: bool
    # An effect must never be seen without its cause, across clients
    causeBeforeEffect: bool
    # Reads must be answered on the side without a majority
    availableInPartition: bool
    # How old an answer may be, 0 to a day
    maxStalenessMs: int
    # Reads among all requests, 0 to 1
    readShare: float
    # Nodes and clients are in regions far from each other
    globalDistribution: bool


class _AlarmRequired(TypedDict):
    # What is wrong
    kind: Literal["NOSPACE", "CORRUPT", "state-differs", "healed"]


class Alarm(_AlarmRequired, total=False):
    """
    NOSPACE: no room. CORRUPT: somebody called the data damaged. state-differs: a node whose state differs
    from the leader's after the same entry, by a bug or damaged memory; only its leader tells it. healed: this
    node's data was damaged, and it came back as a new member; until what is kept is gone.
    """
    # Name of the node that it is about; absent for the whole cluster
    node: str
    # Who raised it
    cause: Literal["quota", "disk", "hand"]
    # state-differs: after which entry
    index: int
    # Hash of the leader's state there
    leaderHash: str
    # Hash of the node's state there
    nodeHash: str
    # healed: where in the data directory the damaged data is kept
    kept: str


class AlarmList(TypedDict):
    """
    The alarms that are raised.
    """
    alarms: List[Alarm]
    store: StoreSpace
    # As of this revision
    revision: int


class AuthState(TypedDict):
    """
    Whether rights are in force.
    """
    # Every call needs its right
    enabled: bool
    # Grows with every change of users, roles, rights and tokens
    revision: int
    # The user who asks; null for nobody in particular
    user: Optional[str]


class _BackupRequired(TypedDict):
    # What names it: its file's name without the ending
    id: str
    # running, done or failed
    state: str
    # The newest revision in it
    revision: int
    # When it was begun, by the clock of the node that made it
    taken: str
    # The leader's schedule asked for it; known while it runs and when it failed
    scheduled: bool
    # Bytes of the file written so far; all of them when it is done
    writtenBytes: int
    # About how many bytes it will have
    estimatedBytes: int


class Backup(_BackupRequired, total=False):
    """
    A backup in the place where the node that answers puts them.
    """
    # SHA-256 of the whole file, as in the file beside it
    sha256: str
    # Path of the file on the node, or its s3 address, when it is done
    file: str
    # Why it failed
    problem: str


class _BackupListRequired(TypedDict):
    # How many of them stay
    keep: int
    backups: List[Backup]


class BackupList(_BackupListRequired, total=False):
    """
    The backups of this cluster in the place where the node that answers puts them.
    """
    # The node's directory, or the place in an object store; absent on a node that was started without
    # --backup-to
    target: str
    # Milliseconds between two backups of the leader's; absent without a schedule
    everyMs: int


class ClientSession(TypedDict):
    """
    An open client session.
    """
    # Its id, 16 hex digits
    id: str
    # Answers kept above what is acknowledged
    maxAnswers: int
    # Bytes of them; beyond it a repeat only learns that the first one was applied
    maxAnswerBytes: int
    # Revision of the store when it was opened
    revision: int


class ClientSessionEnded(TypedDict):
    """
    A client session that was closed.
    """
    # Revision of the store
    revision: int


class Cluster(TypedDict):
    """
    The members.
    """
    # Cluster id in hex
    clusterId: str
    # Term
    term: int
    # The leader as far as known.
    leader: Optional[ClusterLeader]
    # A change of members is under way
    joint: bool
    members: List[Member]


class ClusterLeader(TypedDict):
    """
    The leader as far as known.
    """
    # Name
    name: str
    # Id in hex
    id: str


class CompactAnswer(TypedDict):
    """
    The store after the compaction.
    """
    # Its revision
    revision: int


class _CompactBodyRequired(TypedDict):
    # Versions that no read at or after this revision can see are forgotten
    revision: int


class CompactBody(_CompactBodyRequired, total=False):
    """
    A compaction.
    """
    # Answer when they are removed; 504 write-concern-unmet when they are not in time
    physical: bool


class _CompareRequired(TypedDict):
    # What is compared
    target: Literal["value", "version", "createRevision", "modRevision", "lease"]
    # How
    op: Literal["=", "!=", "<", ">"]
    # A string for value and lease (hex), else a whole number
    operand: Union[int, str]


class Compare(_CompareRequired, total=False):
    """
    One condition. On a missing key numbers are 0 and `value` is false under every op.
    """
    # The key
    key: str
    # Instead of key: every key that begins so must fulfil it
    prefix: str
    # Encoding of the keys here
    keyEncoding: Literal["utf-8", "base64url"]
    # Encoding of a value operand
    encoding: Literal["utf-8", "base64"]


class CounterAnswer(TypedDict):
    """
    A counter after the addition.
    """
    # Its value
    value: int
    # Revision of the write
    revision: int


class CounterBody(TypedDict, total=False):
    """
    An addition.
    """
    # What to add, may be negative; default 1
    by: int


class DeleteSpec(TypedDict, total=False):
    """
    Keys to delete: one key, a prefix, or start and end.
    """
    # One key
    key: str
    # Keys that begin so; empty is every key
    prefix: str
    # First key, inclusive
    start: str
    # End, exclusive
    end: str
    # Encoding of the keys here
    keyEncoding: Literal["utf-8", "base64url"]


class Deleted(TypedDict):
    """
    What a deletion did.
    """
    # Keys deleted
    deleted: int
    # Revision of the store after it
    revision: int


class Election(TypedDict):
    """
    An election.
    """
    # Its name
    name: str
    leader: Optional[Leader]
    # How many stand for it, the leader included
    candidateCount: int
    # As of this revision
    revision: int


class EtcdHealth(TypedDict):
    """
    Health as etcd tells it.
    """
    # A linearizable read worked
    health: Literal["true", "false"]
    # Why not
    reason: str


class EtcdVersion(TypedDict):
    """
    Versions as etcd tells them.
    """
    # etcd API spoken
    etcdserver: str
    # The same, as all members have it
    etcdcluster: str
    # The form of the data, by etcd's version that has it
    storage: str
    # Version of RaftKv
    raftkv: str


class FenceAnswer(TypedDict):
    """
    Whether the token holds.
    """
    # It does
    valid: bool
    # Tokens of all who hold
    holderTokens: List[int]
    # As of this revision
    revision: int


class _FenceBodyRequired(TypedDict):
    # Name of the lock, semaphore or election
    lock: str
    # The token
    token: int


class FenceBody(_FenceBodyRequired, total=False):
    """
    A token to verify.
    """
    # What it is
    kind: Literal["lock", "semaphore", "election"]


class Follower(TypedDict):
    """
    A follower as the leader sees it.
    """
    # Name
    name: str
    # Id in hex
    id: str
    # probe, replicate or snapshot; unreachable when it has been silent for an election timeout
    state: str
    # Known to be on its disk
    matchIndex: int
    # Sent next
    nextIndex: int
    # Messages under way
    inflight: int
    # Ticks since its last message
    silentTicks: int
    # Milliseconds since its last message; since the term began for one that has not been heard in it
    lastSeenMs: int
    # What it said to have applied
    appliedIndex: int
    # Entries that it lacks
    lagEntries: int
    # How long the oldest of those has been in the leader's log
    lagMs: int


class Gate(TypedDict):
    """
    A rule that came with a cluster version.
    """
    # Its number
    number: int
    # Its name
    name: str
    # The cluster version it came with
    since: int
    # It is in force
    on: bool
    # One line
    meaning: str


class Grant(TypedDict):
    """
    What is held.
    """
    # The name
    name: str
    # What it is
    kind: Literal["lock", "semaphore", "election"]
    # How it is held
    mode: Literal["exclusive", "shared", "counted"]
    # Grows from holder to holder, for ever
    fencingToken: int
    # Who asked
    owner: str
    # The lease that it hangs on
    lease: str
    # The lease's life
    ttlMs: int
    # The key behind it, which can be watched: mode and lease follow the name, after zero bytes
    key: str
    # Held at this revision
    revision: int


class GrantBody(TypedDict, total=False):
    """
    Keys of which a role may do something: key, prefix, or start and end.
    """
    # One key
    key: str
    # All keys that begin so; empty for every key
    prefix: str
    # All keys from here on
    start: str
    # All keys before
    end: str
    # base64url when key, prefix, start and end are written so
    keyEncoding: Literal["base64url"]
    # What may be done; for lock the keys are names of locks, semaphores and elections. Not for a revoke
    rights: List[str]


class _GuardRequired(TypedDict):
    # The prefix
    prefix: str
    # The lock whose fence is asked for; null for any
    lock: Optional[str]


class Guard(_GuardRequired, total=False):
    """
    A guarded prefix.
    """
    # Present when it is not UTF-8
    prefixEncoding: Literal["base64url"]
    # What it is
    kind: Literal["lock", "semaphore", "election"]


class GuardBody(TypedDict, total=False):
    """
    Whose fence a guard asks for.
    """
    # Name of the lock, semaphore or election; any when absent
    lock: str
    # What it is
    kind: Literal["lock", "semaphore", "election"]


class GuardList(TypedDict):
    """
    The guards.
    """
    guards: List[Guard]
    # As of this revision
    revision: int


class HandOver(TypedDict):
    """
    What a member is after it was asked to lead or to drain, and who leads.
    """
    # Name of the node that answers: the leader that was, or the node that drains
    node: str
    # What it is now
    phase: Literal["starting", "ready", "draining", "failed"]
    # Term
    term: int
    # Who leads, as that node knows; null while nobody does
    leader: Optional[HandOverLeader]


class HandOverLeader(TypedDict):
    """
    Who leads, as that node knows; null while nobody does
    """
    # Name
    name: str
    # Id in hex
    id: str


class _HistoryRequired(TypedDict):
    # The key
    key: str
    # The newest revision
    revision: int
    # Older versions are gone
    compactedRevision: int
    versions: List[Version]
    # There are older ones; raise limit
    hasMore: bool


class History(_HistoryRequired, total=False):
    """
    Versions of a key since the last compaction, newest first.
    """
    # Present when the key is not UTF-8: it is base64url then
    keyEncoding: Literal["base64url"]


class _HolderRequired(TypedDict):
    # Its token
    fencingToken: int
    # Who asked
    owner: str
    # Its lease
    lease: str
    # How it is held
    mode: Literal["exclusive", "shared", "counted"]


class Holder(_HolderRequired, total=False):
    """
    Who holds or waits.
    """
    # What is left of the lease, for holders, when the leader said so
    remainingMs: int
    # Place in the queue, holders included, from 0; for those who wait
    position: int


class IdempotencyStatus(TypedDict):
    """
    What is kept for repeats, and the time by which it grows old.
    """
    # Milliseconds that the cluster has counted so far
    clusterTimeMs: int
    # For so long a first answer under an Idempotency-Key is kept in any case
    windowFloorMs: int
    # For so long it is kept while there is room
    windowMs: int
    # First answers under keys
    keys: int
    # Bytes that they count for, in all shares
    keyBytes: int
    # The part of it of those who are neither a user nor a client session
    sharedKeyBytes: int
    # At which new keys of theirs wait until old answers may go
    sharedKeyBytesMax: int
    # Users and client sessions that have keys in a share of their own
    owners: int
    # At which later ones take from the common share
    ownersMax: int
    # Bytes of one of these shares
    ownerKeyBytesMax: int
    # Client sessions
    clientSessions: int
    # At which a new one drops the one that was idle longest
    clientSessionsMax: int
    # First answers that they keep
    clientSessionAnswers: int
    # Bytes that sessions and answers count for
    clientSessionBytes: int
    # At which the session that was idle longest is dropped
    clientSessionBytesMax: int


class _ItemRequired(TypedDict):
    # The key
    key: str
    # Revision that created the key
    createRevision: int
    # Revision of the last write; the ETag
    modRevision: int
    # Writes since creation
    version: int
    # Lease id in hex, or null
    lease: Optional[str]


class Item(_ItemRequired, total=False):
    """
    A key; without value and encoding when only keys were asked for.
    """
    # Present when the key is not UTF-8: it is base64url then
    keyEncoding: Literal["base64url"]
    # The value, as the encoding says
    value: str
    # utf-8 when the bytes are valid UTF-8, else base64
    encoding: Literal["utf-8", "base64"]


class _KeptAliveRequired(TypedDict):
    # The name
    name: str
    # The lease
    lease: str
    # Its life
    ttlMs: int
    # What is left of it
    remainingMs: int


class KeptAlive(_KeptAliveRequired, total=False):
    """
    The renewed lease.
    """
    # Of a lock or semaphore
    fencingToken: int
    # Of an election
    token: int


class Leader(TypedDict):
    """
    Who leads.
    """
    # Fencing token of the leadership
    token: int
    # What the leader says
    value: str
    # Of the value
    encoding: Literal["utf-8", "base64"]
    # Its lease
    lease: str
    # Revision of the value
    revision: int


class Leadership(TypedDict):
    """
    A leadership that was won.
    """
    # The election
    name: str
    # Fencing token of the leadership
    token: int
    # What the leader says
    value: str
    # Of the value
    encoding: Literal["utf-8", "base64"]
    # Its lease
    lease: str
    # The lease's life
    ttlMs: int
    # The key behind it
    key: str
    # Leads at this revision
    revision: int


class _LeaseRequired(TypedDict):
    # Its id in hex
    id: str
    # Life without a keepalive
    ttlMs: int
    # What is left of it
    remainingMs: int


class Lease(_LeaseRequired, total=False):
    """
    A lease.
    """
    # Revision of the store when it was granted
    revision: int
    keys: List[LeaseKey]


class _LeaseBodyRequired(TypedDict):
    # Life without a keepalive, 100ms to 9000000000s: a whole number and ms, s, m, h or d
    ttl: str


class LeaseBody(_LeaseBodyRequired, total=False):
    """
    A lease to grant.
    """
    # 1 to 16 hex digits; chosen at random when absent
    id: str


class LeaseEnded(TypedDict):
    """
    A lease that was revoked.
    """
    # Its id in hex
    id: str
    # Keys that went with it
    deletedKeys: int
    # Revision after it
    revision: int


class LeaseEntry(TypedDict):
    """
    A lease.
    """
    # Its id in hex
    id: str
    # Life without a keepalive
    ttlMs: int


class _LeaseKeyRequired(TypedDict):
    # The key
    key: str


class LeaseKey(_LeaseKeyRequired, total=False):
    """
    A key that hangs on the lease.
    """
    # Present when it is not UTF-8
    keyEncoding: Literal["base64url"]


class _LeaseListRequired(TypedDict):
    leases: List[LeaseEntry]


class LeaseList(_LeaseListRequired, total=False):
    """
    A page of leases.
    """
    # Of the next page; absent on the last
    nextCursor: str


class Log(TypedDict):
    """
    A part of a node's log. Only what is applied there, so committed, is shown.
    """
    # The oldest entry that the node's log still has; what was before it is in its snapshot
    firstIndex: int
    # The newest entry that the node has applied
    appliedIndex: int
    # The last entry of its newest snapshot; 0 for none
    snapshotIndex: int
    entries: List[LogEntry]
    # Where the next page begins; null when there is nothing more yet
    nextIndex: Optional[int]


class _LogEntryRequired(TypedDict):
    # Its place
    index: int
    # The term of the leader that made it
    term: int
    # What it is
    kind: Literal["noop", "command", "members"]
    # Bytes of its payload
    bytes: int
    # The same in a line, for people
    text: str


class LogEntry(_LogEntryRequired, total=False):
    """
    An entry of the log, decoded. Values and secrets are never shown: how long they are is.
    """
    # What the command asks, as one word: put, delete, txn, grant-lease …
    command: str
    # When the leader took it, by the leader's clock; absent when it did not say
    time: str
    # The node that a client sent it to: its name, or its id when it is no member any more
    origin: str
    # The user who asked; absent for nobody in particular
    user: str
    # It runs only while a token holds its lock
    fenced: bool
    # It runs at most once: it has an idempotency key or a number in a client session
    once: bool
    # The keys that it names, at most 32 of them
    keys: List[LogKey]
    # How many it names beyond those
    moreKeys: int


class _LogKeyRequired(TypedDict):
    # What is done: put, delete, get, increment, compare or acquire
    op: str
    # The key, or the first of the range; a name for acquire
    key: str


class LogKey(_LogKeyRequired, total=False):
    """
    A key, or a range of keys, that an entry names.
    """
    # The first key that is not meant any more; absent for one key, empty for no end
    end: str
    # Present when one of them is not UTF-8
    keyEncoding: Literal["base64url"]
    # How long the value is, of a put
    valueBytes: int


class Login(TypedDict):
    """
    A login.
    """
    # For Authorization: Bearer, at any node; it lasts for a day after its last use
    token: str


class LoginBody(TypedDict):
    """
    A user's name and password.
    """
    # The user's name
    user: str
    # The password
    password: str


class _MemberRequired(TypedDict):
    # Name
    name: str
    # Id in hex
    id: str
    # As far as this node knows
    role: Literal["leader", "follower", "candidate", "pre-candidate", "learner", "removed", "pending"]
    # Has a vote
    voter: bool
    # Leads
    leader: bool
    # Is the node that answers
    self: bool
    # Where its peers reach it
    peerUrl: str
    # Where clients reach it, when known
    clientUrl: Optional[str]
    # Becomes a voter by itself, once it has caught up
    joining: bool
    # Closes its doors, and is removed then
    leaving: bool


class Member(_MemberRequired, total=False):
    """
    A member.
    """
    # Id of the voter that goes when it becomes one
    replaces: str
    # Id of the data directory that it is; absent while none has come
    instance: str
    # Where it stands; absent when nobody said. Clients that stand there read there
    zone: str
    # The voter of the highest priority leads, if it is well; absent for 0
    priority: int
    # It does not answer the leader; absent where this node does not lead
    unreachable: bool
    # Milliseconds since the leader heard it; absent where this node does not lead
    lastSeenMs: int


class MemberAddBody(TypedDict, total=False):
    """
    A new member.
    """
    # Its node's name; its node is started with it, and with --join
    name: str
    # Where its peers reach it, as http://HOST:PORT
    peerUrl: str
    # It stays without a vote; without this it becomes a voter once it has caught up
    learner: bool


class MemberChange(TypedDict):
    """
    What goes on.
    """
    # One of each member that is concerned; each can be looked at under its id
    operations: List[Operation]


class MemberChangeBody(TypedDict, total=False):
    """
    Several members at once, as one change; each is named once.
    """
    # New members
    add: List[MemberAddBody]
    # Ids or names of learners that are to have a vote
    promote: List[str]
    # Of voters that are to have none
    demote: List[str]
    # Of members that are to go
    remove: List[str]


class MemberPatchBody(TypedDict, total=False):
    """
    What is to be different of a member.
    """
    # Its name
    name: str
    # Where its peers reach it
    peerUrl: str
    # Where it stands; empty for nowhere
    zone: str
    # 0 to 100: the voter of the highest priority leads, if it is well
    priority: int


class _MemberProgressRequired(TypedDict):
    # waiting: its node is to be started with --join. leaving: it closes its doors. not-so: it is not so, and
    # nobody is at it
    phase: Literal["waiting", "catching-up", "changing", "leaving", "done", "not-so"]


class MemberProgress(_MemberProgressRequired, total=False):
    """
    How far a change of a member is.
    """
    # How the leader serves it; absent when that is not known
    state: str
    # It has the log up to here
    matchIndex: int
    # The leader has it up to here
    lastIndex: int
    # Bytes of a snapshot that it has, while one is sent
    snapshotSentBytes: int
    # Bytes of that snapshot
    snapshotBytes: int
    # Milliseconds since the leader heard it
    lastSeenMs: int
    # What it has of what there is, 0 to 100
    percent: int


class MemberReplaceBody(TypedDict, total=False):
    """
    What comes in a member's place; without a body the same name and address, with a new data directory.
    """
    # The new node's name
    name: str
    # Where its peers reach it
    peerUrl: str


class MemberSpace(TypedDict):
    """
    What a member can hold of the store, by its memory budget.
    """
    # Name of the node
    node: str
    # Bytes
    storeBytes: int


class _OperationRequired(TypedDict):
    # Its id
    id: str
    # unknown when this node does not, or no longer, know
    state: Literal["pending", "applied", "not-applied", "unknown"]


class Operation(_OperationRequired, total=False):
    """
    What became of an accepted write.
    """
    # Revision after it
    revision: int
    # HTTP status that the answer would have had
    status: int
    # The body that the answer would have had; null when it was too large to keep
    answer: Any
    # Why it was not applied
    code: str
    # The same in words
    detail: str
    # The member, when it is about one
    member: Member
    # How far it is, when it is about a member
    progress: MemberProgress


class OperationsBody(TypedDict):
    """
    The operations that a role allows.
    """
    # All of them; what is absent is taken away
    operations: List[str]


class _PageRequired(TypedDict):
    # Revision that all pages are read at
    revision: int


class Page(_PageRequired, total=False):
    """
    Keys in byte order, from one revision.
    """
    items: List[Item]
    # There is a next page
    hasMore: bool
    # Send it back for the next page, with the same prefix, start, end and order
    cursor: Optional[str]
    # How many keys there are; only with countOnly, and then alone with bytes
    count: int
    # What they take now, all kept versions with their overhead, as quotas count; only with countOnly and
    # without revision
    bytes: int


class _PairRequired(TypedDict):
    # The key
    key: str
    # The value, as the encoding says
    value: str
    # utf-8 when the bytes are valid UTF-8, else base64
    encoding: Literal["utf-8", "base64"]
    # Revision that created the key
    createRevision: int
    # Revision of the last write; the ETag
    modRevision: int
    # Writes since creation
    version: int
    # Lease id in hex, or null
    lease: Optional[str]


class Pair(_PairRequired, total=False):
    """
    A key and its value.
    """
    # Present when the key is not UTF-8: it is base64url then
    keyEncoding: Literal["base64url"]


class PasswordBody(TypedDict):
    """
    A new password.
    """
    # 8 to 1,024 bytes
    password: str


class _ProblemRequired(TypedDict):
    # urn:raftkv:problem: and the code
    type: str
    # The kind of error, in words
    title: str
    # HTTP status
    status: int
    # What happened and what to do
    detail: str
    # The kind of error, for programs
    code: str
    # no: surely not, and never will be. unknown: it may have been, or may yet be
    applied: Literal["no", "yes", "unknown"]
    # The same request may succeed later
    retryable: bool
    # The node that answers
    node: str
    # The leader as far as this node knows
    leader: Optional[str]
    # Ties the answer to the server's log
    traceId: str


class Problem(_ProblemRequired, total=False):
    """
    An error (RFC 9457). `applied` says whether a write of the request took effect.
    """
    # The key's mod revision after a failed precondition; 0 when missing
    actualRevision: int
    # The oldest revision that can still be read
    compactedRevision: int
    # For an answer that was not kept, the revision that it had
    revision: int
    # For an answer that was not kept, what names it
    answerDigest: str
    # Where the outcome of the write can be asked for
    operation: str
    # For consistency-unmet: what the read asked for.
    asked: ProblemAsked
    # For consistency-unmet: what this node has.
    available: ProblemAvailable
    # For quota-exceeded: the prefix whose quota it is; empty for the whole store
    prefix: str
    # Present when it is not UTF-8
    prefixEncoding: Literal["base64url"]
    keys: Use
    bytes: Use
    holders: List[Holder]
    # For lock-held: how many others wait
    queueLength: int


class ProblemAsked(TypedDict):
    """
    For consistency-unmet: what the read asked for.
    """
    # The level
    level: Literal["linearizable", "eventual", "lease", "sequential", "causal", "session", "read-your-writes", "monotonic-reads", "bounded", "consistent-prefix", "all"]
    # The bound in time
    maxStalenessMs: Optional[int]
    # The bound in revisions
    maxLag: Optional[int]
    # The revision that token or query need
    revision: Optional[int]


class ProblemAvailable(TypedDict):
    """
    For consistency-unmet: what this node has.
    """
    # Its newest revision
    revision: int
    # Proven bound of its age; null when unknown
    stalenessMs: Optional[int]
    # Its role
    role: str
    # The leader as far as it knows
    leader: Optional[str]
    # Its term
    term: int


class Process(TypedDict):
    """
    The process itself.
    """
    # Resident memory
    workingSetBytes: int
    # Managed memory in use
    heapBytes: int
    # How long the collector has stopped the process since start, in whole milliseconds
    gcPauseMs: int
    # By generation, 0 first
    gcCounts: List[int]


class _QueueRequired(TypedDict):
    # The name
    name: str
    holders: List[Holder]
    queue: List[Holder]
    # As of this revision
    revision: int


class Queue(_QueueRequired, total=False):
    """
    Holders, and those who wait, in order.
    """
    # Of a semaphore that somebody holds
    limit: Optional[int]


class QueueEntry(TypedDict):
    """
    A lock or semaphore.
    """
    # Its name
    name: str
    holders: List[Holder]
    # How many wait
    queueLength: int


class QueueList(TypedDict, total=False):
    """
    A page of what is held.
    """
    locks: List[QueueEntry]
    semaphores: List[QueueEntry]
    # Of the next page; absent on the last
    nextCursor: str


class _QuotaRequired(TypedDict):
    # The prefix
    prefix: str
    keys: Use
    bytes: Use
    # As of this revision
    revision: int


class Quota(_QuotaRequired, total=False):
    """
    A prefix with a quota.
    """
    # Present when it is not UTF-8
    prefixEncoding: Literal["base64url"]


class QuotaBody(TypedDict, total=False):
    """
    What may be taken; what is absent is not limited.
    """
    # Most live keys
    keys: Optional[int]
    # Most bytes, all kept versions with their overhead
    bytes: Optional[int]


class QuotaList(TypedDict):
    """
    The store and all quotas.
    """
    store: StoreSpace
    quotas: List[QuotaUse]
    # As of this revision
    revision: int


class _QuotaUseRequired(TypedDict):
    # The prefix
    prefix: str
    keys: Use
    bytes: Use


class QuotaUse(_QuotaUseRequired, total=False):
    """
    A prefix with a quota.
    """
    # Present when it is not UTF-8
    prefixEncoding: Literal["base64url"]


class Range(TypedDict):
    """
    Keys of one range.
    """
    items: List[Item]
    # The limit, or the page's size, cut the range
    hasMore: bool
    # Keys in the range, without the limit
    count: int


class RangeAnswer(TypedDict):
    """
    All ranges, read from one view.
    """
    # Revision that they were read at
    revision: int
    results: List[Range]


class _RangeBodyRequired(TypedDict):
    ranges: List[RangeSpec]


class RangeBody(_RangeBodyRequired, total=False):
    """
    Ranges to read from one view.
    """
    # Read at this revision; the newest when absent
    revision: int
    # base64 for all values, or auto
    encoding: Literal["auto", "base64"]


class RangeSpec(TypedDict, total=False):
    """
    Keys to read: one key, a prefix, or start and end.
    """
    # One key
    key: str
    # Keys that begin so; empty is every key
    prefix: str
    # First key, inclusive
    start: str
    # End, exclusive
    end: str
    # Encoding of the keys here
    keyEncoding: Literal["utf-8", "base64url"]
    # Most keys, 1 to 10000; default 1000
    limit: int
    # Without values
    keysOnly: bool
    # Only the count
    countOnly: bool
    # By key
    order: Literal["asc", "desc"]


class _ReceiptRequired(TypedDict):
    # Cluster id in hex
    cluster: str
    # The node that answered
    node: str
    # Method of the request
    method: str
    # The level asked for
    asked: Literal["linearizable", "eventual", "lease", "sequential", "causal", "session", "read-your-writes", "monotonic-reads", "bounded", "consistent-prefix", "all"]
    # The level served
    served: Literal["linearizable", "eventual", "lease", "sequential", "causal", "session", "read-your-writes", "monotonic-reads", "bounded", "consistent-prefix", "all"]
    # The term
    term: int
    # The confirmed log index, or that of its own write
    readIndex: int
    # Last log entry in the view
    appliedIndex: int
    # Revision of the view
    revision: int
    # Proven bound of its age; null when unknown
    stalenessMs: Optional[int]
    # The node's wall clock; informative only
    unixMs: int


class Receipt(_ReceiptRequired, total=False):
    """
    What one answer was made from.
    """
    # Path and query of the request; absent when very long
    target: str


class ReceiptBody(TypedDict):
    """
    A receipt to check.
    """
    # The text of a RaftKv-Receipt header
    receipt: str


class _ReceiptVerdictRequired(TypedDict):
    # It was, and nothing in it was changed
    valid: bool


class ReceiptVerdict(_ReceiptVerdictRequired, total=False):
    """
    Whether a receipt was made by this cluster.
    """
    receipt: Receipt
    # Why it is not valid
    reason: str


class Released(TypedDict):
    """
    It is free.
    """
    # Always true
    released: bool
    # Revision of the release
    revision: int


class Role(TypedDict):
    """
    A role.
    """
    # The name
    name: str
    grants: List[RoleGrant]
    # Operations that it allows
    operations: List[str]


class _RoleGrantRequired(TypedDict):
    # The first key
    start: str
    # The first key that is not meant any more; null for all from the first on
    end: Optional[str]
    # True for the first key alone
    single: bool
    # What may be done
    rights: List[str]


class RoleGrant(_RoleGrantRequired, total=False):
    """
    What a role allows over some keys.
    """
    # Present when a bound is not UTF-8
    keyEncoding: Literal["base64url"]


class RoleList(TypedDict):
    """
    All roles.
    """
    # In byte order
    roles: List[str]


class RoleName(TypedDict):
    """
    Names a role.
    """
    # The role's name, 1 to 255 bytes
    role: str


class Status(TypedDict):
    """
    This node, as it sees itself.
    """
    # Name
    name: str
    # Id in hex
    id: str
    # Cluster id in hex
    clusterId: str
    # Version of RaftKv
    version: str
    # Which engine runs: docs/engines.md
    engine: Literal["native", "dotnext"]
    # Where it is in its life
    phase: Literal["starting", "ready", "draining", "failed"]
    # Its role
    role: Literal["leader", "follower", "candidate", "pre-candidate", "learner"]
    # Term
    term: int
    # The leader as far as known.
    leader: Optional[StatusLeader]
    # Newest revision here
    revision: int
    # Older revisions can't be read; 0 for none
    compactedRevision: int
    # Live keys
    keyCount: int
    # Bytes of keys and values of all kept versions
    dataBytes: int
    # Hash of the replicated state; equal on all nodes at an equal viewAppliedIndex
    stateHash: str
    # Log index of the state that this answer was made from
    viewAppliedIndex: int
    # Highest index known committed
    commitIndex: int
    # Highest index applied
    appliedIndex: int
    # First index in the log
    firstIndex: int
    # Last index in the log
    lastIndex: int
    # Highest index on disk
    persistedIndex: int
    # The newest snapshot.
    snapshot: StatusSnapshot
    # Writes of this node that are undecided
    pendingProposals: int
    idempotency: IdempotencyStatus
    # Which rules are in force; 0 before the first entry
    clusterVersion: int
    # The newest that this node's program supports
    supportedVersion: int
    gates: List[Gate]
    process: Process
    # What the node may use of memory.
    memory: StatusMemory
    # The data directory and its disk, looked at every second.
    disk: StatusDisk
    store: StoreSpace
    # Who belongs to the cluster, as this node knows it
    members: List[Member]
    followers: List[Follower]
    # Index that every voter is known to have applied
    allAppliedIndex: int
    # Proven bound of the age of this node's state; null when unknown
    stalenessMs: Optional[int]
    # Whether the node may answer from its lease.
    lease: StatusLease
    alarms: List[Alarm]
    # What of TLS ends when; empty without it
    certificates: List[StatusCertificates]


class StatusLeader(TypedDict):
    """
    The leader as far as known.
    """
    # Name
    name: str
    # Id in hex
    id: str


class StatusSnapshot(TypedDict):
    """
    The newest snapshot.
    """
    # Its term
    term: int
    # Its index; 0 for none
    index: int


class StatusMemory(TypedDict):
    """
    What the node may use of memory.
    """
    # The budget: --memory-budget, or its default
    budgetBytes: int
    # Entries of the log in memory
    logBytes: int
    # Undecided writes of this node
    proposalBytes: int
    # What each part may use of it; docs/operations.md says what the parts are
    shares: Dict[str, int]


class StatusDisk(TypedDict):
    """
    The data directory and its disk, looked at every second.
    """
    # Lengths of the directory's files
    usedBytes: int
    # What they are at most while the store is at its limit, by the memory budget
    boundBytes: int
    # Free bytes of the disk
    freeBytes: int
    # What has to stay free beside room for a snapshot of the whole store: --disk-reserve
    reserveBytes: int
    # There is less: the leader raises the alarm NOSPACE with cause disk
    low: bool


class StatusLease(TypedDict):
    """
    Whether the node may answer from its lease.
    """
    # It may
    held: bool
    # For how long
    remainingMs: int


class StatusCertificates(TypedDict):
    """
    A certificate, or a list of revoked ones, that the node was given.
    """
    # The port that it is for
    port: Literal["client", "peer"]
    # What it is
    kind: Literal["certificate", "authority", "revocations"]
    # Whose
    subject: str
    # When it ends, in UTC
    until: str
    # It should be replaced by now
    endsSoon: bool


class StoreSpace(TypedDict):
    """
    The whole store.
    """
    bytes: Use
    # The quota that was set; null for none
    quotaBytes: Optional[int]
    members: List[MemberSpace]


class TokenBody(TypedDict, total=False):
    """
    A token to make.
    """
    # Whose it is; the caller's own when absent
    user: str
    # For people, at most 255 bytes
    label: str
    # How long it lasts, a whole number and ms, s, m, h or d; for ever when absent
    ttl: str


class TokenEntry(TypedDict):
    """
    A token.
    """
    # Names it
    id: str
    # Whose it is
    user: str
    # For people
    label: str
    # Unix time, ms
    createdMs: int
    # Unix time, ms; null for never
    expiresMs: Optional[int]


class TokenList(TypedDict):
    """
    Tokens: all for root, one's own for others.
    """
    tokens: List[TokenEntry]


class TokenMade(TypedDict):
    """
    A new token. It is not shown again.
    """
    # For Authorization: Bearer, at any node
    token: str
    # Names it in the list
    id: str
    # Whose it is
    user: str


class _TxnAnswerRequired(TypedDict):
    # True when all compares held and `then` ran
    succeeded: bool
    responses: List[TxnResponse]


class TxnAnswer(_TxnAnswerRequired, total=False):
    """
    Which list ran, and what its operations answered, in order.
    """
    # Revision of the store after it; absent in an inner transaction
    revision: int

TxnBody = TypedDict("TxnBody", {"compare": 'List[Compare]', "then": 'List[TxnOperation]', "else": 'List[TxnOperation]'}, total=False)


class TxnOperation(TypedDict, total=False):
    """
    One operation: exactly one member.
    """
    # Writes a key.
    put: TxnOperationPut
    delete: DeleteSpec
    get: RangeSpec
    # Adds to a counter.
    increment: TxnOperationIncrement
    txn: TxnBody


class _TxnOperationPutRequired(TypedDict):
    # The key
    key: str
    # The value
    value: str


class TxnOperationPut(_TxnOperationPutRequired, total=False):
    """
    Writes a key.
    """
    # Encoding of the keys here
    keyEncoding: Literal["utf-8", "base64url"]
    # Encoding of the value
    encoding: Literal["utf-8", "base64"]
    # Lease id in hex
    lease: str


class _TxnOperationIncrementRequired(TypedDict):
    # The key
    key: str


class TxnOperationIncrement(_TxnOperationIncrementRequired, total=False):
    """
    Adds to a counter.
    """
    # Encoding of the keys here
    keyEncoding: Literal["utf-8", "base64url"]
    # What to add; default 1
    by: int


class TxnResponse(TypedDict, total=False):
    """
    Answer of one operation; has the member of that operation.
    """
    put: Written
    # Deleted keys.
    delete: TxnResponseDelete
    get: Range
    increment: CounterAnswer
    txn: TxnAnswer


class TxnResponseDelete(TypedDict):
    """
    Deleted keys.
    """
    # Keys deleted
    deleted: int


class Use(TypedDict):
    """
    What is used and allowed.
    """
    # Now
    used: int
    # At most; null when it is not limited
    allowed: Optional[int]


class User(TypedDict):
    """
    A user.
    """
    # The name
    name: str
    # False for one who comes with a certificate or a token only
    hasPassword: bool
    # In byte order
    roles: List[str]


class _UserBodyRequired(TypedDict):
    # 1 to 255 bytes
    name: str


class UserBody(_UserBodyRequired, total=False):
    """
    A user to make.
    """
    # 8 to 1,024 bytes; absent for a user who comes with a certificate or a token only
    password: str


class UserList(TypedDict):
    """
    All users.
    """
    users: List[User]


class _VersionRequired(TypedDict):
    # This version is a deletion
    deleted: bool
    # Revision that created the key
    createRevision: int
    # Revision of the last write; the ETag
    modRevision: int
    # Writes since creation
    version: int
    # Lease id in hex, or null
    lease: Optional[str]


class Version(_VersionRequired, total=False):
    """
    One version of a key; a deletion has no value.
    """
    # The value, as the encoding says
    value: str
    # utf-8 when the bytes are valid UTF-8, else base64
    encoding: Literal["utf-8", "base64"]


class WatchAnswer(TypedDict):
    """
    Changes, whole revisions in order.
    """
    # Everything up to here is told; go on from one more
    revision: int
    events: List[WatchEvent]


class _WatchEventRequired(TypedDict):
    # What happened to the key
    type: Literal["put", "delete"]
    # Why; a key goes by deletion, or with its lease
    reason: Literal["put", "delete", "expired", "revoked"]
    # The key
    key: str
    # Revision that created the key; 0 for a deletion
    createRevision: int
    # Revision of this change
    modRevision: int
    # Writes since creation; 0 for a deletion
    version: int
    # Lease id in hex, or null
    lease: Optional[str]


class WatchEvent(_WatchEventRequired, total=False):
    """
    One change of one key.
    """
    # Present when the key is not UTF-8: it is base64url then
    keyEncoding: Literal["base64url"]
    # The value, as the encoding says; absent after a deletion
    value: str
    # utf-8 when the bytes are valid UTF-8, else base64
    encoding: Literal["utf-8", "base64"]
    previous: Pair


class _WrittenRequired(TypedDict):
    # The key
    key: str
    # Revision that created the key
    createRevision: int
    # Revision of the last write; the ETag
    modRevision: int
    # Writes since creation
    version: int
    # Lease id in hex, or null
    lease: Optional[str]


class Written(_WrittenRequired, total=False):
    """
    A key as it was written; without the value.
    """
    # Present when the key is not UTF-8: it is base64url then
    keyEncoding: Literal["base64url"]


class RaftKv(Transport):
    """One node of RaftKv. A call that is refused raises RaftKvError."""

    def put_key(
        self,
        key: Union[str, bytes],
        body: Optional[Union[bytes, str]] = None,
        *,
        lease: Optional[str] = None,
        encoding: Optional[Literal["auto", "base64"]] = None,
        if_match: Optional[str] = None,
        if_none_match: Optional[str] = None,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[Written, Operation, None]]:
        """
        Write a key.

        Stores the body's bytes. `If-None-Match: *` creates only; `If-Match: "REV"` replaces only that
        version. 503 and 429 mean surely not applied; 504 means that the outcome is unknown.
        """
        return self.call(
            "PUT",
            "/api/v1/kv/{key}",
            places={"key": key},
            query={"lease": lease, "encoding": encoding},
            headers={
                "If-Match": if_match,
                "If-None-Match": if_none_match,
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/octet-stream",
        )

    def get_key(
        self,
        key: Union[str, bytes],
        *,
        raw: Optional[bool] = None,
        history: Optional[bool] = None,
        wait: Optional[str] = None,
        revision: Optional[int] = None,
        encoding: Optional[Literal["auto", "base64"]] = None,
        limit: Optional[int] = None,
        if_none_match: Optional[str] = None,
        if_match: Optional[str] = None,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[Union[Pair, History, bytes, None]]:
        """
        Read a key.

        Reads a key at the level that `RaftKv-Consistency` asks for; linearizable unless told otherwise, on
        any node. A level that can't be met is 503 `consistency-unmet`, with what was asked and what was
        available.
        """
        return self.call(
            "GET",
            "/api/v1/kv/{key}",
            places={"key": key},
            query={
                "raw": raw,
                "history": history,
                "wait": wait,
                "revision": revision,
                "encoding": encoding,
                "limit": limit,
            },
            headers={
                "If-None-Match": if_none_match,
                "If-Match": if_match,
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def delete_key(
        self,
        key: Union[str, bytes],
        *,
        if_match: Optional[str] = None,
        if_none_match: Optional[str] = None,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[Deleted, Operation, None]]:
        """
        Delete a key.

        Deleting a missing key answers `deleted: 0` and leaves the revision as it is. `If-Match: *` makes a
        missing key an error.
        """
        return self.call(
            "DELETE",
            "/api/v1/kv/{key}",
            places={"key": key},
            headers={
                "If-Match": if_match,
                "If-None-Match": if_none_match,
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
        )

    def list_keys(
        self,
        *,
        prefix: Optional[str] = None,
        start: Optional[str] = None,
        end: Optional[str] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        keys_only: Optional[bool] = None,
        count_only: Optional[bool] = None,
        order: Optional[Literal["asc", "desc"]] = None,
        revision: Optional[int] = None,
        encoding: Optional[Literal["auto", "base64"]] = None,
        key: Optional[str] = None,
        raw: Optional[bool] = None,
        history: Optional[bool] = None,
        wait: Optional[str] = None,
        key_encoding: Optional[KeyEncodingChoice] = None,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[Union[Page, Pair, History]]:
        """
        List keys.

        Keys in byte order, page by page, all pages from the revision of the first. The next page is at `Link:
        rel="next"`, or by `cursor`. A page also ends after 4 MiB. With `key` instead of a range it reads that
        key.
        """
        return self.call(
            "GET",
            "/api/v1/kv",
            query={
                "prefix": prefix,
                "start": start,
                "end": end,
                "limit": limit,
                "cursor": cursor,
                "keysOnly": keys_only,
                "countOnly": count_only,
                "order": order,
                "revision": revision,
                "encoding": encoding,
                "key": key,
                "raw": raw,
                "history": history,
                "wait": wait,
                "keyEncoding": key_encoding,
            },
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def put_key_by_query(
        self,
        body: Optional[Union[bytes, str]] = None,
        *,
        key: Optional[str] = None,
        key_encoding: Optional[Literal["utf-8", "base64url"]] = None,
        lease: Optional[str] = None,
        encoding: Optional[Literal["auto", "base64"]] = None,
        if_match: Optional[str] = None,
        if_none_match: Optional[str] = None,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[Written, Operation, None]]:
        """
        Write a key of any bytes.

        As PUT with the key in the path, for keys that a path can't carry: `?key=AAEC&keyEncoding=base64url`.
        """
        return self.call(
            "PUT",
            "/api/v1/kv",
            query={"key": key, "keyEncoding": key_encoding, "lease": lease, "encoding": encoding},
            headers={
                "If-Match": if_match,
                "If-None-Match": if_none_match,
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/octet-stream",
        )

    def delete_keys(
        self,
        *,
        prefix: Optional[str] = None,
        start: Optional[str] = None,
        end: Optional[str] = None,
        all: Optional[bool] = None,
        key: Optional[str] = None,
        key_encoding: Optional[KeyEncodingChoice] = None,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[Deleted, Operation, None]]:
        """
        Delete a range of keys.

        Deletes atomically, in one revision. A range must be named; for every key say `all=true`.
        """
        return self.call(
            "DELETE",
            "/api/v1/kv",
            query={
                "prefix": prefix,
                "start": start,
                "end": end,
                "all": all,
                "key": key,
                "keyEncoding": key_encoding,
            },
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
        )

    def read_ranges(
        self,
        body: RangeBody,
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[RangeAnswer]:
        """
        Read several ranges at once.

        Up to 128 ranges, all from one view of the store, so that they agree with each other. Changes nothing.
        """
        return self.call(
            "POST",
            "/api/v1/kv/range",
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
            body=body,
            media_type="application/json",
        )

    def watch(
        self,
        *,
        prefix: Optional[str] = None,
        key: Optional[str] = None,
        start: Optional[str] = None,
        end: Optional[str] = None,
        start_revision: Optional[int] = None,
        prev_value: Optional[bool] = None,
        filter: Optional[Literal["put", "delete"]] = None,
        limit: Optional[int] = None,
        timeout: Optional[str] = None,
        snapshot: Optional[bool] = None,
        bookmark_interval: Optional[str] = None,
        encoding: Optional[Literal["auto", "base64"]] = None,
        last_event_i_d: Optional[int] = None,
        key_encoding: Optional[KeyEncodingChoice] = None,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        raftkv_timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        accept: Optional[Literal["application/json", "application/x-ndjson", "text/event-stream"]] = None,
    ) -> Answer[Union[WatchAnswer, Stream]]:
        """
        Be told of changes.

        Each change of the keys, exactly once and in order, from now or from `startRevision` on, on any node.
        `Accept` chooses the form:

- `text/event-stream` (default): Server-Sent Events. `change` has one
        revision's changes, never split; its id is the revision. `bookmark` says that everything up to its
        revision was told on this stream; one comes first when the watch begins now, and after each
        `bookmarkInterval` of silence. `snapshot` (with `snapshot=true`) is the state: replace yours by its
        pairs, from the first message until `complete` is true. `cancel` is the last message, with a code:
        `compacted` (with `compactedRevision`), `slow-consumer` (nothing was taken for 30 s) or
        `shutting-down`. A stream that ends without one has reached its `limit` or `timeout`, or was cut
        off.
- `application/x-ndjson`: the same objects, one a line, each with its `type`.
-
        `application/json`: long poll. Answers with the first changes, or with none after `timeout` (default
        30s); go on from `revision` + 1.

Come back with `Last-Event-ID`, or `startRevision` one after the
        last that you have. Nothing is lost, nothing comes twice. When that revision is compacted the answer
        is 410, or, with `snapshot=true`, the state. A start in the future is waited for; nothing older is
        told. The level of `RaftKv-Consistency` is that of the view which the watch begins with; a watch from
        a revision on reads none.
        """
        return self.call(
            "GET",
            "/api/v1/watch",
            query={
                "prefix": prefix,
                "key": key,
                "start": start,
                "end": end,
                "startRevision": start_revision,
                "prevValue": prev_value,
                "filter": filter,
                "limit": limit,
                "timeout": timeout,
                "snapshot": snapshot,
                "bookmarkInterval": bookmark_interval,
                "encoding": encoding,
                "keyEncoding": key_encoding,
            },
            headers={
                "Last-Event-ID": last_event_i_d,
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": raftkv_timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "Accept": accept,
            },
        )

    def grant_lease(
        self,
        body: LeaseBody,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[Lease, Operation, None]]:
        """
        Grant a lease.

        Keys hang on a lease by `?lease=ID`, and go with it: when nobody keeps it alive for its `ttl`, or when
        it is revoked. It never expires early, also not when the leader changes.
        """
        return self.call(
            "POST",
            "/api/v1/leases",
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def list_leases(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[LeaseList]:
        """
        List the leases.

        By id, page by page.
        """
        return self.call(
            "GET",
            "/api/v1/leases",
            query={"limit": limit, "cursor": cursor},
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def get_lease(
        self,
        id: Union[str, bytes],
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[Lease]:
        """
        Look at a lease.

        How long it still lives, as its leader says, and its keys.
        """
        return self.call(
            "GET",
            "/api/v1/leases/{id}",
            places={"id": id},
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def revoke_lease(
        self,
        id: Union[str, bytes],
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[LeaseEnded, Operation, None]]:
        """
        End a lease.

        All keys that hang on it go in one revision.
        """
        return self.call(
            "DELETE",
            "/api/v1/leases/{id}",
            places={"id": id},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
        )

    def keep_lease_alive(
        self,
        id: Union[str, bytes],
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
    ) -> Answer[Lease]:
        """
        Keep a lease alive.

        Its life begins anew. Count from the moment when the request was sent.
        """
        return self.call(
            "POST",
            "/api/v1/leases/{id}/keepalive",
            places={"id": id},
            headers={"RaftKv-Timeout": timeout, "RaftKv-Session": session},
        )

    def acquire_lock(
        self,
        name: Union[str, bytes],
        body: Optional[AcquireBody] = None,
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Grant]:
        """
        Acquire a lock.

        Waits in a fair queue, in the order of arrival, woken by the server; `wait` (default `30s`, at most
        `60s`) says how long, `0s` tries once. The place hangs on a lease: one that is made (`ttl`, default
        `15s`), or your own (`lease`). Who hangs up, or waits in vain, leaves the queue. `fencingToken` grows
        for ever: send it as `RaftKv-Fence` with what the holder writes.
        """
        return self.call(
            "POST",
            "/api/v1/locks/{name}",
            places={"name": name},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def get_lock(
        self,
        name: Union[str, bytes],
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[Queue]:
        """
        Look at a lock.

        Holders and queue. A free one has neither.
        """
        return self.call(
            "GET",
            "/api/v1/locks/{name}",
            places={"name": name},
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def release_lock(
        self,
        name: Union[str, bytes],
        token: int,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[Released, Operation, None]]:
        """
        Release a lock.

        Only the holder can, by its token.
        """
        return self.call(
            "DELETE",
            "/api/v1/locks/{name}",
            places={"name": name},
            query={"token": token},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
        )

    def keep_lock_alive(
        self,
        name: Union[str, bytes],
        token: int,
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
    ) -> Answer[KeptAlive]:
        """
        Keep a lock alive.

        Renews the lease that it hangs on.
        """
        return self.call(
            "POST",
            "/api/v1/locks/{name}/keepalive",
            places={"name": name},
            query={"token": token},
            headers={"RaftKv-Timeout": timeout, "RaftKv-Session": session},
        )

    def list_locks(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[QueueList]:
        """
        List the locks.

        Those that somebody holds, by name.
        """
        return self.call(
            "GET",
            "/api/v1/locks",
            query={"limit": limit, "cursor": cursor},
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def acquire_semaphore(
        self,
        name: Union[str, bytes],
        body: AcquireBody,
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Grant]:
        """
        Acquire a semaphore.

        Waits in a fair queue, in the order of arrival, woken by the server; `wait` (default `30s`, at most
        `60s`) says how long, `0s` tries once. The place hangs on a lease: one that is made (`ttl`, default
        `15s`), or your own (`lease`). Who hangs up, or waits in vain, leaves the queue. `fencingToken` grows
        for ever: send it as `RaftKv-Fence` with what the holder writes.
        """
        return self.call(
            "POST",
            "/api/v1/semaphores/{name}",
            places={"name": name},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def get_semaphore(
        self,
        name: Union[str, bytes],
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[Queue]:
        """
        Look at a semaphore.

        Holders and queue. A free one has neither.
        """
        return self.call(
            "GET",
            "/api/v1/semaphores/{name}",
            places={"name": name},
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def release_semaphore(
        self,
        name: Union[str, bytes],
        token: int,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[Released, Operation, None]]:
        """
        Release a semaphore.

        Only the holder can, by its token.
        """
        return self.call(
            "DELETE",
            "/api/v1/semaphores/{name}",
            places={"name": name},
            query={"token": token},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
        )

    def keep_semaphore_alive(
        self,
        name: Union[str, bytes],
        token: int,
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
    ) -> Answer[KeptAlive]:
        """
        Keep a semaphore alive.

        Renews the lease that it hangs on.
        """
        return self.call(
            "POST",
            "/api/v1/semaphores/{name}/keepalive",
            places={"name": name},
            query={"token": token},
            headers={"RaftKv-Timeout": timeout, "RaftKv-Session": session},
        )

    def list_semaphores(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[QueueList]:
        """
        List the semaphores.

        Those that somebody holds, by name.
        """
        return self.call(
            "GET",
            "/api/v1/semaphores",
            query={"limit": limit, "cursor": cursor},
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def verify_fence(
        self,
        body: FenceBody,
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[FenceAnswer]:
        """
        Ask whether a token holds.

        For resources outside of the store. Between the answer and what you do with it the lock may be lost:
        let the resource remember the highest token that it has seen, and refuse smaller ones.
        """
        return self.call(
            "POST",
            "/api/v1/fence/verify",
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
            body=body,
            media_type="application/json",
        )

    def list_guards(
        self,
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[GuardList]:
        """
        List the guards.

        Prefixes whose keys are written under a fence only.
        """
        return self.call(
            "GET",
            "/api/v1/guards",
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def set_guard(
        self,
        prefix: Union[str, bytes],
        body: Optional[GuardBody] = None,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[CompactAnswer, Operation, None]]:
        """
        Guard a prefix.

        From now on a write to keys that begin so needs `RaftKv-Fence`: of `lock`, or of any when none is
        named. Else it is 412 `fence-required`.
        """
        return self.call(
            "PUT",
            "/api/v1/guards/{prefix}",
            places={"prefix": prefix},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def remove_guard(
        self,
        prefix: Union[str, bytes],
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[CompactAnswer, Operation, None]]:
        """
        Remove a guard.

        Its keys are written by anybody again.
        """
        return self.call(
            "DELETE",
            "/api/v1/guards/{prefix}",
            places={"prefix": prefix},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
        )

    def open_client_session(
        self,
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
    ) -> Answer[ClientSession]:
        """
        Open a client session.

        For a client that writes much: its writes carry `RaftKv-Client-Session: ID;seq=N;ack=M` in place of an
        Idempotency-Key, and what is kept for its repeats goes as it acknowledges it. There are so many
        sessions at a time; one more drops the one that was idle longest.
        """
        return self.call(
            "POST",
            "/api/v1/client-sessions",
            headers={"RaftKv-Timeout": timeout, "RaftKv-Session": session},
        )

    def close_client_session(
        self,
        id: Union[str, bytes],
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
    ) -> Answer[ClientSessionEnded]:
        """
        Close a client session.

        Its kept answers go. A client that ends without it costs a place until others need it.
        """
        return self.call(
            "DELETE",
            "/api/v1/client-sessions/{id}",
            places={"id": id},
            headers={"RaftKv-Timeout": timeout, "RaftKv-Session": session},
        )

    def campaign(
        self,
        name: Union[str, bytes],
        body: Optional[AcquireBody] = None,
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Leadership]:
        """
        Stand for election.

        Waits until it leads, as long as `wait` says; otherwise as a lock. `value` is what observers see.
        """
        return self.call(
            "POST",
            "/api/v1/elections/{name}/campaign",
            places={"name": name},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def get_election(
        self,
        name: Union[str, bytes],
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[Election]:
        """
        Ask who leads.

        The leader, or null, and how many stand for election.
        """
        return self.call(
            "GET",
            "/api/v1/elections/{name}",
            places={"name": name},
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def resign(
        self,
        name: Union[str, bytes],
        token: int,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[Released, Operation, None]]:
        """
        Resign.

        Only the leader can, by its token.
        """
        return self.call(
            "DELETE",
            "/api/v1/elections/{name}",
            places={"name": name},
            query={"token": token},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
        )

    def proclaim(
        self,
        name: Union[str, bytes],
        token: int,
        body: Optional[Union[bytes, str]] = None,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[CompactAnswer, Operation, None]]:
        """
        Change what the leader says.

        Only the leader can, by its token.
        """
        return self.call(
            "PUT",
            "/api/v1/elections/{name}/value",
            places={"name": name},
            query={"token": token},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="text/plain",
        )

    def keep_leadership_alive(
        self,
        name: Union[str, bytes],
        token: int,
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
    ) -> Answer[KeptAlive]:
        """
        Keep a leadership alive.

        Renews the lease that it hangs on.
        """
        return self.call(
            "POST",
            "/api/v1/elections/{name}/keepalive",
            places={"name": name},
            query={"token": token},
            headers={"RaftKv-Timeout": timeout, "RaftKv-Session": session},
        )

    def observe_election(
        self,
        name: Union[str, bytes],
        *,
        timeout: Optional[str] = None,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        raftkv_timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[Stream]:
        """
        Be told who leads.

        Server-Sent Events: who leads now, then every change, each leadership once and in order. `leader` has
        the leader and the revision of its value, `vacant` says that nobody leads, `cancel` that the stream
        ends (`shutting-down`, `slow-consumer`, `compacted`): observe anew.
        """
        return self.call(
            "GET",
            "/api/v1/elections/{name}/observe",
            places={"name": name},
            query={"timeout": timeout},
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": raftkv_timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def run_transaction(
        self,
        body: TxnBody,
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
    ) -> Answer[Union[TxnAnswer, Operation, None]]:
        """
        Run a transaction.

        If all compares hold, `then` runs, else `else`; atomically, as one revision. Lists have up to 128
        entries, nesting goes 8 deep. A key may be written once. A transaction that only compares and gets is
        a read of several keys: it takes the read levels and costs no log entry.
        """
        return self.call(
            "POST",
            "/api/v1/txn",
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
            },
            body=body,
            media_type="application/json",
        )

    def increment_counter(
        self,
        key: Union[str, bytes],
        body: Optional[CounterBody] = None,
        *,
        if_match: Optional[str] = None,
        if_none_match: Optional[str] = None,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[CounterAnswer, Operation, None]]:
        """
        Add to a counter.

        Adds atomically, without a compare; a missing key counts as 0. The value is stored as decimal text, so
        a GET of the key shows it. A repeat adds again: after a 504 read before you repeat.
        """
        return self.call(
            "POST",
            "/api/v1/counters/{key}",
            places={"key": key},
            headers={
                "If-Match": if_match,
                "If-None-Match": if_none_match,
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def compact(
        self,
        body: CompactBody,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[CompactAnswer, Operation, None]]:
        """
        Forget old revisions.

        Forgets versions that no read at or after the revision can see, on all nodes. Reads below it are 410
        from then on.
        """
        return self.call(
            "POST",
            "/api/v1/compact",
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def advise_consistency(
        self,
        body: Optional[AdviceBody] = None,
    ) -> Answer[Advice]:
        """
        Ask which level to read at.

        Takes the questions of a design review, all optional, and gives the weakest level that fulfils every
        wish, with reasons. Wishes that exclude each other are no error: the answer says why, and which one
        was kept.
        """
        return self.call(
            "POST",
            "/api/v1/consistency/advice",
            body=body,
            media_type="application/json",
        )

    def verify_receipt(
        self,
        body: ReceiptBody,
    ) -> Answer[ReceiptVerdict]:
        """
        Check a receipt.

        Says whether a `RaftKv-Receipt` was made by this cluster and is unchanged. Any node can tell, at any
        time.
        """
        return self.call(
            "POST",
            "/api/v1/receipts/verify",
            body=body,
            media_type="application/json",
        )

    def get_cluster(
        self,
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[Cluster]:
        """
        List the members.

        The members, who leads and who votes, as this node knows it.
        """
        return self.call(
            "GET",
            "/api/v1/cluster",
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def get_operation(
        self,
        id: Union[str, bytes],
        *,
        session: Optional[str] = None,
    ) -> Answer[Operation]:
        """
        Ask what became of a write.

        For a 202, and for a 504 `outcome-unknown`, which names its operation. Only the node that answered
        knows, and only until it restarts or has taken thousands of others; everything else is `unknown`,
        which says nothing about whether it was applied. For the 202 of a change of members, whose id begins
        with `member-`, any node tells how far it is.
        """
        return self.call(
            "GET",
            "/api/v1/operations/{id}",
            places={"id": id},
            headers={"RaftKv-Session": session},
        )

    def get_status(
        self,
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[Status]:
        """
        Look at this node.

        Role, log, store and, on the leader, its followers. This node's own view; it asks nobody unless a
        level is named.
        """
        return self.call(
            "GET",
            "/api/v1/status",
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def get_log(
        self,
        *,
        start_index: Optional[int] = None,
        limit: Optional[int] = None,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[Log]:
        """
        Look into this node's log.

        Entries that are applied here, decoded: who asked what, of which keys. Values and secrets are never
        told, only how long they are. Without `startIndex` the newest ones. An answer stops after about 1 MiB
        of log; `nextIndex` is where to go on. What the log has dropped is 410: it is in the snapshot. Once
        rights are in force it is root's, since it names every key.
        """
        return self.call(
            "GET",
            "/api/v1/log",
            query={"startIndex": start_index, "limit": limit},
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def add_member(
        self,
        body: MemberAddBody,
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
    ) -> Answer[Operation]:
        """
        Add a member.

        Makes a place, which counts for nothing until its node is started with `--join`, its name and an empty
        directory. That directory takes the place for good; it receives what there is as a learner, and is a
        voter by itself once it has caught up.
        """
        return self.call(
            "POST",
            "/api/v1/cluster/members",
            headers={"RaftKv-Timeout": timeout, "RaftKv-Session": session},
            body=body,
            media_type="application/json",
        )

    def change_members(
        self,
        body: MemberChangeBody,
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
    ) -> Answer[MemberChange]:
        """
        Change several members at once.

        One change, by joint consensus: a majority of the voters before and of those after decide while it is
        under way. Each member is named once.
        """
        return self.call(
            "POST",
            "/api/v1/cluster/members/change",
            headers={"RaftKv-Timeout": timeout, "RaftKv-Session": session},
            body=body,
            media_type="application/json",
        )

    def remove_member(
        self,
        id: Union[str, bytes],
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
    ) -> Answer[Operation]:
        """
        Remove a member.

        It loses its vote at once, closes its doors while it still follows, and is gone then; its process ends
        with a sentence and exit code 8. One that does not answer is gone at once. A leader hands over first.
        Refused when the voters that are left would not be heard by a majority of them.
        """
        return self.call(
            "DELETE",
            "/api/v1/cluster/members/{id}",
            places={"id": id},
            headers={"RaftKv-Timeout": timeout, "RaftKv-Session": session},
        )

    def update_member(
        self,
        id: Union[str, bytes],
        body: MemberPatchBody,
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
    ) -> Answer[Operation]:
        """
        Give a member another name, address, zone or priority.

        The others dial it at its address from now on. A voter of a higher priority than the leader's takes
        over by a transfer, once it has been well for ten election timeouts.
        """
        return self.call(
            "PATCH",
            "/api/v1/cluster/members/{id}",
            places={"id": id},
            headers={"RaftKv-Timeout": timeout, "RaftKv-Session": session},
            body=body,
            media_type="application/json",
        )

    def promote_member(
        self,
        id: Union[str, bytes],
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
    ) -> Answer[Operation]:
        """
        Give a learner a vote.

        At once when it has caught up, else as soon as it has.
        """
        return self.call(
            "POST",
            "/api/v1/cluster/members/{id}/promote",
            places={"id": id},
            headers={"RaftKv-Timeout": timeout, "RaftKv-Session": session},
        )

    def demote_member(
        self,
        id: Union[str, bytes],
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
    ) -> Answer[Operation]:
        """
        Take a voter's vote.

        It goes on as a learner. A leader hands over first.
        """
        return self.call(
            "POST",
            "/api/v1/cluster/members/{id}/demote",
            places={"id": id},
            headers={"RaftKv-Timeout": timeout, "RaftKv-Session": session},
        )

    def replace_member(
        self,
        id: Union[str, bytes],
        body: Optional[MemberReplaceBody] = None,
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
    ) -> Answer[Operation]:
        """
        Replace a member.

        Makes a place as for a new member; when its directory has caught up, it gets the vote and the old one
        loses it, in one step. Without a body the place has the old one's name and address: for a machine
        whose disk was lost.
        """
        return self.call(
            "POST",
            "/api/v1/cluster/members/{id}/replace",
            places={"id": id},
            headers={"RaftKv-Timeout": timeout, "RaftKv-Session": session},
            body=body,
            media_type="application/json",
        )

    def transfer_leadership(
        self,
        id: Union[str, bytes],
        *,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
    ) -> Answer[HandOver]:
        """
        Hand leadership to a voter.

        The leader stops taking writes until the member has its whole log, and has it campaign at once;
        writers wait about a round trip. Any node passes it on to the leader. Answered once the member was
        seen to lead; 504 when it was not in time. A member of higher priority takes over again by itself.
        """
        return self.call(
            "POST",
            "/api/v1/cluster/members/{id}/lead",
            places={"id": id},
            headers={"RaftKv-Timeout": timeout, "RaftKv-Session": session},
        )

    def drain_member(
        self,
        id: Union[str, bytes],
        *,
        force: Optional[bool] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
    ) -> Answer[HandOver]:
        """
        Make a node ready to be stopped.

        It hands leadership over, is not ready any more (so that load balancers leave it), ends its watches
        and refuses writes with 503, while those under way are finished. It goes on to follow, to vote and to
        answer reads, until its process ends; started again, it serves as before. Any node passes it on.
        Refused when without it no majority of the voters would be left, or be heard by the leader, and when
        every other voter drains already, so that nobody would take writes.
        """
        return self.call(
            "POST",
            "/api/v1/cluster/members/{id}/drain",
            places={"id": id},
            query={"force": force},
            headers={"RaftKv-Timeout": timeout, "RaftKv-Session": session},
        )

    def watch_cluster(
        self,
        *,
        timeout: Optional[str] = None,
    ) -> Answer[Stream]:
        """
        Watch the cluster.

        Server-Sent Events: first `state`, what this node knows now, then `leader`, `member`, `removed` and
        `alarm`, `cleared` as they change. Who reads slowly is told of the newest state, not of each on the
        way; nothing piles up.
        """
        return self.call(
            "GET",
            "/api/v1/events",
            query={"timeout": timeout},
        )

    def list_quotas(
        self,
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[QuotaList]:
        """
        Look at what is used and allowed.

        The whole store, which never takes more than its quota or its smallest member can hold, and each
        prefix with a quota. Bytes are those of all kept versions with a fixed overhead, about what they take
        in memory.
        """
        return self.call(
            "GET",
            "/api/v1/quotas",
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def set_store_quota(
        self,
        body: QuotaBody,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[CompactAnswer, Operation, None]]:
        """
        Limit the whole store.

        `bytes` only; null leaves it to what the members can hold. Beyond it an alarm NOSPACE refuses with 507
        what needs room.
        """
        return self.call(
            "PUT",
            "/api/v1/quotas",
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def set_quota(
        self,
        prefix: Union[str, bytes],
        body: QuotaBody,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[CompactAnswer, Operation, None]]:
        """
        Limit a prefix.

        From now on a write under the prefix that would take more `keys` or `bytes` is 507 `quota-exceeded`,
        which names the prefix; deletions go on. What is there stays. Quotas of longer and shorter prefixes
        all count.
        """
        return self.call(
            "PUT",
            "/api/v1/quotas/{prefix}",
            places={"prefix": prefix},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def get_quota(
        self,
        prefix: Union[str, bytes],
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[Quota]:
        """
        Look at a prefix's quota.

        What its keys use and may use.
        """
        return self.call(
            "GET",
            "/api/v1/quotas/{prefix}",
            places={"prefix": prefix},
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def remove_quota(
        self,
        prefix: Union[str, bytes],
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[CompactAnswer, Operation, None]]:
        """
        Remove a prefix's quota.

        Its keys are limited by others only.
        """
        return self.call(
            "DELETE",
            "/api/v1/quotas/{prefix}",
            places={"prefix": prefix},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
        )

    def list_alarms(
        self,
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[AlarmList]:
        """
        List the alarms.

        `NOSPACE`: there is no room, by the `quota` or on a member's `disk`; it clears by itself when there
        is. `CORRUPT`: somebody called the data damaged.
        """
        return self.call(
            "GET",
            "/api/v1/alarms",
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def clear_alarm(
        self,
        kind: Union[str, bytes],
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[Union[CompactAnswer, Operation, None]]:
        """
        Clear an alarm.

        Every alarm of the kind, whoever raised it. One with a cause that lasts comes back.
        """
        return self.call(
            "DELETE",
            "/api/v1/alarms/{kind}",
            places={"kind": kind},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
        )

    def list_backups(
        self,
        *,
        session: Optional[str] = None,
    ) -> Answer[BackupList]:
        """
        List the backups of a node's directory.

        Those of this cluster in the directory that the node was started with (`--backup-to`), and what it
        makes now or failed to make.
        """
        return self.call(
            "GET",
            "/api/v1/backups",
            headers={"RaftKv-Session": session},
        )

    def begin_backup(
        self,
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[Backup]:
        """
        Begin a backup.

        Into the directory of the node that is asked, which was started with `--backup-to`. The answer comes
        at once; ask for the backup by its `Location`. While one is under way, that is the answer.
        """
        return self.call(
            "POST",
            "/api/v1/backups",
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def get_backup(
        self,
        id: Union[str, bytes],
        *,
        session: Optional[str] = None,
    ) -> Answer[Backup]:
        """
        Look at a backup.

        `running` with the bytes so far, `done` with its digest, or `failed` with the reason.
        """
        return self.call(
            "GET",
            "/api/v1/backups/{id}",
            places={"id": id},
            headers={"RaftKv-Session": session},
        )

    def get_snapshot(
        self,
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[bytes]:
        """
        Download a backup.

        All keys with their kept versions, leases, guards and quotas, as of one revision (`RaftKv-Revision`),
        in one file. It ends with its length and a SHA-256 of everything before: `raftkv backup verify FILE`
        checks it, `raftkv restore` founds a cluster with it.
        """
        return self.call(
            "GET",
            "/api/v1/snapshot",
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def get_auth(
        self,
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[AuthState]:
        """
        See whether rights are in force.

        And who you are.
        """
        return self.call(
            "GET",
            "/api/v1/auth",
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def enable_auth(
        self,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[CompactAnswer]:
        """
        Put rights in force.

        From now on every call needs its right, at every door. The user `root` must have the role `root`.
        """
        return self.call(
            "POST",
            "/api/v1/auth/enable",
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
        )

    def disable_auth(
        self,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[CompactAnswer]:
        """
        Take rights out of force.

        Users and roles stay as they are.
        """
        return self.call(
            "POST",
            "/api/v1/auth/disable",
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
        )

    def login(
        self,
        body: LoginBody,
    ) -> Answer[Login]:
        """
        Log in.

        A token for `Authorization: Bearer`, which any node takes.
        """
        return self.call(
            "POST",
            "/api/v1/auth/login",
            body=body,
            media_type="application/json",
        )

    def list_users(
        self,
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[UserList]:
        """
        List users.

        With their roles.
        """
        return self.call(
            "GET",
            "/api/v1/auth/users",
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def add_user(
        self,
        body: UserBody,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[CompactAnswer]:
        """
        Make a user.

        Without roles; without a password it comes with a certificate or token.
        """
        return self.call(
            "POST",
            "/api/v1/auth/users",
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def get_user(
        self,
        name: Union[str, bytes],
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[User]:
        """
        Look at a user.

        Root at all, everybody at himself.
        """
        return self.call(
            "GET",
            "/api/v1/auth/users/{name}",
            places={"name": name},
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def remove_user(
        self,
        name: Union[str, bytes],
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[CompactAnswer]:
        """
        Remove a user.

        And its tokens.
        """
        return self.call(
            "DELETE",
            "/api/v1/auth/users/{name}",
            places={"name": name},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
        )

    def set_password(
        self,
        name: Union[str, bytes],
        body: PasswordBody,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[CompactAnswer]:
        """
        Set a password.

        Logins of before are void.
        """
        return self.call(
            "PUT",
            "/api/v1/auth/users/{name}/password",
            places={"name": name},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def grant_role(
        self,
        name: Union[str, bytes],
        body: RoleName,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[CompactAnswer]:
        """
        Give a user a role.

        A second time is fine.
        """
        return self.call(
            "POST",
            "/api/v1/auth/users/{name}/grant",
            places={"name": name},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def revoke_role(
        self,
        name: Union[str, bytes],
        body: RoleName,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[CompactAnswer]:
        """
        Take a role from a user.

        What it allowed ends at once, watches too.
        """
        return self.call(
            "POST",
            "/api/v1/auth/users/{name}/revoke",
            places={"name": name},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def list_roles(
        self,
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[RoleList]:
        """
        List roles.

        Their names.
        """
        return self.call(
            "GET",
            "/api/v1/auth/roles",
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def add_role(
        self,
        body: RoleName,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[CompactAnswer]:
        """
        Make a role.

        Without rights. `root` may do everything; `system:anonymous` is what callers have who say nothing of
        themselves.
        """
        return self.call(
            "POST",
            "/api/v1/auth/roles",
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def get_role(
        self,
        name: Union[str, bytes],
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[Role]:
        """
        Look at a role.

        What it allows.
        """
        return self.call(
            "GET",
            "/api/v1/auth/roles/{name}",
            places={"name": name},
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def remove_role(
        self,
        name: Union[str, bytes],
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[CompactAnswer]:
        """
        Remove a role.

        Also from all users.
        """
        return self.call(
            "DELETE",
            "/api/v1/auth/roles/{name}",
            places={"name": name},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
        )

    def grant_keys(
        self,
        name: Union[str, bytes],
        body: GrantBody,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[CompactAnswer]:
        """
        Give a role rights over keys.

        Replaces what it had over exactly these keys. `lock` is about names of locks, semaphores and
        elections.
        """
        return self.call(
            "POST",
            "/api/v1/auth/roles/{name}/grant",
            places={"name": name},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def revoke_keys(
        self,
        name: Union[str, bytes],
        body: GrantBody,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[CompactAnswer]:
        """
        Take a role's rights over keys.

        Those over exactly these keys.
        """
        return self.call(
            "POST",
            "/api/v1/auth/roles/{name}/revoke",
            places={"name": name},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def set_operations(
        self,
        name: Union[str, bytes],
        body: OperationsBody,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[CompactAnswer]:
        """
        Say which operations a role allows.

        `lease`, `compact`, `members`, `backup`, `alarms`, `dashboard`, `metrics`, `limits`.
        """
        return self.call(
            "PUT",
            "/api/v1/auth/roles/{name}/operations",
            places={"name": name},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def list_tokens(
        self,
        *,
        consistency: Optional[ConsistencyChoice] = None,
        max_staleness: Optional[str] = None,
        max_lag: Optional[int] = None,
        on_unmet: Optional[OnUnmetChoice] = None,
        timeout: Optional[str] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
    ) -> Answer[TokenList]:
        """
        List tokens.

        Root sees all, everybody his own.
        """
        return self.call(
            "GET",
            "/api/v1/auth/tokens",
            headers={
                "RaftKv-Consistency": consistency,
                "RaftKv-Max-Staleness": max_staleness,
                "RaftKv-Max-Lag": max_lag,
                "RaftKv-On-Unmet": on_unmet,
                "RaftKv-Timeout": timeout,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
            },
        )

    def add_token(
        self,
        body: Optional[TokenBody] = None,
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[TokenMade]:
        """
        Make a token.

        For programs: it is shown once, lasts until its end or its removal, and is listed. Root makes them for
        anybody.
        """
        return self.call(
            "POST",
            "/api/v1/auth/tokens",
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
            body=body,
            media_type="application/json",
        )

    def remove_token(
        self,
        id: Union[str, bytes],
        *,
        timeout: Optional[str] = None,
        write_concern: Optional[WriteConcernChoice] = None,
        prefer: Optional[Literal["return=minimal"]] = None,
        session: Optional[str] = None,
        receipt: Optional[Literal["1"]] = None,
        fence: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        client_session: Optional[str] = None,
    ) -> Answer[CompactAnswer]:
        """
        Revoke a token.

        At once.
        """
        return self.call(
            "DELETE",
            "/api/v1/auth/tokens/{id}",
            places={"id": id},
            headers={
                "RaftKv-Timeout": timeout,
                "RaftKv-Write-Concern": write_concern,
                "Prefer": prefer,
                "RaftKv-Session": session,
                "RaftKv-Receipt": receipt,
                "RaftKv-Fence": fence,
                "Idempotency-Key": idempotency_key,
                "RaftKv-Client-Session": client_session,
            },
        )

    def get_metrics(
        self,
    ) -> Answer[str]:
        """
        Counters and gauges for Prometheus.

        Text format 0.0.4; docs/operations.md explains every name.
        """
        return self.call(
            "GET",
            "/metrics",
        )

    def live(
        self,
        *,
        verbose: Optional[bool] = None,
        exclude: Optional[str] = None,
    ) -> Answer[str]:
        """
        Is the process alive?.

        503 only when the node has stopped after a failure and should be restarted.
        """
        return self.call(
            "GET",
            "/livez",
            query={"verbose": verbose, "exclude": exclude},
        )

    def live_serializable_read(
        self,
        *,
        verbose: Optional[bool] = None,
        exclude: Optional[str] = None,
    ) -> Answer[str]:
        """
        Only the check serializable_read.

        One check of /livez, on its own.
        """
        return self.call(
            "GET",
            "/livez/serializable_read",
            query={"verbose": verbose, "exclude": exclude},
        )

    def ready(
        self,
        *,
        verbose: Optional[bool] = None,
        exclude: Optional[str] = None,
    ) -> Answer[str]:
        """
        Can it serve?.

        Makes a linearizable read: 503 while no leader can be confirmed, during shutdown, and while an alarm
        CORRUPT is raised.
        """
        return self.call(
            "GET",
            "/readyz",
            query={"verbose": verbose, "exclude": exclude},
        )

    def ready_node(
        self,
        *,
        verbose: Optional[bool] = None,
        exclude: Optional[str] = None,
    ) -> Answer[str]:
        """
        Only the check node.

        One check of /readyz, on its own.
        """
        return self.call(
            "GET",
            "/readyz/node",
            query={"verbose": verbose, "exclude": exclude},
        )

    def ready_data_corruption(
        self,
        *,
        verbose: Optional[bool] = None,
        exclude: Optional[str] = None,
    ) -> Answer[str]:
        """
        Only the check data_corruption.

        One check of /readyz, on its own.
        """
        return self.call(
            "GET",
            "/readyz/data_corruption",
            query={"verbose": verbose, "exclude": exclude},
        )

    def ready_serializable_read(
        self,
        *,
        verbose: Optional[bool] = None,
        exclude: Optional[str] = None,
    ) -> Answer[str]:
        """
        Only the check serializable_read.

        One check of /readyz, on its own.
        """
        return self.call(
            "GET",
            "/readyz/serializable_read",
            query={"verbose": verbose, "exclude": exclude},
        )

    def ready_linearizable_read(
        self,
        *,
        verbose: Optional[bool] = None,
        exclude: Optional[str] = None,
    ) -> Answer[str]:
        """
        Only the check linearizable_read.

        One check of /readyz, on its own.
        """
        return self.call(
            "GET",
            "/readyz/linearizable_read",
            query={"verbose": verbose, "exclude": exclude},
        )

    def ready_non_learner(
        self,
        *,
        verbose: Optional[bool] = None,
        exclude: Optional[str] = None,
    ) -> Answer[str]:
        """
        Only the check non_learner.

        One check of /readyz, on its own.
        """
        return self.call(
            "GET",
            "/readyz/non_learner",
            query={"verbose": verbose, "exclude": exclude},
        )

    def healthy(
        self,
        *,
        verbose: Optional[bool] = None,
        exclude: Optional[str] = None,
    ) -> Answer[str]:
        """
        Can it serve?.

        The same as /readyz.
        """
        return self.call(
            "GET",
            "/healthz",
            query={"verbose": verbose, "exclude": exclude},
        )

    def get_etcd_health(
        self,
    ) -> Answer[str]:
        """
        Health in etcd's shape.

        For tools made for etcd; JSON under the name that etcd gives it.
        """
        return self.call(
            "GET",
            "/health",
        )

    def get_version(
        self,
    ) -> Answer[EtcdVersion]:
        """
        Versions in etcd's shape.

        `raftkv` is this server's own version.
        """
        return self.call(
            "GET",
            "/version",
        )
