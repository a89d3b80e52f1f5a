using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Tests.Store;

/// <summary>
/// The store against the plain model, over random commands: answers, reads, history, changes, hash, snapshots, old
/// views.
/// </summary>
public sealed class ModelTests
{
    [Theory]
    [InlineData(1, 6, 900)]
    [InlineData(2, 12, 900)]
    [InlineData(3, 40, 900)]
    [InlineData(4, 150, 700)]
    [InlineData(5, 3, 900)]
    [InlineData(6, 25, 900)]
    [InlineData(7, 300, 500)]
    public void Store_answers_as_the_model_does_through_compactions_and_snapshots(ulong seed, int keyCount, int commandCount)
    {
        DeterministicRandom random = new(seed);
        RandomCommands commands = new(random, keyCount);
        ModelStore model = new();
        List<StoreHarness> replicas = [new()];
        List<(StoreView View, string Text)> keptViews = [];
        List<int> statusCounts = [.. new int[10]];
        for (int step = 0; step < commandCount; step++)
        {
            KvCommand command = commands.Next(model.Revision, model.Compacted);
            byte[] bytes = KvCommandCodec.Encode(command);
            CommandResult expected = model.Apply(command);
            statusCounts[(int)expected.Status]++;
            foreach (StoreHarness replica in replicas)
            {
                Assert.Equal(Describe.Command(expected), Describe.Command(replica.ApplyBytes(bytes)));
            }

            if (random.Chance(600))
            {
                CheckReads(seed, step, model, commands, replicas);
                keptViews.Add((replicas[0].View, Describe.View(replicas[0].View, commands.Keys)));
            }

            if (random.Chance(20))
            {
                replicas.Insert(random.Next(replicas.Count + 1), Restart(replicas[^1].View, random));
                replicas.RemoveRange(Math.Min(3, replicas.Count), Math.Max(0, replicas.Count - 3));
            }

            if (keptViews.Count > 30)
            {
                (StoreView view, string text) = keptViews[random.Next(keptViews.Count)];
                Assert.Equal(text, Describe.View(view, commands.Keys));
                keptViews.RemoveAt(random.Next(keptViews.Count));
            }
        }

        foreach ((StoreView view, string text) in keptViews)
        {
            Assert.Equal(text, Describe.View(view, commands.Keys));
        }

        // The run must have met the rare answers, or it proves less than it seems to.
        Assert.All([CommandStatus.Ok, CommandStatus.GuardFailed, CommandStatus.Compacted, CommandStatus.DuplicateKey, CommandStatus.NotANumber,
            CommandStatus.LeaseNotFound], status => Assert.True(statusCounts[(int)status] > 0, $"seed {seed} never met {status}"));
    }

    private static void CheckReads(ulong seed, int step, ModelStore model, RandomCommands commands, List<StoreHarness> replicas)
    {
        string context = $"seed {seed} step {step}";
        StoreView view = replicas[0].View;
        Assert.Equal(model.Revision, view.Revision.Value);
        Assert.Equal(model.Compacted, view.CompactedRevision.Value);
        foreach (StoreHarness replica in replicas)
        {
            Assert.Equal(Describe.View(view, commands.Keys), Describe.View(replica.View, commands.Keys));
        }

        Assert.True(Sum(view) == view.HashSum, $"{context}: the hash kept by writes is not that of the contents");
        Assert.Equal([], KeyTreeInvariants.FindBroken(view.Root));
        for (int i = 0; i < 4; i++)
        {
            RangeRequest request = commands.NextRequest(model.Revision);
            Assert.Equal($"{context} {request} {Describe.Op(model.Read(request))}", $"{context} {request} {Describe.Op(view.Range(request))}");
        }

        List<KeyValue> changes = [];
        view.ReadChanges(view.CompactedRevision, int.MaxValue, changes, out _);
        Assert.Equal(Describe.Pairs(model.Changes(model.Compacted)), Describe.Pairs(changes));
        foreach (string key in commands.Keys.Take(20))
        {
            Assert.Equal(Describe.Pairs(model.History(StoreHarness.Bytes(key))), Describe.Pairs(view.History(StoreHarness.Bytes(key).Span, 0)));
        }

        if (!view.IsCompacting)
        {
            List<KeyValue> kept = model.Kept();
            Assert.Equal(kept.Count, view.VersionCount);
            Assert.Equal(kept.Sum(version => version.Key.Length + version.Value.Length), view.DataBytes);
        }
    }

    private static StoreHarness Restart(StoreView view, DeterministicRandom random)
    {
        byte[] snapshot = StoreHarness.Snapshot(view, random.Next(1, 5000));
        MvccStore loaded = StoreHarness.Load(snapshot, random.Next(1, 5000));
        Assert.Equal(view.StateHash, loaded.View.StateHash);
        Assert.Equal(snapshot, StoreHarness.Snapshot(loaded.View));
        return new StoreHarness(loaded);
    }

    private static ulong Sum(StoreView view)
    {
        ulong sum = 0;
        KeyTreeCursor cursor = new(view.Root);
        for (bool isInside = cursor.MoveToAtOrAfter(default); isInside; isInside = cursor.MoveNext())
        {
            for (int i = 0; i < KeyVersions.CountOf(cursor.Slot); i++)
            {
                sum += StateHasher.OfVersion(KeyVersions.ItemOf(cursor.Slot, i));
            }
        }

        return sum;
    }
}
