using System.Text;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Calls;
using RaftKv.Service.Observing;
using RaftKv.Service.Refusals;
using RaftKv.Tests.Api;

namespace RaftKv.Tests.Service;

/// <summary>One place sees every read, write and lease of every door: who calls, what it is about, how it ended.</summary>
public sealed class CallObserverTests : IAsyncLifetime
{
    private readonly Recorder _seen = new();
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(new ApiOptions { Observers = [_seen] });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Both_doors_reads_and_writes_are_seen_with_caller_keys_and_outcome()
    {
        await _host.SendAsync("PUT", "/api/v1/kv/a", "1");
        await _host.SendAsync("PUT", "/api/v1/kv/a", "2", null, ("If-None-Match", "*"));
        await _host.SendAsync("GET", "/api/v1/kv/a");
        await _host.SendAsync("GET", "/api/v1/kv?prefix=b");
        await _host.PostAsync("/v3/kv/put", """{"key":"Yg==","value":"MQ=="}""");
        await _host.PostAsync("/v3/kv/range", """{"key":"Yg=="}""");
        Assert.Equal(
            [
                "http write MutateCommand Applied", "http write MutateCommand Refused", "http read a Served", "http read b.. Served",
                "etcd write MutateCommand Applied", "etcd read b Served",
            ],
            _seen.Lines);
        Assert.All(_seen.Callers, static caller => Assert.NotNull(caller.Address));
    }

    [Fact]
    public async Task Both_doors_leases_are_seen_and_one_that_is_gone_is_a_refusal()
    {
        await _host.PostAsync("/api/v1/leases", """{"ttl":"60s","id":"1b"}""");
        _seen.Lines.Clear();
        await _host.PostAsync("/api/v1/leases/1b/keepalive", "");
        await _host.SendAsync("GET", "/api/v1/leases/1b");
        await _host.PostAsync("/api/v1/leases/99/keepalive", "");
        await _host.PostAsync("/v3/lease/timetolive", """{"ID":"27"}""");
        Assert.Equal(
            [
                "http renewal 1b lives", "http read - Served", "http look 1b lives",
                "http renewal 99 LeaseNotFound", "etcd look 1b lives", "etcd read - Served",
            ],
            _seen.Lines);
    }

    [Fact]
    public async Task What_is_counted_is_one_who_sees()
    {
        await _host.PostAsync("/api/v1/leases/99/keepalive", "");
        string metrics = await _host.Client.GetStringAsync("/metrics");
        Assert.Contains("raftkv_lease_requests_total{kind=\"renewal\",outcome=\"gone\"} 1\n", metrics, StringComparison.Ordinal);
    }

    private sealed class Recorder : ICallObserver
    {
        public List<string> Lines { get; } = [];

        public List<CallOrigin> Callers { get; } = [];

        public void ReadEnded(ICallFacts call, ReadEnd end, long? stalenessMs) => Add(call, $"read {TextOf(call.Keys)} {end}");

        public void WriteEnded(ICallFacts call, KvCommand command, WriteEnd end) => Add(call, $"write {command.GetType().Name} {end}");

        public void LeaseAsked(ICallFacts call, LeaseId lease, bool isRenewal, ApiError? refusal) =>
            Add(call, $"{(isRenewal ? "renewal" : "look")} {lease} {refusal?.Code.ToString() ?? "lives"}");

        public void AccessRefused(ICallFacts call, ApiError refusal) => Add(call, $"refused {refusal.Code}");

        public void WatchOpened(ICallFacts call, KeyRange keys) => Add(call, $"watch {TextOf(keys)}");

        private static string TextOf(KeyRange? keys) => keys is not { } range ? "-"
            : Encoding.UTF8.GetString(range.Start.Span) + (range.Kind == KeyRangeKind.Single ? "" : "..");

        private void Add(ICallFacts call, string line)
        {
            Lines.Add($"{call.Origin.Door} {line}");
            Callers.Add(call.Origin);
        }
    }
}
