using System.Globalization;
using RaftKv.Client;

namespace Shop.Run;

/// <summary>What must be right at the end, and the trace that shows how it came.</summary>
internal static class Closing
{
    private const int StockAtTheStart = 2_000;

    internal static async Task<bool> ReportAsync(RaftKvClient client, int orderCount, string traces, (string Node, DateTimeOffset At) death)
    {
        await Wait.UntilAsync(
            async () => (await client.CountAsync(RaftKvRange.Prefix("shop/orders/shipped/"))).Count >= orderCount, "every order is shipped");
        long shipped = (await client.CountAsync(RaftKvRange.Prefix("shop/orders/shipped/"))).Count;
        long open = (await client.CountAsync(RaftKvRange.Prefix("shop/orders/open/"))).Count;
        int left = 0;
        await foreach (KeyValueEntry stock in client.RangeAsync(RaftKvRange.Prefix("shop/stock/")))
        {
            left += int.Parse(stock.GetString(), CultureInfo.InvariantCulture);
        }

        bool isRight = shipped == orderCount && open == 0 && left == StockAtTheStart - orderCount;
        Console.WriteLine($"{orderCount} ordered, {shipped} shipped, {open} open, {StockAtTheStart - left} taken from the stock: {(isRight ? "right" : "WRONG")}");
        Span[] spans = [.. Directory.GetFiles(traces).SelectMany(File.ReadAllLines).Select(Span.Parse)];
        return ShowLife(spans, death) & ShowTrace(spans) & isRight;
    }

    /// <summary>Who served the calls that began after a node's death: the others, and all of them.</summary>
    private static bool ShowLife(Span[] spans, (string Node, DateTimeOffset At) death)
    {
        KeyValuePair<string, int>[] servers =
        [
            .. spans.Where(span => span.Start > death.At && span.Node.Length > 0)
                .CountBy(static span => span.Node).OrderBy(static one => one.Key, StringComparer.Ordinal),
        ];
        string served = string.Join(", ", servers.Select(static one => $"{one.Value} by {one.Key}"));
        int failed = spans.Count(static span => span.Failed.Length > 0);
        bool isRight = servers.Length > 0 && Array.TrueForAll(servers, one => one.Key != death.Node);
        Console.WriteLine(
            $"calls after the death of {death.Node}: {served}; {failed} in all were repeated after a failure: {(isRight ? "right" : "WRONG")}");
        return isRight;
    }

    /// <summary>The trace of the order that waited longest: it was under way when the leader was killed.</summary>
    private static bool ShowTrace(Span[] spans)
    {
        Span? met = spans
            .Where(span => spans.Where(other => other.Trace == span.Trace).Select(static other => other.Service).Distinct().Count() > 1)
            .MaxBy(static span => span.Ms);
        if (met is null)
        {
            Console.WriteLine("there is no trace of an order");
            return false;
        }

        Console.WriteLine($"the order that waited longest, trace {met.Trace}:");
        Span[] trace = [.. spans.Where(span => span.Trace == met.Trace)];
        foreach (Span root in trace.Where(span => trace.All(other => other.Id != span.Parent)))
        {
            Show(root, trace, depth: 1);
        }

        return true;
    }

    private static void Show(Span span, Span[] trace, int depth)
    {
        string node = span.Node.Length > 0 ? $" at {span.Node}" : "";
        string failed = span.Failed.Length > 0 ? $", after attempts that failed: {span.Failed}" : "";
        Console.WriteLine($"{new string(' ', 2 * depth)}{span.Service}: {span.Name}{node}, {span.Ms} ms{failed}");
        foreach (Span child in trace.Where(child => child.Parent == span.Id))
        {
            Show(child, trace, depth + 1);
        }
    }

    private sealed record Span(
        string Trace, string Id, string Parent, string Service, string Name, int Ms, string Node, string Failed, DateTimeOffset Start)
    {
        internal static Span Parse(string line)
        {
            string[] fields = line.Split('\t');
            return new Span(
                fields[0], fields[1], fields[2], fields[3], fields[4], int.Parse(fields[5], CultureInfo.InvariantCulture), fields[6], fields[7],
                DateTimeOffset.Parse(fields[8], CultureInfo.InvariantCulture));
        }
    }
}
