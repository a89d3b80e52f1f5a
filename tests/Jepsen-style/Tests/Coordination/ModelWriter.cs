using System.Globalization;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Tests.Coordination;

/// <summary>
/// The only writer under watch/: one write after the other, each until it is acknowledged. So it knows by itself what
/// every watch must tell.
/// </summary>
internal sealed class ModelWriter
{
    private const int KeyCount = 8;
    private readonly Dictionary<string, (long Created, long Version)> _alive = [];
    private readonly Random _random = new(3);
    private int _value;

    public List<WatchedChange> Changes { get; } = [];

    /// <summary>Makes so many changes and gives the revision of the last.</summary>
    public async Task<long> WriteAsync(PatientClient client, int count)
    {
        for (int i = 0; i < count; i++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"watch/{_random.Next(KeyCount)}");
            bool isDelete = _alive.ContainsKey(key) && _random.Next(4) == 0;
            await (isDelete ? DeleteAsync(client, key) : PutAsync(client, key));
        }

        return Changes[^1].Revision;
    }

    private async Task PutAsync(PatientClient client, string key)
    {
        string value = string.Create(CultureInfo.InvariantCulture, $"{++_value}");
        HttpAnswer answer = await client.MustAsync("PUT", $"/api/v1/kv/{key}", value);
        long revision = answer.Number(HeaderNames.Revision)!.Value;
        (long created, long version) = _alive.GetValueOrDefault(key);
        _alive[key] = version == 0 ? (revision, 1) : (created, version + 1);
        Changes.Add(new WatchedChange(revision, key, value, _alive[key].Created, _alive[key].Version));
    }

    private async Task DeleteAsync(PatientClient client, string key)
    {
        HttpAnswer answer = await client.MustAsync("DELETE", $"/api/v1/kv/{key}");
        _alive.Remove(key);
        Changes.Add(new WatchedChange(answer.Number(HeaderNames.Revision)!.Value, key, null, 0, 0));
    }
}
