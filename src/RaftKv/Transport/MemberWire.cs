using System.Text;
using RaftKv.Core;
using RaftKv.Core.Raft.Members;
using RaftKv.Engine;
using RaftKv.Node;
using Proto = RaftKv.Protocol.Peer;

namespace RaftKv.Transport;

/// <summary>Questions about the members, and their answers, as messages of the peers' port: one of each, a connection each.</summary>
internal static class MemberWire
{
    /// <summary>The question.</summary>
    public static Proto.MemberQuestion ToWire(MemberQuestion question, TimeSpan patience)
    {
        var wire = new Proto.MemberQuestion { PatienceMs = (uint)Math.Clamp(patience.TotalMilliseconds, 1, 60_000) };
        switch (question)
        {
            case MemberQuestion.Change change:
                wire.Change = ToWire(change.Wanted);
                break;
            case MemberQuestion.Progress progress:
                wire.ProgressOf = progress.Member.Value;
                break;
            case MemberQuestion.Phase:
                wire.IsPhase = true;
                break;
            default:
                Check.Unreachable<bool>(question);
                break;
        }

        return wire;
    }

    /// <summary>The question in a message; null when it is none, or names a member that can't be.</summary>
    public static MemberQuestion? Read(Proto.MemberQuestion wire) =>
        wire.Change is { } change ? Read(change) is { } wanted ? new MemberQuestion.Change(wanted) : null
        : wire.ProgressOf != 0 ? new MemberQuestion.Progress(new NodeId(wire.ProgressOf))
        : wire.IsPhase ? new MemberQuestion.Phase()
        : null;

    /// <summary>The answer.</summary>
    public static Proto.MemberAnswer ToWire(MemberAnswer answer)
    {
        var wire = new Proto.MemberAnswer
        {
            Outcome = (uint)answer.Change.Outcome,
            Problem = (uint)answer.Change.Problem,
            Index = (ulong)answer.Change.Entry.Index.Value,
            IsDraining = answer.IsDraining,
        };
        if (answer.Progress is { } progress)
        {
            wire.State = progress.State;
            wire.MatchIndex = (ulong)progress.MatchIndex.Value;
            wire.LastIndex = (ulong)progress.LastIndex.Value;
            wire.LastSeenMs = (ulong)progress.LastSeenMs;
            wire.SnapshotSentBytes = (ulong)progress.SnapshotSentBytes;
            wire.SnapshotBytes = (ulong)progress.SnapshotBytes;
        }

        return wire;
    }

    /// <summary>The answer in a message; null when it is none of this version.</summary>
    public static MemberAnswer? Read(Proto.MemberAnswer? wire)
    {
        if (wire is null || wire.Outcome > (uint)ChangeOutcome.Refused || wire.Problem > (uint)ChangeProblem.NotByThisEngine)
        {
            return null;
        }

        var entry = new EntryId(Term.Zero, new LogIndex((long)wire.Index));
        return new MemberAnswer
        {
            Change = new ChangeAnswer((ChangeOutcome)wire.Outcome, (ChangeProblem)wire.Problem, entry),
            IsDraining = wire.IsDraining,
            Progress = wire.State.Length == 0 ? null
                : new MemberProgress(
                    wire.State, new LogIndex((long)wire.MatchIndex), new LogIndex((long)wire.LastIndex), (long)wire.LastSeenMs)
                {
                    SnapshotSentBytes = (long)wire.SnapshotSentBytes,
                    SnapshotBytes = (long)wire.SnapshotBytes,
                },
        };
    }

    private static Proto.MemberChange ToWire(MembershipChange change)
    {
        var wire = new Proto.MemberChange();
        wire.Add.Add(change.Add.Select(ToWire));
        wire.Promote.Add(change.Promote.Select(static node => node.Value));
        wire.Demote.Add(change.Demote.Select(static node => node.Value));
        wire.Leave.Add(change.Leave.Select(static node => node.Value));
        wire.Remove.Add(change.Remove.Select(static node => node.Value));
        wire.Update.Add(change.Update.Select(ToWire));
        return wire;
    }

    private static MembershipChange? Read(Proto.MemberChange wire)
    {
        Member?[] add = [.. wire.Add.Select(Read)];
        Member?[] update = [.. wire.Update.Select(Read)];
        return add.Contains(null) || update.Contains(null)
            ? null
            : new MembershipChange
            {
                Add = [.. add.OfType<Member>()],
                Promote = [.. wire.Promote.Select(static id => new NodeId(id))],
                Demote = [.. wire.Demote.Select(static id => new NodeId(id))],
                Leave = [.. wire.Leave.Select(static id => new NodeId(id))],
                Remove = [.. wire.Remove.Select(static id => new NodeId(id))],
                Update = [.. update.OfType<Member>()],
            };
    }

    private static Proto.MemberSeat ToWire(Member member) => new()
    {
        Id = member.Id.Value,
        Name = member.Name,
        PeerUrl = member.PeerUrl,
        IsJoining = member.IsJoining,
        IsPending = member.IsPending,
        IsLeaving = member.IsLeaving,
        Replaces = member.Replaces.Value,
        BoundTo = member.BoundTo.Value,
        Zone = member.Zone,
        Priority = member.Priority,
    };

    private static Member? Read(Proto.MemberSeat seat) =>
        seat.Id == 0 || seat.Name.Length > Member.MaxNameBytes || seat.PeerUrl.Length > Member.MaxUrlBytes
            || Encoding.UTF8.GetByteCount(seat.Zone) > Member.MaxZoneBytes || seat.Priority > Member.MaxPriority
            ? null
            : new Member(new NodeId(seat.Id), seat.Name, seat.PeerUrl)
            {
                IsJoining = seat.IsJoining,
                IsPending = seat.IsPending,
                IsLeaving = seat.IsLeaving,
                Replaces = new NodeId(seat.Replaces),
                BoundTo = new NodeId(seat.BoundTo),
                Zone = seat.Zone,
                Priority = (byte)seat.Priority,
            };
}
