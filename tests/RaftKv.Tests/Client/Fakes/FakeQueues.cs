using System.Text;
using System.Text.Json.Nodes;

namespace RaftKv.Tests.Client.Fakes;

/// <summary>Locks, semaphores and elections of the fake.</summary>
internal sealed class FakeQueues(FakeStore store, FakeRaftKv owner)
{
    internal async Task<HttpResponseMessage> AnswerAsync(FakeRequest request, CancellationToken cancellationToken)
    {
        string[] parts = request.Path["/api/v1/".Length..].Split('/', 2);
        string kind = parts[0];
        string rest = Uri.UnescapeDataString(parts[1]);
        string? verb = new[] { "/keepalive", "/campaign", "/value", "/observe" }.FirstOrDefault(rest.EndsWith);
        string name = verb is null ? rest : rest[..^verb.Length];
        Place place = new($"_raftkv/{kind}/", name, kind);
        if (request.Method == "POST" && verb is null or "/campaign")
        {
            return await AcquireAsync(request, place, cancellationToken);
        }

        lock (store.Gate)
        {
            return (request.Method, verb) switch
            {
                ("POST", "/keepalive") => KeepAlive(request, place),
                ("DELETE", null) => Release(request, place),
                ("PUT", "/value") => Proclaim(request, place),
                ("GET", null) => kind == "elections" ? Leader(place) : Show(place),
                _ => FakeJson.Problem(404, "not-found"),
            };
        }
    }

    /// <summary>True when a fence header's token is a holder's.</summary>
    internal bool Holds(string fence)
    {
        string[] parts = fence.Split(';');
        string kind = parts.FirstOrDefault(static part => part.StartsWith("kind=", StringComparison.Ordinal))?[5..] + "s";
        Place place = new($"_raftkv/{(kind == "s" ? "locks" : kind)}/", Uri.UnescapeDataString(parts[0]), kind == "s" ? "locks" : kind);
        long token = long.Parse(parts[1]["token=".Length..]);
        return HoldersOf(place).Exists(waiter => waiter.Pair.CreateRevision == token);
    }

    private async Task<HttpResponseMessage> AcquireAsync(FakeRequest request, Place place, CancellationToken cancellationToken)
    {
        JsonObject json = request.Json;
        long wait = FakeJson.ParseMs(json["wait"], 30_000);
        long startMs = owner.NowMs;
        string? key = null;
        bool isDone = false;
        try
        {
            while (true)
            {
                Task changed;
                lock (store.Gate)
                {
                    long lease = FakeJson.ParseLease(json["lease"]);
                    if (!store.Leases.ContainsKey(lease))
                    {
                        isDone = true;
                        return FakeJson.Problem(404, "lease-not-found");
                    }

                    key ??= Enqueue(json, place, lease);
                    FakePair? mine = store.Get(key);
                    if (mine is not null && HoldersOf(place).Exists(waiter => waiter.Key == key))
                    {
                        isDone = true;
                        return Granted(json, place, key, mine, lease);
                    }

                    if (mine is null || owner.NowMs - startMs >= wait)
                    {
                        return FakeJson.Problem(409, "lock-held", more: Describe(place));
                    }

                    changed = store.Changed;
                }

                await Task.WhenAny(changed, Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            if (!isDone && key is not null)
            {
                lock (store.Gate)
                {
                    store.Write(() => store.Delete(key));
                }
            }
        }
    }

    private string Enqueue(JsonObject json, Place place, long lease)
    {
        char mode = place.Kind switch
        {
            "semaphores" => 'n',
            "locks" when json["mode"]?.GetValue<string>() == "shared" => 's',
            _ => 'x',
        };
        string key = FakeStore.Latin1(place.Root + place.Name) + $"\0{mode}\0{FakeJson.LeaseId(lease)}";
        string value = place.Kind switch
        {
            "semaphores" => $"{json["limit"]!.GetValue<int>()} {json["owner"]?.GetValue<string>()}",
            "elections" => json["value"]?.GetValue<string>() ?? "",
            _ => json["owner"]?.GetValue<string>() ?? "",
        };
        if (store.Get(key) is null)
        {
            store.Write(() => store.Put(key, Encoding.UTF8.GetBytes(value), lease));
        }

        return key;
    }

    private HttpResponseMessage Granted(JsonObject json, Place place, string key, FakePair mine, long lease)
    {
        JsonObject answer = new()
        {
            ["name"] = place.Name,
            ["lease"] = FakeJson.LeaseId(lease),
            ["ttlMs"] = store.Leases[lease].TtlMs,
            ["key"] = key,
            ["revision"] = store.Revision,
        };
        answer[place.Kind == "elections" ? "token" : "fencingToken"] = mine.CreateRevision;
        answer["owner"] = json["owner"]?.GetValue<string>();
        return FakeJson.Answer(201, answer);
    }

    private HttpResponseMessage KeepAlive(FakeRequest request, Place place)
    {
        if (Holder(request, place) is not { } holder)
        {
            return FakeJson.Problem(412, "not-holder");
        }

        FakeLease lease = store.Leases[holder.Pair.Lease];
        store.Renew(lease, owner.NowMs + lease.TtlMs);
        return FakeJson.Answer(200, new JsonObject { ["name"] = place.Name, ["ttlMs"] = lease.TtlMs, ["remainingMs"] = lease.TtlMs });
    }

    private HttpResponseMessage Release(FakeRequest request, Place place)
    {
        if (Waiter(request, place) is not { } waiter)
        {
            return FakeJson.Problem(412, "not-holder");
        }

        store.Write(() => store.Delete(waiter.Key));
        return FakeJson.Answer(200, new JsonObject { ["released"] = true, ["revision"] = store.Revision });
    }

    private HttpResponseMessage Proclaim(FakeRequest request, Place place)
    {
        if (Holder(request, place) is not { } holder)
        {
            return FakeJson.Problem(412, "not-holder");
        }

        store.Write(() => store.Put(holder.Key, request.Body, holder.Pair.Lease));
        return FakeJson.Answer(200, new JsonObject { ["revision"] = store.Revision });
    }

    private HttpResponseMessage Leader(Place place)
    {
        FakeWaiter? leader = HoldersOf(place).FirstOrDefault();
        return FakeJson.Answer(200, new JsonObject
        {
            ["name"] = place.Name,
            ["leader"] = leader is null ? null : new JsonObject
            {
                ["token"] = leader.Pair.CreateRevision,
                ["value"] = Encoding.UTF8.GetString(leader.Pair.Value),
                ["encoding"] = "utf-8",
                ["lease"] = FakeJson.LeaseId(leader.Pair.Lease),
                ["revision"] = leader.Pair.ModRevision,
            },
            ["candidateCount"] = store.Queue(place.Root, place.Name).Count,
            ["revision"] = store.Revision,
        });
    }

    private HttpResponseMessage Show(Place place)
    {
        JsonObject json = Describe(place);
        json["name"] = place.Name;
        json["queue"] = new JsonArray();
        json["revision"] = store.Revision;
        return FakeJson.Answer(200, json);
    }

    private JsonObject Describe(Place place)
    {
        List<FakeWaiter> holders = HoldersOf(place);
        JsonArray list = [];
        foreach (FakeWaiter holder in holders)
        {
            list.Add(new JsonObject
            {
                ["fencingToken"] = holder.Pair.CreateRevision,
                ["owner"] = Encoding.UTF8.GetString(holder.Pair.Value),
                ["lease"] = FakeJson.LeaseId(holder.Pair.Lease),
                ["mode"] = holder.Mode == 's' ? "shared" : "exclusive",
            });
        }

        return new JsonObject { ["holders"] = list, ["queueLength"] = store.Queue(place.Root, place.Name).Count - holders.Count };
    }

    private FakeWaiter? Holder(FakeRequest request, Place place) =>
        HoldersOf(place).Find(waiter => $"{waiter.Pair.CreateRevision}" == request.Query["token"]);

    private FakeWaiter? Waiter(FakeRequest request, Place place) =>
        store.Queue(place.Root, place.Name).Find(waiter => $"{waiter.Pair.CreateRevision}" == request.Query["token"]);

    private List<FakeWaiter> HoldersOf(Place place)
    {
        List<FakeWaiter> queue = store.Queue(place.Root, place.Name);
        int limit = queue is [{ Mode: 'n' } first, ..] ? int.Parse(Encoding.UTF8.GetString(first.Pair.Value).Split(' ')[0]) : 1;
        return FakeStore.Holders(queue, limit);
    }

    private sealed record Place(string Root, string Name, string Kind);
}
