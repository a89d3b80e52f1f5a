using System.CommandLine;
using System.Globalization;
using RaftKv.Cli.Output;
using RaftKv.Client;
using RaftKv.Contract;

namespace RaftKv.Cli.Connection;

/// <summary>How a read is done: level, bounds, session.</summary>
internal sealed class ReadFlags
{
    public ReadFlags()
    {
        Level.AcceptOnlyFromAmong([.. LevelWords.Every]);
        OnUnmet.AcceptOnlyFromAmong("wait", "forward", "fail");
    }

    public Option<string?> Level { get; } = new("--level", "-l")
    {
        Description = "Read level; default linearizable. Nothing weaker is ever served",
        HelpName = "LEVEL",
    };

    public Option<TimeSpan?> MaxStaleness { get; } =
        GlobalOptions.Durational("--max-staleness", "With bounded: the oldest state that will do");

    public Option<long?> MaxLag { get; } = new("--max-lag") { Description = "With bounded: most revisions behind", HelpName = "N" };

    public Option<long?> At { get; } = new("--at") { Description = "Read the store as it was at this revision", HelpName = "REVISION" };

    public Option<string?> OnUnmet { get; } = new("--on-unmet")
    {
        Description = "What a node does that can't meet the level: wait, forward or fail",
        HelpName = "POLICY",
    };

    public SessionFlag Session { get; } = new();

    /// <summary>Those of what can be read as it is now only.</summary>
    public IEnumerable<Option> OfNow => All.Where(option => option != At);

    public IEnumerable<Option> All => [Level, MaxStaleness, MaxLag, At, OnUnmet, Session.Option];

    /// <summary>The same as headers, for calls that the client has no method for.</summary>
    public static IReadOnlyList<(string Name, string Value)> HeadersOf(ReadOptions options)
    {
        List<(string, string)> headers = [];
        Add(HeaderNames.Consistency, options.Level is { } level ? LevelWords.ToName(level) : null);
        Add(HeaderNames.MaxStaleness, options.MaxStaleness is { } age ? Durations.ToText(age) : null);
        Add(HeaderNames.MaxLag, options.MaxLag?.ToString(CultureInfo.InvariantCulture));
        Add(HeaderNames.OnUnmet, options.OnUnmet?.ToString().ToLowerInvariant());
        Add(HeaderNames.Session, options.Session?.Token);
        return headers;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                headers.Add((name, value));
            }
        }
    }

    /// <summary>Reads the flags; a bound alone means the level bounded.</summary>
    public ReadOptions Read(ParseResult parse, CliContext? context, RaftKvSession? session)
    {
        TimeSpan? staleness = parse.GetValue(MaxStaleness);
        long? lag = parse.GetValue(MaxLag);
        string word = parse.GetValue(Level) ?? (staleness is null && lag is null ? context?.Level ?? "linearizable" : "bounded");
        ReadLevel level = LevelWords.Parse(word)
            ?? throw CtlException.Usage($"'{word}', from the configuration file, is no read level.");
        if (level == ReadLevel.Bounded && staleness is null && lag is null)
        {
            throw CtlException.Usage("bounded needs --max-staleness or --max-lag.");
        }

        return new ReadOptions
        {
            Level = level,
            MaxStaleness = staleness,
            MaxLag = lag,
            Revision = parse.GetValue(At),
            OnUnmet = parse.GetValue(OnUnmet) is { } policy ? Enum.Parse<UnmetPolicy>(policy, ignoreCase: true) : null,
            Session = session,
        };
    }
}
