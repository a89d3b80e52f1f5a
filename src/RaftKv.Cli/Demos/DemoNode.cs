using RaftKv.Cli.Output;
using RaftKv.Client;

namespace RaftKv.Cli.Demos;

/// <summary>One of the three nodes.</summary>
/// <param name="Index">Its place in the cluster, from 0.</param>
internal sealed record DemoNode(int Index, string Name, Uri Endpoint);

/// <summary>A follower that hears nothing new, and the two that go on.</summary>
internal sealed record Lag(DemoNode Leader, DemoNode Behind, DemoNode Other);

/// <summary>What a read gave.</summary>
/// <param name="Value">Null when the key is missing or the read was refused.</param>
/// <param name="Refusal">The refusal's code; null when it was served.</param>
/// <param name="Answer">What the node said of its answer; null when it refused.</param>
internal sealed record Sight(string? Value, string? Refusal, ResponseMetadata? Answer)
{
    public bool IsRefused => Refusal is not null;

    /// <summary>What the reader has seen now.</summary>
    public string? Token => Answer?.SessionToken;

    /// <summary>How old it is at most; null when that is not proven.</summary>
    public long? StalenessMs => Answer?.StalenessMs;

    /// <summary>In words.</summary>
    public string Told => Answer is not { } answer
        ? $"refused: {Refusal}"
        : $"{Value ?? "(missing)"}   [{LevelWords.ToName(answer.Consistency ?? ReadLevel.Eventual)}, revision {answer.Revision}, "
            + (answer.StalenessMs is { } ms ? $"at most {ms} ms old]" : "age unknown]");
}
