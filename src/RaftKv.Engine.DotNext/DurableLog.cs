using DotNext.IO;
using DotNext.IO.Log;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;
using RaftKv.Core;
using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Log;
using LogEntry = RaftKv.Core.Raft.Log.LogEntry;

namespace RaftKv.Engine.DotNext;

/// <summary>
/// Our log as DotNext sees it: term, vote and entries are the replica's, and each call returns when the disk has what it
/// speaks of. DotNext's own log answers before followers have synced, and loses acknowledged writes (docs/engines.md); of it nothing
/// is used but the class, since its interface can't be implemented outside its assembly.
/// </summary>
internal sealed class DurableLog : WriteAheadLog, IPersistentState, IAuditTrail<IRaftLogEntry>, IAuditTrail
{
    private readonly LoopBridge _bridge;
    private readonly MemberNames _members;
    private long _electedTerm;

    public DurableLog(string scratch, LoopBridge bridge, MemberNames members)
        : base(new Options { Location = scratch }, IStateMachine.CreateNoOp())
    {
        _bridge = bridge;
        _members = members;
    }

    /// <summary>The newest term in which DotNext made this node the leader.</summary>
    public Term ElectedTerm => new(Volatile.Read(ref _electedTerm));

    long IPersistentState.Term => _bridge.DurableVote.Term.Value;

    bool IAuditTrail.IsLogEntryLengthAlwaysPresented => true;

    long IAuditTrail.LastEntryIndex => _bridge.LastIndex;

    long IAuditTrail.LastCommittedEntryIndex => _bridge.CommitIndex;

    bool IPersistentState.IsVotedFor(in ClusterMemberId id) =>
        _bridge.DurableVote.For.IsNone || _members.Find(id) == _bridge.DurableVote.For;

    async ValueTask<long> IPersistentState.IncrementTermAsync(ClusterMemberId member, CancellationToken token) =>
        await _bridge.AskAsync(
            raft =>
            {
                Term next = raft.CurrentTerm.Next;
                raft.GuidedTerm(next, raft.Self);
                return next.Value;
            },
            isDurable: true, token).ConfigureAwait(false);

    async ValueTask IPersistentState.UpdateTermAsync(long term, bool resetLastVote, CancellationToken token) =>
        await _bridge.AskAsync(raft => raft.GuidedTerm(new Term(term), NodeId.None), isDurable: true, token).ConfigureAwait(false);

    async ValueTask IPersistentState.UpdateVotedForAsync(ClusterMemberId member, CancellationToken token)
    {
        NodeId node = _members.Find(member);
        Term term = _bridge.DurableVote.Term;
        if (node.IsNone
            || !await _bridge.AskAsync(raft => raft.GuidedTerm(term, node), isDurable: true, token).ConfigureAwait(false))
        {
            throw new InvalidOperationException($"No vote for {member} in term {term}: it is no member, or another one has it.");
        }
    }

    /// <summary>DotNext appends by this only its first entry as a leader; clients' commands go into the replica.</summary>
    async ValueTask<long> IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(TEntry entry, CancellationToken token)
    {
        var term = new Term(entry.Term);
        LogIndex? index = await _bridge.AskAsync(raft => raft.GuidedNoop(term), isDurable: true, token).ConfigureAwait(false);
        if (index is not { } appended)
        {
            throw new InvalidOperationException($"Term {term} is over, or this node was not elected in it.");
        }

        Volatile.Write(ref _electedTerm, term.Value);
        return appended.Value;
    }

    /// <summary>The word that entries are gone; see <see cref="BareEntry"/>. The snapshot comes by itself.</summary>
    ValueTask IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(TEntry entry, long startIndex, CancellationToken token) => entry.IsSnapshot
        ? ValueTask.CompletedTask
        : throw new NotSupportedException("Entries come in batches.");

    async ValueTask IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(
        ILogEntryProducer<TEntry> entries, long startIndex, bool skipCommitted, CancellationToken token)
    {
        // The sender's: DotNext has entered it before it hands the entries over, and asks for nothing else meanwhile.
        Term sent = _bridge.DurableVote.Term;
        var taken = new List<LogEntry>();
        while (await entries.MoveNextAsync().ConfigureAwait(false))
        {
            TEntry entry = entries.Current;
            byte[] payload = await entry.ToByteArrayAsync(token: token).ConfigureAwait(false);
            var id = new EntryId(new Term(entry.Term), new LogIndex(startIndex + taken.Count));
            taken.Add(new LogEntry(id, KindOf(entry), payload));
        }

        if (!await _bridge.AskAsync(raft => raft.GuidedAppend(sent, new LogIndex(startIndex - 1), taken), isDurable: true, token)
            .ConfigureAwait(false))
        {
            throw new InvalidOperationException("The term is over, the entries do not follow the log, or there is no room now.");
        }
    }

    async ValueTask<long> IAuditTrail.CommitAsync(long endIndex, CancellationToken token) => await _bridge.AskAsync(
        raft =>
        {
            LogIndex before = raft.Log.CommitIndex;
            raft.GuidedCommit(new LogIndex(endIndex));
            return raft.Log.CommitIndex - before;
        },
        isDurable: false, token).ConfigureAwait(false);

    // DotNext makes the only member the leader of the term that it finds, without an entry to begin it.
    async Task IAuditTrail.InitializeAsync(CancellationToken token)
    {
        if (_members.Count == 1)
        {
            long term = await _bridge.AskAsync(Begin, isDurable: true, token).ConfigureAwait(false);
            Volatile.Write(ref _electedTerm, term);
        }

        static long Begin(RaftCore raft)
        {
            raft.GuidedTerm(raft.CurrentTerm.Next, raft.Self);
            raft.GuidedNoop(raft.CurrentTerm);
            return raft.CurrentTerm.Value;
        }
    }

    ValueTask IAuditTrail.WaitForApplyAsync(CancellationToken token) => new(_bridge.WaitForApplyAsync(_bridge.CommitIndex, token));

    ValueTask IAuditTrail.WaitForApplyAsync(long index, CancellationToken token) => new(_bridge.WaitForApplyAsync(index, token));

    ValueTask<TResult> IAuditTrail<IRaftLogEntry>.ReadAsync<TResult>(
        ILogEntryConsumer<IRaftLogEntry, TResult> reader, long startIndex, long endIndex, CancellationToken token) =>
        ReadLogAsync(reader, startIndex, endIndex, token);

    // Always all of them: of five members DotNext's leader commits by the middle of three answers, as if each were alike.
    private async ValueTask<TResult> ReadLogAsync<TResult>(
        ILogEntryConsumer<IRaftLogEntry, TResult> reader, long startIndex, long endIndex, CancellationToken token)
    {
        if (endIndex < startIndex)
        {
            return await reader.ReadAsync<IRaftLogEntry, IRaftLogEntry[]>([], null, token).ConfigureAwait(false);
        }

        bool isForTerms = reader.LogEntryMetadataOnly;
        (IRaftLogEntry[] entries, bool isGone) = await _bridge.AskAsync(
            raft => isForTerms ? Terms(raft, startIndex, endIndex) : Entries(raft, startIndex, endIndex), isDurable: false, token)
            .ConfigureAwait(false);
        return await reader.ReadAsync<IRaftLogEntry, IRaftLogEntry[]>(entries, isGone ? endIndex : null, token).ConfigureAwait(false);
    }

    private static (IRaftLogEntry[] Entries, bool IsGone) Entries(RaftCore raft, long startIndex, long endIndex)
    {
        if (startIndex <= raft.Log.Start.Index.Value)
        {
            return ([new BareEntry(term: 0, isGone: true)], true);
        }

        long last = Math.Min(endIndex, raft.Log.LastEntry.Index.Value);
        var entries = new IRaftLogEntry[Math.Max(0, last - startIndex + 1)];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = new SentEntry(raft.Log.EntryAt(new LogIndex(startIndex + i)));
        }

        return (entries, false);
    }

    private (IRaftLogEntry[] Entries, bool IsGone) Terms(RaftCore raft, long startIndex, long endIndex)
    {
        var entries = new IRaftLogEntry[endIndex - startIndex + 1];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = new BareEntry(_bridge.TermOf(raft, new LogIndex(startIndex + i)).Value, isGone: false);
        }

        return (entries, false);
    }

    private static EntryKind KindOf(IRaftLogEntry entry) => entry.CommandId switch
    {
        _ when entry.IsConfiguration || entry.IsSnapshot =>
            throw new InvalidDataException("The members are those of the founding; an entry says otherwise."),
        (int)EntryKind.Command => EntryKind.Command,
        null or (int)EntryKind.Noop => EntryKind.Noop,
        _ => throw new InvalidDataException($"An entry of kind {entry.CommandId} is none of this cluster."),
    };
}
