using System.Diagnostics;
using RaftKv.EtcdConformance.Clients;
using RaftKv.EtcdConformance.Servers;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Snapshots;

/// <summary>The way in: a snapshot that etcdctl saved of a real etcd becomes a RaftKv with the same keys.</summary>
public sealed class ImportTests
{
    [EtcdTheory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task An_etcd_is_imported_with_keys_values_versions_and_revisions(bool isCompacted, bool keepsLeases)
    {
        await using ServerUnderTest etcd = await ServerUnderTest.StartEtcdAsync();
        using var source = new GrpcClient(etcd.Client);
        string directory = Directory.CreateTempSubdirectory("raftkv-import-").FullName;
        try
        {
            await SnapshotTests.FillAsync(source);
            if (isCompacted)
            {
                await SnapshotTests.CompactAsync(source);
            }

            RangeResponse expected = await SnapshotTests.ReadAsync(source, revision: 0);
            string file = Path.Combine(directory, "s.db");
            string data = Path.Combine(directory, "data");
            await SnapshotTests.RunAsync($"--endpoints={etcd.Client.Authority}", "snapshot", "save", file);
            await ImportAsync(keepsLeases ? ["--from", file, "--data-dir", data, "--keep-leases"] : ["--from", file, "--data-dir", data]);
            await using ServerUnderTest raftkv = await ServerUnderTest.StartRaftKvAsync(data);
            using var imported = new GrpcClient(raftkv.Client);

            // Without their leases, keys that hang on one have ended with it.
            RangeResponse actual = await SnapshotTests.ReadAsync(imported, revision: 0);
            Assert.Equal(expected.Kvs.Where(pair => keepsLeases || pair.Lease == 0), actual.Kvs);
            Assert.Contains(expected.Kvs, static pair => pair.Lease != 0);
            Assert.True(actual.Header.Revision >= expected.Header.Revision + 1_000_000_000);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task ImportAsync(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])[Path.Combine(AppContext.BaseDirectory, "raftkv.dll"), "import", "etcd", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
    }
}
