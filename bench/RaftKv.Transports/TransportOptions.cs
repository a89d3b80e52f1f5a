using System.Globalization;
using RaftKv.Bench;

namespace RaftKv.Transports;

/// <summary>What is measured, from the command line.</summary>
internal sealed record TransportOptions
{
    internal const string HelpText =
        """
        Calls of RaftKv.Client (REST) and of a generated etcd client (gRPC) to the same node, in turn.

          --endpoints URL,…   the nodes; the leader among them is called
          --pids N,…          the nodes' processes, for their CPU time (Linux)
          --callers N,…       callers with one call under way each; default 1,64
          --rounds N          default 3; the table has the medians
          --seconds N         measured time of a cell; default 5
          --warmup N          seconds before it; default 2
          --keys N            default 1000
          --value-size N      bytes; default 128
        """;

    internal IReadOnlyList<Uri> Endpoints { get; private init; } = [];

    internal IReadOnlyList<int> Pids { get; private init; } = [];

    internal IReadOnlyList<int> Callers { get; private init; } = [1, 64];

    internal int Rounds { get; private init; } = 3;

    internal TimeSpan Measured { get; private init; } = TimeSpan.FromSeconds(5);

    internal TimeSpan Warmup { get; private init; } = TimeSpan.FromSeconds(2);

    internal int Keys { get; private init; } = 1_000;

    internal int ValueBytes { get; private init; } = 128;

    /// <exception cref="BenchException">An argument is unknown or out of range, or no endpoint is given.</exception>
    internal static TransportOptions Parse(IReadOnlyList<string> arguments)
    {
        TransportOptions options = new();
        for (int i = 0; i < arguments.Count; i += 2)
        {
            string value = i + 1 < arguments.Count ? arguments[i + 1] : throw new BenchException($"{arguments[i]} has no value.");
            options = arguments[i] switch
            {
                "--endpoints" => options with { Endpoints = [.. value.Split(',').Select(static text => new Uri(text))] },
                "--pids" => options with { Pids = Numbers(value) },
                "--callers" => options with { Callers = Numbers(value) },
                "--rounds" => options with { Rounds = Number(value) },
                "--seconds" => options with { Measured = TimeSpan.FromSeconds(Number(value)) },
                "--warmup" => options with { Warmup = TimeSpan.FromSeconds(Number(value)) },
                "--keys" => options with { Keys = Number(value) },
                "--value-size" => options with { ValueBytes = Number(value) },
                _ => throw new BenchException($"Unknown argument {arguments[i]}.\n{HelpText}"),
            };
        }

        return options.Endpoints.Count > 0 ? options : throw new BenchException($"Give --endpoints.\n{HelpText}");
    }

    internal IEnumerable<string> KeyNames() =>
        Enumerable.Range(0, Keys).Select(static key => string.Create(CultureInfo.InvariantCulture, $"transports/{key:D6}"));

    private static IReadOnlyList<int> Numbers(string value) => [.. value.Split(',').Select(Number)];

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : throw new BenchException($"'{text}' is no number above zero.");
}
