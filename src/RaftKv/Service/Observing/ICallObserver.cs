using System.Net;
using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Core.Store.Commands;
using RaftKv.Engine;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Service.Observing;

/// <summary>
/// Is told how every read, write and question about a lease ends, whichever door it came through: what counts, limits and
/// audits sits behind this. Called on the call's own flow, before its answer leaves; must neither wait nor throw.
/// </summary>
internal interface ICallObserver
{
    /// <summary>A read ended. <see cref="ICallFacts.Keys"/> says of what, when it is about keys.</summary>
    /// <param name="stalenessMs">The proven bound of what was served; null when unknown, or when nothing was.</param>
    void ReadEnded(ICallFacts call, ReadEnd end, long? stalenessMs);

    /// <summary>A write ended, as far as it is known here.</summary>
    /// <param name="command">What it was to do, with its keys.</param>
    void WriteEnded(ICallFacts call, KvCommand command, WriteEnd end);

    /// <summary>A lease was renewed or looked at.</summary>
    /// <param name="refusal">Why it was not; null when it was.</param>
    void LeaseAsked(ICallFacts call, LeaseId lease, bool isRenewal, ApiError? refusal);

    /// <summary>A change of the members ended, or its first step.</summary>
    /// <param name="change">What it was to do.</param>
    /// <param name="refusal">Why it was not, or that nobody knows; null when it was.</param>
    void MembersChanged(ICallFacts call, MemberChange change, ApiError? refusal)
    {
    }

    /// <summary>A member was asked to lead or to drain.</summary>
    /// <param name="what">Which of the two, in words.</param>
    /// <param name="refusal">Why it was not begun, or that nobody knows; null when it was.</param>
    void MemberAsked(ICallFacts call, string what, NodeId member, ApiError? refusal)
    {
    }

    /// <summary>A call was refused for who makes it, or for what he may do.</summary>
    void AccessRefused(ICallFacts call, ApiError refusal);

    /// <summary>A watch was opened.</summary>
    void WatchOpened(ICallFacts call, KeyRange keys);
}

/// <summary>What an observer may know of a call. Valid while the call runs.</summary>
internal interface ICallFacts
{
    /// <summary>Who calls, through which door.</summary>
    CallOrigin Origin { get; }

    /// <summary>Names the request, as its answer and the logs do.</summary>
    string RequestId { get; }

    /// <summary>The user who calls; empty for nobody in particular, and while rights are not in force.</summary>
    string User { get; }

    /// <summary>What kind of call it is.</summary>
    RequestKind Kind { get; }

    /// <summary>The level to read at.</summary>
    ReadLevel Level { get; }

    /// <summary>When to answer a write.</summary>
    WriteConcern Concern { get; }

    /// <summary>The keys that it reads; null when it reads none, or several ranges at once.</summary>
    KeyRange? Keys { get; }
}

/// <summary>Who calls.</summary>
/// <param name="Door">The protocol: <c>http</c> or <c>etcd</c>.</param>
/// <param name="Address">Where the connection comes from; null when that is not known.</param>
internal readonly record struct CallOrigin(string Door, IPAddress? Address);

/// <summary>How a read ended.</summary>
internal enum ReadEnd
{
    /// <summary>Served at its level.</summary>
    Served = 0,

    /// <summary>Refused: its level could not be met.</summary>
    Unmet = 1,

    /// <summary>Passed on to the leader.</summary>
    Forwarded = 2,
}

/// <summary>How a write ended.</summary>
internal enum WriteEnd
{
    /// <summary>Applied.</summary>
    Applied = 0,

    /// <summary>Went through the log and had no effect: a condition did not hold, or the store refused it.</summary>
    Refused = 1,

    /// <summary>Surely never in force: no leader, overloaded, stopping.</summary>
    NotApplied = 2,

    /// <summary>Nobody knows.</summary>
    Unknown = 3,

    /// <summary>Applied, but not on every voter in time.</summary>
    ConcernUnmet = 4,

    /// <summary>Taken over: the call ends before the write does.</summary>
    Accepted = 5,
}

/// <summary>What a request was about, for its latency.</summary>
internal enum RequestKind
{
    /// <summary>Health, status, metrics.</summary>
    Other = 0,

    /// <summary>Reads the store.</summary>
    Read = 1,

    /// <summary>Writes.</summary>
    Write = 2,
}
