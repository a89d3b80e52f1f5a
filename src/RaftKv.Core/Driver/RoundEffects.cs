using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica;

namespace RaftKv.Core.Driver;

/// <summary>The effects of a round as a list, in their order. One set of objects serves all rounds.</summary>
internal sealed class RoundEffects(ReplicaCore replica, CallTable calls)
{
    private readonly List<Effect> _list = [];
    private readonly PublishEffect _publish = new();
    private readonly PersistEffect _persist = new();
    private readonly SendEffect _send = new();
    private readonly SnapshotWorkEffect _snapshots = new();
    private readonly CompactLogEffect _compact = new();
    private readonly AlarmEffect _alarm = new();
    private readonly WakeEffect _wake = new();
    private readonly AnswerEffect _answer = new();
    private readonly AnswerLateEffect _late = new();
    private ReadPoint? _shown;

    /// <summary>Takes what the replica and the calls have, and has the host do it.</summary>
    public void CarryOut(IRoundHost host)
    {
        if (replica.HasEffects)
        {
            ReplicaEffects effects = replica.TakeEffects();
            calls.Answer(effects.ProposalAnswers, effects.ReadAnswers, effects.LeaseAnswers, replica.View);
            List(effects);
        }

        AddAnswers();
        CarryOutList(host);
    }

    /// <summary>Only what ended calls are owed.</summary>
    public void CarryOutAnswers(IRoundHost host)
    {
        _list.Clear();
        AddAnswers();
        CarryOutList(host);
    }

    private void List(ReplicaEffects effects)
    {
        if (effects.Persist is { } batch)
        {
            _persist.Batch = batch;
            _list.Add(_persist);
        }

        ReadPoint point = replica.ReadPoint;
        bool isNews = !ReferenceEquals(point, _shown);
        if (isNews)
        {
            _publish.Point = point;
            _list.Add(_publish);
        }

        if (effects.Messages.Count > 0)
        {
            _send.Messages = effects.Messages;
            _list.Add(_send);
        }

        ListSnapshots(effects);
        if (effects.CompactedUpTo is { } upTo)
        {
            _compact.UpTo = upTo;
            _list.Add(_compact);
        }

        if (effects.Alarms.Count > 0)
        {
            _alarm.Alarms = effects.Alarms;
            _list.Add(_alarm);
        }

        if (isNews)
        {
            _shown = point;
            _wake.Point = point;
            _list.Add(_wake);
        }

        ListLate(effects);
    }

    private void ListSnapshots(ReplicaEffects effects)
    {
        _snapshots.Work.Clear();
        if (effects.SnapshotToWrite is { } write)
        {
            _snapshots.Work.Add(write);
        }

        _snapshots.Work.AddRange(effects.ChunksToLoad);
        _snapshots.Work.AddRange(effects.ChunksToStore);
        if (effects.SnapshotToInstall is { } install)
        {
            _snapshots.Work.Add(install);
        }

        if (_snapshots.Work.Count > 0)
        {
            _list.Add(_snapshots);
        }
    }

    private void ListLate(ReplicaEffects effects)
    {
        _late.Outcomes.Clear();
        for (int i = 0; i < effects.LateAnswers.Count; i++)
        {
            _late.Outcomes.Add(calls.ResultOf(effects.LateAnswers[i], replica.View));
        }
    }

    private void AddAnswers()
    {
        if (calls.Decided.Count > 0)
        {
            _answer.Calls = calls.Decided;
            _list.Add(_answer);
        }

        if (_late.Outcomes.Count > 0)
        {
            _list.Add(_late);
        }
    }

    private void CarryOutList(IRoundHost host)
    {
        EffectOrder last = default;
        for (int i = 0; i < _list.Count; i++)
        {
            EffectOrder next = _list[i].Order;
            Check.That(next > last, "the effects of a round come in their order", (long)last, (long)next);
            last = next;
            bool isAlive = host.CarryOut(_list[i]);
            if (next == EffectOrder.Answer)
            {
                // Told once, also when what follows fails.
                calls.Decided.Clear();
            }

            if (!isAlive)
            {
                break;
            }
        }

        _list.Clear();
        _late.Outcomes.Clear();
    }
}
