using System.CommandLine;
using RaftKv.Cli.Connection;
using RaftKv.Quorums;

namespace RaftKv.Cli.Verbs.Tools;

/// <summary>Which store is simulated, and what is done to it.</summary>
internal sealed class QuorumFlags
{
    private readonly Option<int> _n = Count("--n", "Replicas of a key", 3);
    private readonly Option<int> _r = Count("--r", "Answers that a read waits for", 1);
    private readonly Option<int> _w = Count("--w", "Acknowledgments that a write waits for", 1);
    private readonly Option<bool> _sloppy = Switch("--sloppy", "Others of the ring stand in for nodes that are down");
    private readonly Option<bool> _handoff = Switch("--hinted-handoff", "With --sloppy: they hand over what they took");
    private readonly Option<bool> _repair = Switch("--read-repair", "Reads bring replicas up to date that answered with something older");
    private readonly Option<bool> _siblings = Switch("--siblings", "Keep concurrent writes, for the next reader to merge");
    private readonly Option<bool> _lww = Switch("--lww", "Last writer wins, by the writers' clocks (default)");
    private readonly Option<string?> _crdt = new("--crdt") { Description = "A value that merges by itself: g-counter", HelpName = "TYPE" };
    private readonly Option<int> _operations = Count("--ops", "Operations in all", 10_000);
    private readonly Option<int> _clients = Count("--clients", "Clients at once", 8);
    private readonly Option<int> _keys = Count("--keys", "Keys; the fewer, the more writes meet", 16);
    private readonly Option<double> _down = Number("--down", "SHARE", "Share of the time that a node is down, 0 to 0.9", 0);
    private readonly Option<double> _latency = Number("--latency", "MS", "Mean milliseconds of a message, one way", 5);
    private readonly Option<double> _skew = Number("--skew", "MS", "Milliseconds by which clocks differ", 10);
    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "The same seed is the same run",
        HelpName = "N",
        DefaultValueFactory = static _ => 1,
    };

    public QuorumFlags() => _crdt.AcceptOnlyFromAmong("g-counter");

    public IEnumerable<Option> All =>
        [_n, _r, _w, _sloppy, _handoff, _repair, _siblings, _lww, _crdt, _operations, _clients, _keys, _down, _latency, _skew, _seed];

    public QuorumOptions Read(ParseResult parse) => new()
    {
        Replicas = parse.GetValue(_n),
        ReadQuorum = parse.GetValue(_r),
        WriteQuorum = parse.GetValue(_w),
        IsSloppy = parse.GetValue(_sloppy),
        HasHintedHandoff = parse.GetValue(_handoff),
        HasReadRepair = parse.GetValue(_repair),
        Resolution = ResolutionOf(parse.GetValue(_siblings), parse.GetValue(_lww), parse.GetValue(_crdt)),
        Operations = parse.GetValue(_operations),
        Clients = parse.GetValue(_clients),
        Keys = parse.GetValue(_keys),
        DownShare = parse.GetValue(_down),
        LatencyMs = parse.GetValue(_latency),
        ClockSkewMs = parse.GetValue(_skew),
        Seed = parse.GetValue(_seed),
    };

    private static Resolution ResolutionOf(bool siblings, bool lww, string? crdt) => (siblings, lww, crdt) switch
    {
        (true, false, null) => Resolution.Siblings,
        (false, _, null) => Resolution.LastWriterWins,
        (false, false, "g-counter") => Resolution.GrowOnlyCounter,
        _ => throw CtlException.Usage("Say one of --siblings, --lww and --crdt."),
    };

    private static Option<bool> Switch(string name, string description) => new(name) { Description = description };

    private static Option<int> Count(string name, string description, int otherwise) =>
        new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => otherwise };

    private static Option<double> Number(string name, string unit, string description, double otherwise) =>
        new(name) { Description = description, HelpName = unit, DefaultValueFactory = _ => otherwise };
}
