using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>
/// The store against the plain model over random commands, and against itself: batched, saved and loaded (A10, A3, K1,
/// K2).
/// </summary>
public sealed class CoordinationModelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Answers_and_state_are_those_of_the_model(int seed)
    {
        CoordinationCommands commands = new(new DeterministicRandom((ulong)seed));
        CoordinationModel model = new();
        StoreHarness store = new();
        SortedDictionary<CommandStatus, int> statuses = [];
        int replayed = 0;
        for (int step = 0; step < 6_000; step++)
        {
            KvCommand command = commands.Next(store.View);
            CommandResult result = store.Apply(command);
            string expected = model.Run(command, store.Store.AppliedIndex.Value, result);
            Assert.Equal((seed, step, expected), (seed, step, CoordinationModel.Tell(result)));
            Assert.Equal(model.Revision, store.Revision);
            statuses[result.Status] = statuses.GetValueOrDefault(result.Status) + 1;
            replayed += result.IsReplayed ? 1 : 0;
            if (step % 20 == 0)
            {
                Assert.Equal((seed, step, model.State), (seed, step, CoordinationModel.StateOf(store.View)));
            }
        }

        // Nothing is proved about what never happened.
        CommandStatus[] wanted =
        [
            CommandStatus.Ok, CommandStatus.GuardFailed, CommandStatus.LeaseNotFound, CommandStatus.AlreadySet, CommandStatus.LeaseExists,
            CommandStatus.LimitMismatch, CommandStatus.LockHeld, CommandStatus.QueueFull, CommandStatus.FenceLost,
            CommandStatus.FenceRequired, CommandStatus.IdempotencyReused, CommandStatus.GuardNotFound, CommandStatus.StaleTerm,
            CommandStatus.SessionUnknown, CommandStatus.SessionExists, CommandStatus.SessionFull, CommandStatus.IdempotencyExpired,
            CommandStatus.KeyFromFuture, CommandStatus.Overloaded, CommandStatus.AnswerNotKept,
        ];
        Assert.All(wanted, status => Assert.True(statuses.GetValueOrDefault(status) > 5, $"seed {seed}: {status} happened too seldom"));
        Assert.True(replayed > 100);
    }

    [Fact]
    public void The_same_entries_give_the_same_hash_whenever_it_is_published_saved_and_loaded()
    {
        CoordinationCommands commands = new(new DeterministicRandom(77));
        StoreHarness often = new();
        StoreHarness seldom = new();
        StoreHarness restarted = new();
        for (int step = 0; step < 3_000; step++)
        {
            byte[] command = KvCommandCodec.Encode(commands.Next(often.View));
            string answer = Describe.Command(often.ApplyBytes(command));
            Assert.Equal(answer, Describe.Command(seldom.ApplyBytes((byte[])command.Clone())));
            Assert.Equal(answer, Describe.Command(restarted.ApplyBytes((byte[])command.Clone())));
            if (step % 41 == 0)
            {
                restarted = new(Load(Snapshot(restarted.View, blockBytes: 100), blockBytes: 33));
                Assert.Equal(often.View.StateHash, seldom.View.StateHash);
                Assert.Equal(often.View.StateHash, restarted.View.StateHash);
                Assert.Equal(CoordinationModel.StateOf(often.View), CoordinationModel.StateOf(restarted.View));
                Assert.Equal([], KeyTreeInvariants.FindBroken(often.View.Records.Root));
            }
        }

        Assert.Equal(Snapshot(often.View), Snapshot(seldom.View));
        Assert.Equal(Snapshot(often.View), Snapshot(restarted.View));
    }

    [Fact]
    public void A_snapshot_with_system_records_that_is_damaged_anywhere_is_refused()
    {
        DeterministicRandom random = new(80);
        CoordinationCommands commands = new(random);
        StoreHarness store = new();
        for (int step = 0; step < 400; step++)
        {
            store.Apply(commands.Next(store.View));
        }

        byte[] snapshot = Snapshot(store.View);
        Assert.True(store.View.Records.Root.LiveCount > 20);
        for (int i = 0; i < 3_000; i++)
        {
            // The applied index alone is not covered by the state hash; the checksum of the file covers it.
            int place = random.Next(16, snapshot.Length);
            place = place < 24 ? snapshot.Length - place : place;
            byte[] damaged = (byte[])snapshot.Clone();
            damaged[place] ^= (byte)(1 << random.Next(8));
            Assert.Throws<FormatException>(() => Load(damaged));
            Assert.Throws<FormatException>(() => Load(snapshot[..place]));
        }
    }

    [Fact]
    public void K1_K2_and_K4_at_every_revision_a_lock_has_one_owner_with_a_live_lease_and_tokens_only_grow()
    {
        CoordinationCommands commands = new(new DeterministicRandom(78));
        StoreHarness store = new();
        SortedDictionary<string, long> lastTokens = new(StringComparer.Ordinal);
        int changes = 0;
        for (int step = 0; step < 6_000; step++)
        {
            store.Apply(commands.Next(store.View));
            foreach ((LockKind kind, string name) in new[] { (LockKind.Lock, "m"), (LockKind.Election, "m"), (LockKind.Election, "n") })
            {
                LockQueue queue = store.View.GetLockQueue(kind, Bytes(name));
                LockEntry[] owners = [.. queue.Entries.Where(entry => entry is { IsHolder: true, Mode: LockMode.Exclusive })];
                Assert.InRange(owners.Length, 0, 1);
                Assert.True(owners.Length == 0 || queue.HolderCount == 1);
                Assert.All(queue.Entries, entry => Assert.NotNull(store.View.GetLease(entry.Lease)));
                long token = owners.Length == 0 ? 0 : owners[0].Token.Value;
                long last = lastTokens.GetValueOrDefault($"{kind} {name}");
                Assert.True(token == 0 || token >= last, $"step {step}: token {token} after {last}");
                changes += token > last ? 1 : 0;
                lastTokens[$"{kind} {name}"] = Math.Max(token, last);
            }
        }

        Assert.True(changes > 100);
    }

    [Fact]
    public void Commands_come_back_as_they_were_and_damaged_ones_are_malformed_or_have_one_encoding()
    {
        DeterministicRandom random = new(79);
        CoordinationCommands commands = new(random);
        StoreHarness store = new();
        for (int step = 0; step < 1_500; step++)
        {
            KvCommand command = commands.Next(store.View);
            byte[] bytes = KvCommandCodec.Encode(command);
            Assert.True(KvCommandCodec.TryDecode(bytes, out KvCommand? decoded), command.ToString());
            Assert.Equal(bytes, KvCommandCodec.Encode(decoded!));
            Assert.Equal(command.GetType(), decoded!.GetType());
            for (int length = 0; length < bytes.Length; length++)
            {
                Assert.False(KvCommandCodec.TryDecode(bytes.AsMemory(0, length), out _));
            }

            Assert.False(KvCommandCodec.TryDecode((byte[])[.. bytes, 0], out _));
            for (int i = 0; i < 20; i++)
            {
                byte[] damaged = (byte[])bytes.Clone();
                damaged[random.Next(1, damaged.Length)] = (byte)random.Next(256);
                if (CommandNeeds.ToApply(damaged) > GateTable.ThisBuild.Newest)
                {
                    Assert.Throws<UnsupportedVersionException>(() => store.ApplyBytes(damaged));
                    continue;
                }

                bool isCommand = KvCommandCodec.TryDecode(damaged, out KvCommand? other);
                Assert.True(!isCommand || KvCommandCodec.Encode(other!).AsSpan().SequenceEqual(damaged));
                Assert.Equal(!isCommand, store.ApplyBytes(damaged).Status == CommandStatus.Malformed);
            }
        }
    }
}
