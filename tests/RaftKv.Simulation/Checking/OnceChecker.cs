using System.Text;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// A3, from what clients saw: under one idempotency key at most one answer is a first one, and all others repeat it;
/// and a counter that is only moved under keys has moved once for each key that came into the log.
/// </summary>
internal static class OnceChecker
{
    public static void CheckAnswers(List<ClientOperation> operations)
    {
        var known = new Dictionary<string, CommandResult>();
        var firsts = new HashSet<string>();
        foreach (ClientOperation operation in operations)
        {
            if (operation is not { Outcome: OperationOutcome.Ok, Command.Idempotency: { } keyed, Result: { } result }
                || result.Status is CommandStatus.IdempotencyReused or CommandStatus.QueueFull
                    or CommandStatus.QuotaExceeded or CommandStatus.Corrupt)
            {
                continue;
            }

            string key = Convert.ToHexString(keyed.Key.Span);
            Demand(result.IsReplayed || firsts.Add(key), operation, "runs a second time under its key");
            CommandResult answer = result with { IsReplayed = false };
            Demand(
                !known.TryGetValue(key, out CommandResult? before) || ResultComparer.AreSame(before, answer), operation, "gets another answer");
            known[key] = answer;
        }
    }

    /// <param name="commands">Every committed command.</param>
    /// <param name="final">The state that they lead to.</param>
    public static void CheckCounters(IEnumerable<KvCommand> commands, StoreView final)
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var counted = new HashSet<string>();
        foreach (KvCommand command in commands)
        {
            if (command is MutateCommand { Op: IncrementOp add, Idempotency: { } keyed }
                && counted.Add(Convert.ToHexString(keyed.Key.Span)))
            {
                string counter = Encoding.ASCII.GetString(add.Key.Span);
                sums[counter] = sums.GetValueOrDefault(counter) + add.By;
            }
        }

        foreach ((string counter, long sum) in sums)
        {
            string value = Encoding.ASCII.GetString((final.Get(Encoding.ASCII.GetBytes(counter))?.Value ?? default).Span);
            if (value != sum.ToString(System.Globalization.CultureInfo.InvariantCulture))
            {
                throw new SimulationViolationException("A3", $"counter {counter} stands at {value}, its keys add up to {sum}");
            }
        }
    }

    private static void Demand(bool condition, ClientOperation operation, string problem)
    {
        if (!condition)
        {
            throw new SimulationViolationException("A3", $"operation {operation.Id} {problem}");
        }
    }
}
