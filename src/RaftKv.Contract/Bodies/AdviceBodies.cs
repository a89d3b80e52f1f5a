using System.Collections.ObjectModel;
using System.ComponentModel;

namespace RaftKv.Contract.Bodies;

[Schema("AdviceBody", "The questions of a design review; leave out what is not known.")]
public sealed record AdviceBody
{
    [Description("A read must see every write that was acknowledged before it began")]
    public bool? MustNeverBeStale { get; set; }

    [Description("A client must see what it has written itself")]
    public bool? OwnWritesVisible { get; set; }

    [Description("An effect must never be seen without its cause, across clients")]
    public bool? CauseBeforeEffect { get; set; }

    [Description("Reads must be answered on the side without a majority")]
    public bool? AvailableInPartition { get; set; }

    [Description("How old an answer may be, 0 to a day")]
    public long? MaxStalenessMs { get; set; }

    [Description("Reads among all requests, 0 to 1")]
    public double? ReadShare { get; set; }

    [Description("Nodes and clients are in regions far from each other")]
    public bool? GlobalDistribution { get; set; }
}

[Schema("Advice", "A level, and why.")]
public sealed record AdviceAnswer
{
    [Description("The weakest level that fulfils every wish")]
    [LevelName]
    public string Level { get; set; } = "";

    [Description("Headers to send with each read")]
    public IReadOnlyDictionary<string, string> Headers { get; set; } = ReadOnlyDictionary<string, string>.Empty;

    [Description("Why this level")]
    [Item("A sentence")]
    public IReadOnlyList<string> Reasons { get; set; } = [];

    [Description("What it costs")]
    [Item("A sentence")]
    public IReadOnlyList<string> TradeOffs { get; set; } = [];

    [Description("Wishes that no system fulfils together, and which one was kept")]
    [Item("A sentence")]
    public IReadOnlyList<string> Contradictions { get; set; } = [];

    public IReadOnlyList<AlternativeBody> Alternatives { get; set; } = [];
}

[Schema("", "Another level.")]
public sealed record AlternativeBody
{
    [Description("The level")]
    [LevelName]
    public string Level { get; set; } = "";

    [Description("When it is the better one")]
    public string When { get; set; } = "";
}
