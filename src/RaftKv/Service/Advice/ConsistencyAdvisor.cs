using System.Globalization;
using RaftKv.Contract;
using RaftKv.Core.Reads;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Service.Advice;

/// <summary>
/// From the wishes of a design review to a read level, with reasons. A pure function. It gives the weakest level that
/// fulfils every wish; where wishes exclude each other it keeps the one about wrong data and says so.
/// </summary>
internal sealed class ConsistencyAdvisor
{
    private const double ReadHeavy = 0.9;
    private const double WriteHeavy = 0.5;

    private readonly DesignWishes _wishes;
    private readonly bool _isFresh;
    private readonly bool _hasBound;
    private readonly bool _needsToken;
    private readonly bool _isAvailable;
    private readonly List<string> _reasons = [];
    private readonly List<string> _tradeOffs = [];
    private readonly List<string> _contradictions = [];
    private readonly List<AdviceAlternative> _alternatives = [];

    private ConsistencyAdvisor(DesignWishes wishes)
    {
        _wishes = wishes;
        _isFresh = wishes.MustNeverBeStale == true || wishes.MaxStalenessMs == 0;
        _hasBound = !_isFresh && wishes.MaxStalenessMs is not null;
        _needsToken = wishes.OwnWritesVisible == true || wishes.CauseBeforeEffect == true;
        _isAvailable = wishes.AvailableInPartition == true;
    }

    /// <summary>Advises. The wishes are checked already.</summary>
    public static ConsistencyAdvice Advise(DesignWishes wishes)
    {
        var advisor = new ConsistencyAdvisor(wishes);
        ReadLevel level = advisor.Choose();
        advisor.WeighReadShare(level);
        advisor.WeighDistance(level);
        return new ConsistencyAdvice(
            level, advisor.HeadersOf(level), advisor._reasons, advisor._tradeOffs, advisor._contradictions, advisor._alternatives);
    }

    private ReadLevel Choose()
    {
        if (_isFresh)
        {
            return ChooseFresh();
        }

        if (_hasBound)
        {
            return ChooseBounded();
        }

        if (_needsToken)
        {
            return ChooseToken();
        }

        return _isAvailable || _wishes.MustNeverBeStale == false ? ChooseWeakest() : ChooseDefault();
    }

    private ReadLevel ChooseFresh()
    {
        _reasons.Add(_wishes.MustNeverBeStale == true
            ? "A read must see every write that was acknowledged before it began: that is the definition of linearizable."
            : "A staleness of 0 ms at most means that a read sees every acknowledged write: that is the definition of linearizable.");
        if (_needsToken)
        {
            _reasons.Add("Own writes, and causes before their effects, are then visible anyway, without a session token.");
        }

        if (_isAvailable)
        {
            _contradictions.Add(
                "Never stale and available in a partition exclude each other, in every system (the CAP theorem): the side without a "
                    + "majority can't know "
                + "what the other side has acknowledged meanwhile, so it must refuse, or answer with what may be old. Never stale was "
                + "kept; in a minority reads are refused with 503 consistency-unmet.");
            _alternatives.Add(new AdviceAlternative(
                ReadLevel.Eventual, "when an old answer in a partition is better than none; RaftKv-Staleness-Ms then says how old it may "
                    + "be."));
            _alternatives.Add(new AdviceAlternative(
                ReadLevel.Bounded, "when some seconds of age are fine: reads go on in a partition until the bound is passed."));
        }

        _tradeOffs.Add("Each read needs a majority: one round of messages to confirm the leader, shared by all reads that wait at that "
            + "moment.");
        _tradeOffs.Add("In a minority nothing is answered.");
        _alternatives.Add(new AdviceAlternative(
            ReadLevel.Lease, "when no clock drifts by more than 10 %: the same promise without the round, while the "
                + "leader's lease lasts."));
        return ReadLevel.Linearizable;
    }

    private ReadLevel ChooseBounded()
    {
        string bound = Ms(_wishes.MaxStalenessMs!.Value);
        if (_needsToken)
        {
            _reasons.Add($"An answer may be {bound} old, yet what the token has seen must be in it: bounded alone does not look at the "
                + "token, and the session levels "
                + "promise no age. Linearizable keeps both.");
            _tradeOffs.Add("Stronger than asked, and refused in a minority.");
            _alternatives.Add(new AdviceAlternative(ReadLevel.Session, "when the age does not matter as long as own writes and causes "
                + "are there."));
            _alternatives.Add(new AdviceAlternative(ReadLevel.Bounded, "when the age alone matters."));
            NoteBoundInPartition(bound);
            return ReadLevel.Linearizable;
        }

        _reasons.Add($"An answer may be at most {bound} old: bounded proves it, by this node's own clock and a confirmed leader, or "
            + "refuses.");
        _tradeOffs.Add("Served at once while the proof is young enough; otherwise the node asks the leader first, once for all waiting "
            + "reads.");
        NoteBoundInPartition(bound);
        _alternatives.Add(new AdviceAlternative(ReadLevel.Linearizable, "when an older answer would be wrong rather than just late."));
        _alternatives.Add(new AdviceAlternative(ReadLevel.Eventual, "when the bound is a wish: check RaftKv-Staleness-Ms yourself."));
        return ReadLevel.Bounded;
    }

    private void NoteBoundInPartition(string bound)
    {
        if (_isAvailable)
        {
            _contradictions.Add(
                "A bound on the age and availability in a partition exclude each other once the partition lasts longer than the bound: "
                    + $"after {bound} nothing younger can be proven in a minority, "
                + "and reads are refused with 503 consistency-unmet. The bound was kept.");
        }
    }

    private ReadLevel ChooseToken()
    {
        bool isCausal = _wishes.CauseBeforeEffect == true;
        if (isCausal)
        {
            _reasons.Add(
                "An effect must not be seen without its cause: causal. Pass the session token of an answer along with the message that "
                    + "it led to; the reader then sees at least that.");
        }

        if (_wishes.OwnWritesVisible == true)
        {
            _reasons.Add(isCausal
                ? "Own writes are in the token as well, so they are visible too."
                : "A client must see its own writes, on whatever node it reads: session. It also never goes back in time, which costs "
                    + "nothing more.");
            _alternatives.Add(new AdviceAlternative(
                ReadLevel.ReadYourWrites, "when going back in what others wrote is fine: only the writes of the token must be there."));
        }

        if (_isAvailable)
        {
            _reasons.Add("Any node that has what the token has seen answers, also in a minority.");
        }

        _tradeOffs.Add("Clients must send the token back; RaftKv.Client does so by itself.");
        _tradeOffs.Add("A node that has not reached the token yet waits for it, at most RaftKv-Timeout, and then refuses; what others "
            + "wrote later may be missing.");
        _alternatives.Add(new AdviceAlternative(ReadLevel.Linearizable, "when causes travel on ways that carry no token, such as a phone "
            + "call."));
        return isCausal ? ReadLevel.Causal : ReadLevel.Session;
    }

    private ReadLevel ChooseWeakest()
    {
        _reasons.Add(_isAvailable
            ? "Reads must be answered in a minority too, and nothing else was asked for: eventual is this node's own state, always."
            : "Old answers are fine, and nothing else was asked for: eventual is this node's own state, the cheapest read.");
        _reasons.Add("It is always a prefix of the one order of all writes, never a mixture; RaftKv-Staleness-Ms says how old it may be, "
            + "when that is known.");
        _tradeOffs.Add("Two reads on two nodes may go back in time, and a client may miss its own write.");
        _alternatives.Add(new AdviceAlternative(ReadLevel.Session, "when a client should see its own writes and never go back; as "
            + "available, once its token is reached."));
        _alternatives.Add(new AdviceAlternative(ReadLevel.Bounded, "when there is an age from which on no answer is better than an old "
            + "one."));
        return ReadLevel.Eventual;
    }

    private ReadLevel ChooseDefault()
    {
        _reasons.Add("No relaxation was named, so the default stays: linearizable behaves like a single copy, and nothing about it has "
            + "to be explained.");
        _tradeOffs.Add("Each read needs a majority: one round of messages to confirm the leader, shared by all reads that wait at that "
            + "moment.");
        _alternatives.Add(new AdviceAlternative(ReadLevel.Session, "when each client only has to agree with itself."));
        _alternatives.Add(new AdviceAlternative(ReadLevel.Bounded, "when a known age is fine."));
        return ReadLevel.Linearizable;
    }

    private void WeighReadShare(ReadLevel level)
    {
        switch (_wishes.ReadShare)
        {
            case >= ReadHeavy when level == ReadLevel.Linearizable:
                _tradeOffs.Add("Most requests are reads: spread them over all nodes. A follower asks the leader for an index and reads "
                    + "at home, so that adds capacity.");
                break;
            case >= ReadHeavy:
                _reasons.Add("Most requests are reads, so a level that any node serves by itself pays.");
                break;
            case < WriteHeavy when level is ReadLevel.Linearizable:
                _reasons.Add("Most requests are writes, which cost a majority anyway: a weaker read level would save little.");
                break;
            case < WriteHeavy:
                _tradeOffs.Add("Most requests are writes, which cost a majority anyway: linearizable reads would cost little more.");
                break;
        }

        _tradeOffs.Add("Writes are the same under every level: a majority must have them on disk.");
    }

    private void WeighDistance(ReadLevel level)
    {
        if (_wishes.GlobalDistribution != true)
        {
            return;
        }

        if (level == ReadLevel.Linearizable)
        {
            _tradeOffs.Add("With nodes far apart each read waits for a round from the leader to the nearest majority, and from another "
                + "region for the way to the leader too.");
            Offer(ReadLevel.Lease, "when readers are in the leader's region: no round between regions while its lease lasts.");
            Offer(ReadLevel.Session, "when readers in other regions should be served next to them: no distance to go once their node "
                + "has the token.");
        }
        else
        {
            _reasons.Add(level == ReadLevel.Bounded
                ? "A node of the reader's own region answers while its proof is young enough; renewing that takes the way to the "
                    + "leader, so choose a bound well above it."
                : "A node of the reader's own region answers, without going to another one.");
        }

        _tradeOffs.Add("Each write waits for the nearest majority: three regions of which two are close keep it short, and writers do best "
            + "in the leader's region.");
    }

    private void Offer(ReadLevel level, string when)
    {
        if (!_alternatives.Exists(offered => offered.Level == level))
        {
            _alternatives.Add(new AdviceAlternative(level, when));
        }
    }

    private List<(string Name, string Value)> HeadersOf(ReadLevel level)
    {
        List<(string, string)> headers = [(HeaderNames.Consistency, ReadLevels.NameOf(level))];
        if (level == ReadLevel.Bounded)
        {
            headers.Add((HeaderNames.MaxStaleness, Ms(_wishes.MaxStalenessMs!.Value)));
        }
        else if (level is ReadLevel.Session or ReadLevel.Causal)
        {
            headers.Add((HeaderNames.Session, "the RaftKv-Session of the last answer; several, comma-separated, to merge them"));
        }

        return headers;
    }

    private static string Ms(long ms) => ms.ToString(CultureInfo.InvariantCulture) + "ms";
}
