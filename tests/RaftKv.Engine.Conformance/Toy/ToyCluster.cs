using RaftKv.Core;

namespace RaftKv.Engine.Conformance.Toy;

/// <summary>A cluster of the toy; keeps every promise, or breaks the one that is named.</summary>
public sealed class ToyCluster(int nodes, ToyFault fault = ToyFault.None) : IEngineCluster
{
    private readonly ToyLog _log = new(nodes, fault);
    private readonly ToyEngine?[] _engines = new ToyEngine?[nodes];
    private int _lives;

    public IEngine this[int index] => _engines[index] ?? throw new InvalidOperationException($"engine {index} does not run");

    public void Start(int index) => _engines[index] = new ToyEngine(_log, fault, index, ++_lives, nodes);

    public Task StopAsync(int index) => End(index, isPowerCut: false);

    public Task CutPowerAsync(int index) => End(index, isPowerCut: true);

    public void CutOff(int index) => _log.SetCutOff(index, isCutOff: true);

    public void Mend(int index) => _log.SetCutOff(index, isCutOff: false);

    public async Task<int> LeaderAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (true)
        {
            for (int i = 0; i < nodes; i++)
            {
                if (_engines[i] is { Status.Role: Role.Leader })
                {
                    return i;
                }
            }

            await timer.WaitForNextTickAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (int i = 0; i < nodes; i++)
        {
            if (_engines[i] is not null)
            {
                await StopAsync(i);
            }
        }
    }

    private Task End(int index, bool isPowerCut)
    {
        ToyEngine engine = _engines[index]!;
        _engines[index] = null;
        return engine.StopAsync(isPowerCut);
    }
}
