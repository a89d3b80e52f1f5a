using System.Diagnostics;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.Tests.GeneratedClients;
using RaftKv.Tests.Storage;

namespace RaftKv.Tests.Backups;

/// <summary>A real object store in a directory of its own, by the script that the trials use; it ends when this does.</summary>
internal sealed class RealStore : IAsyncDisposable
{
    public const string RadosGateway = "radosgw";
    public const string Swift = "swift";
    private const int Ports = 4;

    private readonly Process _process;
    private readonly TemporaryDirectory _directory;
    private readonly Dictionary<string, string> _variables = [];

    private RealStore(Process process, TemporaryDirectory directory) => (_process, _directory) = (process, directory);

    public string Endpoint => _variables["STORE_ENDPOINT"];

    public string Bucket => _variables["STORE_BUCKET"];

    public string AccessKey => _variables["AWS_ACCESS_KEY_ID"];

    public string SecretKey => _variables["AWS_SECRET_ACCESS_KEY"];

    public static async Task<RealStore> StartAsync(string name)
    {
        var directory = new TemporaryDirectory();
        string script = Path.Combine(Command.Root, "tests", "ObjectStores", $"{name}.sh");
        string port = PortPool.TakeRow(Ports).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("bash", [script, "run", directory.Path, port])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process = Process.Start(start)!;
        var store = new RealStore(process, directory);
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string? line;
            while ((line = await process.StandardOutput.ReadLineAsync()) != "ready")
            {
                Assert.True(line is not null, $"{name} does not start: {(line is null ? await errors : "")}");
            }

            store.ReadVariables(directory.File("env"));
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Dispose();
    }

    // As the script wrote them: export NAME=VALUE NAME=VALUE.
    private void ReadVariables(string file)
    {
        foreach (string pair in File.ReadAllLines(file).SelectMany(static line => line["export ".Length..].Split(' ')))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            _variables[pair[..equals]] = pair[(equals + 1)..];
        }
    }
}
