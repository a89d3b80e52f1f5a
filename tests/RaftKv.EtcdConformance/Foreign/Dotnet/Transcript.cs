using Grpc.Core;

namespace RaftKv.EtcdConformance.Foreign.Dotnet;

/// <summary>What calls of the package dotnet-etcd were answered, a line each, in words that hold for any server.</summary>
internal sealed class Transcript
{
    // Far beyond what a call takes on a busy machine: only a hang is cut off.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Makes a call and notes how it ended: what is shown of its answer, or its status with the server's text.</summary>
    public async Task<T?> SayAsync<T>(string call, Func<Task<T>> run, Func<T, string> show)
        where T : class
    {
        T? answer = null;
        string end;
        try
        {
            answer = await run().WaitAsync(_patience);
            end = show(answer);
        }
        catch (RpcException e)
        {
            end = $"{e.StatusCode} {e.Status.Detail}";
        }

        Note($"{call}: {end}");
        return answer;
    }

    /// <summary>The same of a call whose answer is of no interest.</summary>
    public Task SayAsync(string call, Func<Task> run) => SayAsync(
        call,
        async () =>
        {
            await run();
            return "ok";
        },
        static text => text);

    public void Note(string line) => _lines.Add(line.TrimEnd());
}
