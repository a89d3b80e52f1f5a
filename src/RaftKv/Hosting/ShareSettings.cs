using System.Text;
using RaftKv.Service.Shares;

namespace RaftKv.Hosting;

/// <summary>The settings of fair shares.</summary>
internal static class ShareSettings
{
    private const string Form =
        "it should look like NAME=RATE or NAME=RATE/UNDERWAY, with numbers from 0 to 1000000, such as batch=100/8";

    /// <summary>All of them, in the order of the help.</summary>
    public static IReadOnlyList<NodeSetting> All { get; } =
    [
        Lines(
            "user-share", "calls a second, and at one time, of a user; *: of everybody else (default: no bound)",
            static o => o.UserShares, static (o, lines) => o with { UserShares = lines }, "a user's name, or *"),
        Lines(
            "prefix-share", "the same of all callers together, for keys that begin so (default: no bound)",
            static o => o.PrefixShares, static (o, lines) => o with { PrefixShares = lines }, "a prefix"),
    ];

    /// <summary>The shares that valid options ask for.</summary>
    public static ShareOptions Of(NodeOptions options)
    {
        var users = options.UserShares.Select(static line => Parse(line)!.Value)
            .ToDictionary(static line => line.Name, static line => line.Terms, StringComparer.Ordinal);
        bool hasEveryone = users.Remove(ShareOptions.Everyone, out ShareTerms everyone);
        return new ShareOptions
        {
            OfEveryone = hasEveryone ? everyone : null,
            OfUsers = users,
            OfPrefixes =
            [
                .. options.PrefixShares.Select(static line => Parse(line)!.Value)
                    .Select(static line => (Encoding.UTF8.GetBytes(line.Name), line.Terms)),
            ],
        };
    }

    private static NodeSetting Lines(
        string flag, string help, Func<NodeOptions, IReadOnlyList<string>> get,
        Func<NodeOptions, IReadOnlyList<string>, NodeOptions> set, string what) => new()
        {
            Flag = flag,
            Shape = "NAME=RATE[/UNDERWAY]",
            IsList = true,
            Help = help + "; may be repeated",
            Read = (from, o) => set(o, from.Texts(flag)),
            Print = o => string.Join(',', get(o)),
            Check = o => ProblemOf(flag, get(o), what),
        };

    private static string? ProblemOf(string flag, IReadOnlyList<string> lines, string what)
    {
        if (lines.FirstOrDefault(static line => Parse(line) is null) is { } unreadable)
        {
            return $"--{flag}: \"{unreadable}\" is no share; {Form}. NAME is {what}.";
        }

        return lines.Count > ShareOptions.MaxLines ? $"--{flag}: {lines.Count} lines are too many; use {ShareOptions.MaxLines} at most."
            : lines.GroupBy(static line => Parse(line)!.Value.Name).FirstOrDefault(static same => same.Count() > 1) is { } twice
                ? $"--{flag}: \"{twice.Key}\" stands there twice."
            : null;
    }

    // A name may have any character but a comma, which parts the lines; the last = ends it.
    private static (string Name, ShareTerms Terms)? Parse(string line)
    {
        int at = line.LastIndexOf('=');
        return at > 0 && ShareTerms.TryParse(line.AsSpan(at + 1), out ShareTerms terms) ? (line[..at], terms) : null;
    }
}
