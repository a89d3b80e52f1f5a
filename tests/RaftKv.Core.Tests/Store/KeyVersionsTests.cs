using RaftKv.Core.Store;
using RaftKv.Core.Store.Tree;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>The versions of one key, beside a list of them.</summary>
public sealed class KeyVersionsTests
{
    [Fact]
    public void A_slot_answers_as_a_list_does_while_versions_come_and_go()
    {
        DeterministicRandom random = new(9606);
        List<KeyValue> model = [Version(10)];
        object? slot = model[0];
        long newest = 10;
        for (int round = 0; round < 3_000; round++)
        {
            if (random.Next(3) == 0)
            {
                int drop = 1 + random.Next(Math.Min(model.Count, 1 + random.Next(12)));
                slot = KeyVersions.DropOldest(slot!, drop);
                model.RemoveRange(0, drop);
            }

            for (int i = random.Next(5); i > 0 || slot is null; i--)
            {
                newest += 1 + random.Next(3);
                model.Add(Version(newest));
                slot = slot is null ? model[^1] : KeyVersions.Append(slot, model[^1]);
            }

            AssertSame(model, slot);
        }

        AssertSame(model, KeyVersions.FromList(model));
    }

    [Fact]
    public void Who_holds_a_slot_keeps_what_was_in_it()
    {
        List<KeyValue> versions = [.. Enumerable.Range(1, 300).Select(static i => Version(i))];
        List<object> slots = [versions[0]];
        for (int i = 1; i < versions.Count; i++)
        {
            slots.Add(KeyVersions.Append(slots[^1], versions[i]));
        }

        _ = KeyVersions.DropOldest(slots[^1], 40);
        _ = KeyVersions.DropOldest(slots[^1], 299);

        // And two that go on from the same one do not know of each other.
        _ = KeyVersions.Append(slots[50], Version(1_000));
        Assert.All(Enumerable.Range(0, slots.Count), i => AssertSame(versions[..(i + 1)], slots[i]));
    }

    [Fact]
    public void A_read_at_an_old_revision_takes_a_logarithmic_number_of_steps()
    {
        const int Count = 100_000;
        object slot = Version(1);
        for (int i = 2; i <= Count; i++)
        {
            slot = KeyVersions.Append(slot, Version(i));
        }

        // 25,000 blocks, so fifteen halvings. Seen: 35 at most.
        Assert.InRange(Enumerable.Range(0, Count + 1).Max(i => KeyVersions.StepsTo(slot, new Revision(i))), 5, 3 * 15);
    }

    private static void AssertSame(List<KeyValue> model, object? slot)
    {
        Assert.NotNull(slot);
        Assert.Equal(model.Count, KeyVersions.CountOf(slot));
        Assert.Equal(model.Sum(StoreCosts.OfVersion), KeyVersions.CostOf(slot));
        Assert.Same(model[^1], KeyVersions.NewestOf(slot));
        for (int i = 0; i < model.Count; i++)
        {
            Assert.Same(model[i], KeyVersions.ItemOf(slot, i));
            Assert.Equal(i, KeyVersions.LastIndexAtOrBefore(slot, model[i].ModRevision));
            Assert.Same(i == 0 ? null : model[i - 1], KeyVersions.AtOrBefore(slot, new Revision(model[i].ModRevision.Value - 1)));
        }

        Assert.Equal(model.Count - 1, KeyVersions.LastIndexAtOrBefore(slot, new Revision(long.MaxValue)));
    }

    private static KeyValue Version(long revision) =>
        KeyValue.Of(Bytes("key"), Bytes($"value {revision}"), new Revision(1), new Revision(revision), version: 2, LeaseId.None);
}
