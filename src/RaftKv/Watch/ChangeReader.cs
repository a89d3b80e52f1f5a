using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Watch;

/// <summary>
/// Reads the changes of one selector from published views, whole revisions at a time, from a revision on. Holds its
/// place and nothing else. One flow at a time.
/// </summary>
public sealed class ChangeReader(WatchSelector selector, Revision next)
{
    // Changes looked at before a reader with a long way to go lets others have the thread.
    private const int SliceChanges = 2_048;

    // Bytes of wanted changes after which a read ends with the revision at hand: what a message may hold, beside the one
    // revision that is never split.
    private const long SliceBytes = 1024 * 1024;

    // From this far behind on, a single key's versions are looked up instead of reading everybody's changes.
    private const int FarBehind = 256;

    [ThreadStatic]
    private static List<KeyValue>? _scratch;

    /// <summary>Everything below has been read.</summary>
    public Revision Next { get; private set; } = next;

    /// <summary>
    /// Adds the next changes that the selector wants to <paramref name="into"/>: whole revisions, in order. May add
    /// nothing though there is more; see <see cref="IsAtEnd"/>.
    /// </summary>
    /// <returns>Compacted when changes from <see cref="Next"/> on are gone in that view; nothing is added
    /// then.</returns>
    public ReadStatus Read(StoreView view, List<KeyValue> into)
    {
        if (Next > view.Revision)
        {
            return ReadStatus.Ok;
        }

        if (Next < view.CompactedRevision)
        {
            return ReadStatus.Compacted;
        }

        if (selector.Kind == WatchSelectorKind.Key && view.Revision.Value - Next.Value > FarBehind && ReadVersions(view, into))
        {
            return ReadStatus.Ok;
        }

        List<KeyValue> scratch = _scratch ??= [];
        ReadStatus status = view.ReadChanges(Next, SliceChanges, scratch, out Revision next);
        Check.That(status == ReadStatus.Ok, "what is not compacted can be read", Next.Value, view.CompactedRevision.Value);
        long bytes = 0;
        for (int i = 0; i < scratch.Count; i++)
        {
            if (bytes >= SliceBytes && scratch[i].ModRevision > scratch[i - 1].ModRevision)
            {
                next = scratch[i].ModRevision;
                break;
            }

            if (selector.Matches(scratch[i]))
            {
                into.Add(scratch[i]);
                bytes += scratch[i].DataBytes;
            }
        }

        scratch.Clear();
        if (scratch.Capacity > SliceChanges * 4)
        {
            _scratch = null;
        }

        Next = next;
        return ReadStatus.Ok;
    }

    /// <summary>True when the view has nothing from <see cref="Next"/> on.</summary>
    public bool IsAtEnd(StoreView view) => Next > view.Revision;

    /// <summary>Moves on: everything below <paramref name="next"/> is known not to concern the selector, or has been dealt
    /// with.</summary>
    public void MoveTo(Revision next) => Next = next;

    // False when the key has too many versions to take them all at once.
    private bool ReadVersions(StoreView view, List<KeyValue> into)
    {
        IReadOnlyList<KeyValue> versions = view.History(selector.Bytes, SliceChanges + 1);
        if (versions.Count > SliceChanges)
        {
            return false;
        }

        long bytes = 0;
        for (int i = versions.Count - 1; i >= 0; i--)
        {
            if (versions[i].ModRevision >= Next && selector.WantsKind(versions[i]))
            {
                if (bytes >= SliceBytes)
                {
                    Next = versions[i].ModRevision;
                    return true;
                }

                into.Add(versions[i]);
                bytes += versions[i].ValueSpan.Length;
            }
        }

        Next = view.Revision.Next;
        return true;
    }
}
