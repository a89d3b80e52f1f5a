using System.CommandLine;
using System.Globalization;
using RaftKv.Client;

namespace RaftKv.Cli.Connection;

/// <summary>How a write is done: concern, key of its repeats, fence, session.</summary>
internal sealed class WriteFlags
{
    public WriteFlags() => Concern.AcceptOnlyFromAmong("majority", "all");

    public Option<string?> Concern { get; } =
        new("--concern") { Description = "Answered once a majority, or all, has it", HelpName = "CONCERN" };

    public Option<string?> IdempotencyKey { get; } = new("--idempotency-key")
    {
        Description = "Applied once under this key, however often it is sent",
        HelpName = "KEY",
    };

    public Option<string?> Fence { get; } = new("--fence")
    {
        Description = "LOCK;token=N: only while that holder holds; $RAFTKV_FENCE under lock, elect and semaphore",
        HelpName = "FENCE",
    };

    public SessionFlag Session { get; } = new();

    public IEnumerable<Option> All => [Concern, IdempotencyKey, Fence, Session.Option];

    public WriteOptions Read(ParseResult parse, RaftKvSession? session) => new()
    {
        Concern = parse.GetValue(Concern) == "all" ? WriteConcern.All : WriteConcern.Majority,
        IdempotencyKey = parse.GetValue(IdempotencyKey),
        Fence = parse.GetValue(Fence) is { } text ? ParseFence(text) : null,
        Session = session,
    };

    /// <summary><c>NAME;token=N</c>, with <c>;kind=election</c> or <c>;kind=semaphore</c> behind it.</summary>
    public static Fence ParseFence(string text)
    {
        string[] parts = text.Split(';');
        string? Part(string name) => Array.Find(parts, part => part.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
        if (parts[0].Length == 0 || !long.TryParse(Part("token"), NumberStyles.None, CultureInfo.InvariantCulture, out long token))
        {
            throw CtlException.Usage($"'{text}' is no fence; say LOCK;token=N.");
        }

        return Part("kind") switch
        {
            null or "lock" => new Fence(Uri.UnescapeDataString(parts[0]), token),
            "election" => new Fence(Uri.UnescapeDataString(parts[0]), token, FenceKind.Election),
            "semaphore" => new Fence(Uri.UnescapeDataString(parts[0]), token, FenceKind.Semaphore),
            { } kind => throw CtlException.Usage($"'{kind}' is no kind of fence; say lock, election or semaphore."),
        };
    }
}
