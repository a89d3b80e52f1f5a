using System.Globalization;
using System.Text;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Reports;

/// <summary>
/// The history as Jepsen writes it, one map a line, so that Knossos and Elle can judge it too. Keys are Jepsen's
/// independent tuples. A process whose operation is unknown is replaced by a new one: it might still be at it.
/// </summary>
internal static class Edn
{
    private const int ProcessStride = 1000;

    public static void Write(string path, IReadOnlyList<HistoryLine> history)
    {
        var events = new List<(long Time, int Order, string Process, string Type, string Function, string Value, string? Error, string Node)>();
        var lives = new Dictionary<int, int>();
        foreach (ClientAction action in history.OfType<ClientAction>().OrderBy(a => a.StartNs))
        {
            int life = lives.GetValueOrDefault(action.Process);
            string process = (action.Process + (life * ProcessStride)).ToString(CultureInfo.InvariantCulture);
            lives[action.Process] = life + (action.Outcome == Outcome.Info ? 1 : 0);
            (string asked, string answered) = Values(action);
            events.Add((action.StartNs, 1, process, "invoke", action.Function, asked, null, action.Node));
            events.Add((Math.Max(action.EndNs, action.StartNs), 0, process, Type(action), action.Function, answered, action.Error, action.Node));
        }

        foreach (FaultEvent fault in history.OfType<FaultEvent>())
        {
            events.Add((fault.StartNs, 1, ":nemesis", "info", fault.Name, Text(fault.Node), null, fault.Node));
            events.Add((fault.EndNs, 0, ":nemesis", "info", fault.Name, Text(fault.Detail ?? ""), null, fault.Node));
        }

        using var writer = new StreamWriter(path);
        int index = 0;

        // An operation that took no time at all still begins before it ends.
        foreach (var e in events.OrderBy(e => e.Time).ThenBy(e => e.Type == "invoke" ? 0 : 1))
        {
            string error = e.Error is null ? "" : $", :error {Text(e.Error)}";
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{{:index {index++}, :time {e.Time}, :process {e.Process}, :type :{e.Type}, :f :{e.Function}, :value {e.Value}, :node {Text(e.Node)}{error}}}"));
        }
    }

    private static string Type(ClientAction action) => action switch
    {
        // What Jepsen calls a failed compare-and-set is our answered one that did not match.
        Operation { Outcome: Outcome.Ok, IsMatched: false } => "fail",
        _ => action.Outcome.ToString().ToLowerInvariant(),
    };

    /// <summary>What was asked, and what was answered.</summary>
    private static (string Asked, string Answered) Values(ClientAction action)
    {
        switch (action)
        {
            case Operation o:
                string change = o.Kind == OperationKind.CompareAndSet ? $"[{Number(o.Expected)} {Number(o.Value)}]" : Number(o.Value);
                string asked = o.Kind == OperationKind.Read ? "nil" : change;
                string answered = o.Kind is OperationKind.Write or OperationKind.CompareAndSet ? change : Number(o.Result);
                return ($"[{Text(o.Key)} {asked}]", $"[{Text(o.Key)} {answered}]");
            case TxnOperation t:
                return (Micros(t.Micros, isAnswered: false), Micros(t.Micros, t.Outcome == Outcome.Ok));
            case BankOperation { From: { } from } b:
                string transfer = $"{{:from {Number(from)}, :to {Number(b.To)}, :amount {Number(b.Amount)}}}";
                return (transfer, transfer);
            case BankOperation b:
                return ("nil", b.Balances is null ? "nil"
                    : $"{{{string.Join(", ", b.Balances.Select((balance, i) => $"{Number(i)} {Number(balance)}"))}}}");
            default:
                return ("nil", Facts(action));
        }
    }

    private static string Micros(IReadOnlyList<MicroOp> micros, bool isAnswered) =>
        $"[{string.Join(' ', micros.Select(m => m.IsAppend
            ? $"[:append {Text(m.Key)} {Number(m.Value)}]"
            : $"[:r {Text(m.Key)} {(isAnswered ? $"[{string.Join(' ', m.List!)}]" : "nil")}]"))}]";

    private static string Facts(ClientAction action) => action switch
    {
        LevelOperation o => $"{{:level {Text(o.Level ?? "")}, :key {Text(o.Key ?? "")}, :value {Number(o.Value)}, :revision {Number(o.Revision)}}}",
        LeaseOperation o => $"{{:lease {Number(o.Number)}, :ttl-ms {Number(o.TtlMs)}, :seen {Number(o.SeenKeys)}}}",
        LockOperation o => $"{{:lock {Text(o.Name)}, :owner {Text(o.Owner ?? "")}, :token {Number(o.Token)}, :revision {Number(o.Revision)}}}",
        QuotaOperation o => $"{{:key {Text(o.Key ?? "")}, :full {Flag(o.IsFull)}, :there {Flag(o.IsThere)}}}",
        RestoreOperation o => $"{{:name {Text(o.Name ?? "")}, :pair {Number(o.Number)}, :token {Number(o.Token)}, :revision "
            + $"{Number(o.Revision)}}}",
        ElectionOperation o => $"{{:token {Number(o.Token)}, :value {Text(o.Value ?? "")}, :revision {Number(o.Revision)}}}",
        _ => "nil",
    };

    private static string Flag(bool? value) => value is { } known ? known ? "true" : "false" : "nil";

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "nil";

    private static string Text(string value)
    {
        var text = new StringBuilder("\"");
        foreach (char c in value)
        {
            text.Append(c switch { '"' => "\\\"", '\\' => "\\\\", '\n' => "\\n", '\r' => "\\r", _ => c });
        }

        return text.Append('"').ToString();
    }
}
