using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Once;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Work;

namespace RaftKv.Core.Store;

/// <summary>
/// A command that may take long, as something that is stopped after any piece of work and goes on later. In between
/// nothing else is applied. What it does depends on the state alone, never on where it was stopped. A closed set.
/// </summary>
internal abstract class CommandRun
{
    private protected CommandRun()
    {
    }

    /// <summary>
    /// Goes on until the meter is spent; the answer at the end, and null before it. A slice of a single unit gets on too.
    /// </summary>
    public abstract CommandResult? Step(WorkMeter meter);
}

/// <summary>A slice of the removal of obsolete versions; see <see cref="Commands.CompactSliceCommand"/>.</summary>
internal sealed class CompactionRun(Compactor compactor, Revision revision) : CommandRun
{
    private long _visitsLeft = Compactor.VisitsPerSlice;
    private long _bytesLeft = Compactor.MaxDroppedBytesPerSlice;

    /// <inheritdoc/>
    public override CommandResult? Step(WorkMeter meter) =>
        compactor.RunSlice(ref _visitsLeft, ref _bytesLeft, meter) ? new CommandResult(CommandStatus.Ok, revision) : null;
}

/// <summary>The removal of first answers that a step of the cluster's time made too old.</summary>
internal sealed class ExpiryRun(IdempotencyTable keys, Revision revision) : CommandRun
{
    // Looked up from the oldest on, so that stopping after any of them changes nothing.
    private const int AtOnce = 8;
    private int _left = IdempotencyTable.RemovedPerAdvance;

    /// <inheritdoc/>
    public override CommandResult? Step(WorkMeter meter)
    {
        for (bool isDone = false; _left > 0 && !isDone; _left -= AtOnce)
        {
            if (meter.IsSpent)
            {
                return null;
            }

            int removed = keys.RemoveExpired(AtOnce);
            meter.Spend(1 + (2 * removed * WorkMeter.PerWrite));
            isDone = removed < AtOnce;
        }

        return new CommandResult(CommandStatus.Ok, revision);
    }
}
