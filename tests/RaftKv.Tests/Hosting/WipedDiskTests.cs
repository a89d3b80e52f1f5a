using System.Net;
using System.Text.Json;
using RaftKv.Core.Tests.Architecture.Pages;

namespace RaftKv.Tests.Hosting;

/// <summary>
/// Traps 19 and 20 on real processes: an empty disk under a known name is a new disk. Nothing acknowledged is lost, or the
/// cluster says that it can't go on.
/// </summary>
public sealed class WipedDiskTests : IAsyncLifetime
{
    private const int MemberExit = 7;
    private readonly ThreeNodes _cluster = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _cluster.DisposeAsync().AsTask();

    [Fact]
    public async Task An_acknowledged_write_outlives_a_stopped_a_wiped_and_another_stopped_node()
    {
        await _cluster.StartAllAsync();
        await _cluster.KillAsync(2);
        await _cluster.MustCreateAsync(0, "acknowledged");
        await _cluster.KillAsync(1);
        Directory.Delete(_cluster.DataOf(1), recursive: true);
        await _cluster.KillAsync(0);

        // The two that have never heard of the write, or have forgotten it, are a majority by name.
        _cluster.Start(2);
        _cluster.Start(1);
        Assert.Equal(MemberExit, await _cluster[1].WaitForExitAsync());
        Assert.Contains("was founded with another data directory of n2", _cluster[1].Output);
        Assert.DoesNotContain("bug", _cluster[1].Output);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await _cluster.GetAsync(2, "acknowledged"));

        // With the one that remembers there is a majority of directories again.
        _cluster.Start(0);
        await _cluster.ReadyAsync(0);
        await _cluster.MustFindAsync(0, "acknowledged");
        await _cluster.MustFindAsync(2, "acknowledged");

        // The wiped one is refused as long as it is started, and disturbs nobody.
        await _cluster.KillAsync(1);
        _cluster.Start(1);
        Assert.Equal(MemberExit, await _cluster[1].WaitForExitAsync());
        await _cluster.MustCreateAsync(2, "later");
    }

    [Fact]
    public async Task A_lost_disk_is_replaced_by_one_command_and_the_cluster_survives_the_next_loss()
    {
        await _cluster.StartAllAsync();
        await _cluster.MustCreateAsync(0, "before");
        await _cluster.KillAsync(1);
        Directory.Delete(_cluster.DataOf(1), recursive: true);
        await _cluster.MustCreateAsync(0, "while lost");

        DocumentedLine line = Assert.Single(
            DocumentedLine.OfBlocks,
            static one => one.Page == "docs/operations.md" && one.Text.Contains(" --replace ", StringComparison.Ordinal));
        _cluster.StartAs(1, DocumentedLine.WordsOf(line.Text)[1..].Select(word => word switch
        {
            "NEW" => _cluster.DataOf(1),
            "http://10.0.0.2:2379" => _cluster.Url(1, ""),
            "http://10.0.0.2:2380" => _cluster.PeerUrl(1),
            "http://10.0.0.1:2379" => _cluster.Url(0, ""),
            _ => word,
        }));
        await _cluster.ReadyAsync(1);
        Assert.Contains("n2", await _cluster.VotersAsync(0, 3));

        // The new disk counts now: with another voter gone it is half of the majority, and has all there was.
        await _cluster.KillAsync(2);
        await _cluster.MustCreateAsync(1, "after");
        foreach (string key in (string[])["before", "while lost", "after"])
        {
            await _cluster.MustFindAsync(1, key);
        }

        // It starts again as what it is, without being told.
        await _cluster.KillAsync(1);
        _cluster.Start(1);
        await _cluster.ReadyAsync(1);
        _cluster.Start(2);
        await _cluster.ReadyAsync(2);
        await _cluster.MustFindAsync(2, "after");
    }

    [Fact]
    public async Task A_cluster_of_one_grows_to_three_while_it_serves()
    {
        _cluster.StartAlone(0);
        await _cluster.ReadyAsync(0);
        await _cluster.MustCreateAsync(0, "first");
        _cluster.StartJoining(1, "n2");
        await _cluster.ReadyAsync(1);
        _cluster.StartJoining(2, "n3");
        await _cluster.ReadyAsync(2);
        await _cluster.VotersAsync(2, 3);

        // Two of three go on without the one that founded the cluster.
        await _cluster.KillAsync(0);
        await _cluster.MustFindAsync(2, "first");
        await _cluster.MustCreateAsync(1, "second");
    }

    [Fact]
    public async Task A_name_that_is_taken_is_not_joined_by_mistake()
    {
        await _cluster.StartAllAsync();
        await _cluster.KillAsync(1);
        Directory.Delete(_cluster.DataOf(1), recursive: true);

        _cluster.StartJoining(1, "n2");

        Assert.Equal(MemberExit, await _cluster[1].WaitForExitAsync());
        Assert.Contains("--replace n2", _cluster[1].Output);
    }

    [Fact]
    public async Task With_two_of_three_wiped_the_cluster_does_not_go_on_and_does_not_begin_anew()
    {
        await _cluster.StartAllAsync();
        await _cluster.MustCreateAsync(0, "acknowledged");
        for (int i = 0; i < 3; i++)
        {
            await _cluster.KillAsync(i);
        }

        Directory.Delete(_cluster.DataOf(1), recursive: true);
        Directory.Delete(_cluster.DataOf(2), recursive: true);
        _cluster.Start(1);
        _cluster.Start(2);
        await _cluster[1].WaitForOutputAsync("not founded yet");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await _cluster.GetAsync(1, "acknowledged"));
        _cluster.Start(0);

        Assert.Equal(MemberExit, await _cluster[1].WaitForExitAsync());
        Assert.Equal(MemberExit, await _cluster[2].WaitForExitAsync());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await _cluster.GetAsync(0, "acknowledged"));
    }

    [Fact]
    public async Task A_copy_of_a_directory_is_noticed_and_ends()
    {
        await _cluster.StartAllAsync();
        await _cluster.KillAsync(1);
        string copy = Path.Combine(_cluster.Directory, "copy");
        await CopyAsync(_cluster.DataOf(1), copy);
        _cluster.Start(1);
        await _cluster.ReadyAsync(1);

        // The copy counts on from where it was taken: the same start, made by another process.
        await _cluster.KillAsync(1);
        Directory.Delete(_cluster.DataOf(1), recursive: true);
        Directory.Move(copy, _cluster.DataOf(1));
        _cluster.Start(1);

        Assert.Equal(MemberExit, await _cluster[1].WaitForExitAsync());
        Assert.Contains("is there twice", _cluster[1].Output);
        await _cluster.MustCreateAsync(0, "goes on");
    }

    [Fact]
    public async Task A_cluster_waits_for_every_listed_node_once_and_for_a_majority_later()
    {
        _cluster.Start(0);
        _cluster.Start(1);
        await _cluster[0].WaitForOutputAsync("waiting for n3");
        Assert.Equal(HttpStatusCode.OK, (await _cluster.Http.GetAsync(_cluster.Url(0, "/livez"))).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _cluster.Http.GetAsync(_cluster.Url(0, "/readyz"))).StatusCode);

        // A node that waits stops when it is told to.
        _cluster[1].Signal(ServerProcess.SigTerm);
        Assert.Equal(0, await _cluster[1].WaitForExitAsync());
        await _cluster.KillAsync(1);
        _cluster.Start(1);
        _cluster.Start(2);
        await _cluster.ReadyAsync(0);
        for (int i = 0; i < 3; i++)
        {
            await _cluster.KillAsync(i);
        }

        _cluster.Start(0);
        _cluster.Start(2);
        await _cluster.ReadyAsync(0);
        using JsonDocument status = JsonDocument.Parse(await _cluster.Http.GetStringAsync(_cluster.Url(0, "/api/v1/cluster")));
        Assert.Equal(3, status.RootElement.GetProperty("members").GetArrayLength());
    }

    private static async Task CopyAsync(string from, string to)
    {
        using var process = System.Diagnostics.Process.Start("cp", ["-a", from, to]);
        await process.WaitForExitAsync();
    }
}
