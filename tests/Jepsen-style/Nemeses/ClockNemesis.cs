using System.Globalization;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// The wall clock of one node jumps, by seconds to years, forth and back, with libfaketime. Nothing may depend on it:
/// the monotonic clock stays right.
/// </summary>
internal sealed class ClockNemesis : RepeatingNemesis
{
    private static readonly string[] Places =
    [
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
        "/usr/lib/faketime/libfaketimeMT.so.1", "/usr/lib64/faketime/libfaketimeMT.so.1", "/usr/local/lib/faketime/libfaketimeMT.so.1",
    ];

    public override string Name => "clock";

    public override string? WhyNot => Library is null ? "libfaketime is not installed" : null;

    private static string? Library => Places.FirstOrDefault(File.Exists);

    public override void Prepare(LocalCluster cluster)
    {
        foreach (ServerProcess node in cluster.Nodes)
        {
            Set(node, 0);
            node.Environment["LD_PRELOAD"] = Library!;
            node.Environment["FAKETIME_TIMESTAMP_FILE"] = OffsetFile(node);
            node.Environment["FAKETIME_CACHE_DURATION"] = "1";
            node.Environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
            node.Environment["DONT_FAKE_MONOTONIC"] = "1";
        }
    }

    public override async Task StrikeAsync(Strike strike)
    {
        ServerProcess node = strike.AnyNode();
        int[] sizes = [2, 30, 600, 86_400, 315_360_000];
        long start = strike.History.NowNs;
        long farthest = 0;
        for (int jumps = strike.Random.Next(1, 4); jumps > 0 && !strike.End.IsCancellationRequested; jumps--)
        {
            int size = sizes[strike.Random.Next(sizes.Length)];
            Set(node, strike.Random.Next(-size, size));
            await strike.PauseAsync(1200, 2000);
            farthest = Math.Max(farthest, Math.Abs(await OffAsync(node)));
        }

        Set(node, 0);
        strike.Note("clock", node.Name, start, string.Create(CultureInfo.InvariantCulture, $"off by up to {farthest} s"));
    }

    private static string OffsetFile(ServerProcess node) => node.DataDirectory + ".clock";

    private static void Set(ServerProcess node, int seconds) =>
        File.WriteAllText(OffsetFile(node), seconds.ToString("+0;-0", CultureInfo.InvariantCulture) + "\n");

    /// <summary>By how much the Date of the node's answers differs from ours: the proof that the jump arrived.</summary>
    private static async Task<long> OffAsync(ServerProcess node)
    {
        using var session = new NodeSession(node.Name, node.ClientPort, TimeSpan.FromSeconds(2));
        try
        {
            HttpAnswer answer = await session.GetAsync("/livez");
            return DateTimeOffset.TryParse(answer.Header("Date"), CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset date)
                ? (long)(date - DateTimeOffset.UtcNow).TotalSeconds
                : 0;
        }
        catch (HttpFailureException)
        {
            return 0;
        }
    }
}
