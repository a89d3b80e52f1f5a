using System.Text;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// A3, from what clients saw: under one idempotency key, or one number of a client session, at most one answer is a first
/// one, and all others repeat it; and a counter that is only moved under them has moved once for each that came into the
/// log and was not refused.
/// </summary>
internal static class OnceChecker
{
    /// <param name="isWindowOpen">
    /// No answer under a plain key can have been forgotten yet. Without it only what is never run anew is held to the rule.
    /// </param>
    public static void CheckAnswers(List<ClientOperation> operations, bool isWindowOpen)
    {
        var known = new Dictionary<string, CommandResult>();
        var firsts = new HashSet<string>();
        foreach (ClientOperation operation in operations)
        {
            if (operation is not { Outcome: OperationOutcome.Ok, Command: { } command, Result: { } result }
                || OnceNames.Of(command) is not { } name || !OnceNames.IsAnswer(result)
                || !(isWindowOpen || OnceNames.IsForEver(command)))
            {
                continue;
            }

            Demand(result.IsReplayed || firsts.Add(name), operation, "runs a second time under its key");
            if (known.TryGetValue(name, out CommandResult? before))
            {
                bool isPart = result.Status == CommandStatus.AnswerNotKept || before.Status == CommandStatus.AnswerNotKept
                    || result.Digest != before.Digest;
                Demand(
                    isPart ? result.Revision == before.Revision : ResultComparer.IsRepeatOf(before, result),
                    operation, "gets another answer");
            }

            known[name] = result;
        }
    }

    /// <param name="entries">Every committed command, and how it was answered.</param>
    /// <param name="final">The state that they lead to.</param>
    /// <param name="isWindowOpen">As above.</param>
    public static void CheckCounters(IEnumerable<(KvCommand Command, CommandResult Result)> entries, StoreView final, bool isWindowOpen)
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var forgettable = new HashSet<string>();
        var counted = new HashSet<string>();
        foreach ((KvCommand command, CommandResult result) in entries)
        {
            if (command is not MutateCommand { Op: IncrementOp add } || OnceNames.Of(command) is not { } name)
            {
                continue;
            }

            string counter = Encoding.ASCII.GetString(add.Key.Span);
            bool ran = result.Status is CommandStatus.Ok or CommandStatus.AnswerNotKept;
            sums[counter] = sums.GetValueOrDefault(counter) + (ran && counted.Add(name) ? add.By : 0);
            if (!OnceNames.IsForEver(command))
            {
                forgettable.Add(counter);
            }
        }

        foreach ((string counter, long sum) in sums)
        {
            long value = long.Parse(
                "0" + Encoding.ASCII.GetString((final.Get(Encoding.ASCII.GetBytes(counter))?.Value ?? default).Span),
                System.Globalization.CultureInfo.InvariantCulture);
            if (value != sum && (isWindowOpen || !forgettable.Contains(counter)))
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
