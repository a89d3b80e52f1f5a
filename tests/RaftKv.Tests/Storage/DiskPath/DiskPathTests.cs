using RaftKv.Node;

namespace RaftKv.Tests.Storage.DiskPath;

/// <summary>
/// The real disk path, which no kill of a process can test, since the kernel keeps what was written: the production
/// writer, disk and device over recorded calls, with the power cut after each of them. R6, R9.
/// </summary>
public sealed class DiskPathTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_was_called_durable_outlives_a_power_cut_after_any_call(ulong seed)
    {
        (DiskLife life, RecordingCalls recorder) = Live(seed, DiskLie.None, failAt: 0);

        Assert.Null(life.Failure);
        Assert.True(life.States.Count > 80 && recorder.Records.Any(r => r.Promise is { Snapshot: > 0 }), "the life shows what it should");
        Assert.Null(PowerCuts.FindLoss(recorder.Records, life.States, seed));
    }

    [Theory]
    [InlineData(DiskLie.TwoOfThreeSyncsSkipped)]
    [InlineData(DiskLie.NoFileSync)]
    [InlineData(DiskLie.NoDirectorySync)]
    [InlineData(DiskLie.ShortWriteIsWhole)]
    [InlineData(DiskLie.AcknowledgedBeforeTheSync)]
    public void A_sabotaged_disk_path_is_found(DiskLie lie)
    {
        string? loss = null;
        for (ulong seed = 1; seed <= 5 && loss is null; seed++)
        {
            try
            {
                (DiskLife life, RecordingCalls recorder) = Live(seed, lie, failAt: 0);
                loss = PowerCuts.FindLoss(recorder.Records, life.States, seed);
            }
            catch (Core.Disk.Device.StorageCorruptException refused)
            {
                // The next process of the same machine finds it already.
                loss = refused.Message;
            }
        }

        Assert.NotNull(loss);
    }

    [Fact]
    public void A_call_that_fails_is_its_threads_last_one_and_nothing_is_called_durable_because_of_it()
    {
        const ulong Seed = 4;
        int calls = Live(Seed, DiskLie.None, failAt: 0).Recorder.CallCount;
        for (int failAt = 1; failAt <= calls; failAt += 13)
        {
            (DiskLife life, RecordingCalls recorder) = Live(Seed, DiskLie.None, failAt);
            if (recorder.CallCount < failAt)
            {
                // What gathers while a sync runs goes out with the next one: a quick disk is called more often.
                break;
            }

            Assert.Equal(NodeFailureKind.Disk, life.Failure?.Kind);

            // The other thread, snapshots or log, may end what it is at: whatever it calls durable must be.
            Assert.Equal(0, recorder.CallsAfterFailure);
            Assert.Null(PowerCuts.FindLoss(recorder.Records, life.States, Seed, from: recorder.RecordsAtFailure - 1));
        }
    }

    private static (DiskLife Life, RecordingCalls Recorder) Live(ulong seed, DiskLie lie, int failAt)
    {
        using var directory = new TemporaryDirectory();
        var recorder = new RecordingCalls(seed) { FailAt = failAt };
        var life = new DiskLife(directory.Path, recorder, lie, seed);
        life.Run();
        return (life, recorder);
    }
}
