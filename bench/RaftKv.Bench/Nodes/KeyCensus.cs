using System.Globalization;

namespace RaftKv.Bench.Nodes;

/// <summary>Holds what a node has against what was acknowledged: every key once, none with another value.</summary>
/// <param name="acknowledged">By key, the number of its newest acknowledged put; -1 where it has the value that was loaded.</param>
internal sealed class KeyCensus(IReadOnlyList<long> acknowledged)
{
    private readonly bool[] _seen = new bool[acknowledged.Count];

    internal int Keys => acknowledged.Count;

    internal int There => _seen.Count(static seen => seen);

    internal int Missing => Keys - There;

    /// <summary>Keys that nobody put, keys that came twice, and values that are not those of the newest acknowledged put.</summary>
    internal int Wrong { get; private set; }

    internal bool IsComplete => Missing == 0 && Wrong == 0;

    /// <summary>A key that the node has.</summary>
    internal void See(string key, string value)
    {
        bool isOurs = int.TryParse(key.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number < Keys && key == SteadyPuts.KeyOf(number) && !_seen[number];
        if (isOurs)
        {
            _seen[number] = true;
        }

        if (!isOurs || (SteadyPuts.NumberOf(value) ?? -1) != acknowledged[number])
        {
            Wrong++;
        }
    }
}
