using System.Globalization;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Rights;
using RaftKv.Service.Access;
using RaftKv.Service.Sessions;
using RaftKv.Tests.Access;
using RaftKv.Tests.Api;
using static RaftKv.Tests.Access.AccessHost;

namespace RaftKv.Tests.Fuzz;

/// <summary>
/// The corpora with credentials of all kinds, whole and broken, of callers who may do nothing with what they ask for: none is
/// shown a value or a name, none changes anything, and none finds a defect. RAFTKV_FUZZ=n tries n times as many.
/// </summary>
public sealed class AccessFuzzTests
{
    // In every value and in a name under every prefix that the corpora ask for.
    private const string Secret = "dragonfly-7f3a";

    private static readonly string[] _traces = [Secret, .. Base64Of(Secret)];

    private static readonly int _rounds = int.Parse(
        Environment.GetEnvironmentVariable("RAFTKV_FUZZ") ?? "1", NumberStyles.None, CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("rest.txt")]
    [InlineData("gateway.txt")]
    [InlineData("access.txt")]
    public async Task Whoever_may_not_is_shown_nothing_and_changes_nothing_over_http(string corpus)
    {
        await using AccessHost host = await HostAsync(HttpProtocols.Http1AndHttp2);
        IReadOnlyList<CorpusItem> items = CorpusItem.Read(corpus);
        Assert.True(items.Count > 10, "hardly anything in the corpus");
        string[] whole = await CredentialsAsync(host);
        for (int seed = 1; seed <= _rounds; seed++)
        {
            var random = new DeterministicRandom((ulong)seed);
            var mutator = new Mutator(random);
            foreach (CorpusItem item in items)
            {
                List<byte[]> requests = [];
                foreach (string credentials in whole)
                {
                    requests.Add(WireOf(item.Head, item.Body, Encoding.Latin1.GetBytes(credentials)));
                    byte[] broken = credentials.Length == 0 ? [] : mutator.Break(Encoding.Latin1.GetBytes(credentials));
                    requests.Add(WireOf(item.Head, item.Body, broken));
                    requests.Add(WireOf(
                        mutator.Break(item.Head), item.Body.Length > 0 ? mutator.Break(item.Body) : item.Body,
                        Encoding.Latin1.GetBytes(credentials)));
                }

                await CheckAsync(host, requests, isDone: null);
            }
        }
    }

    [Fact]
    public async Task Whoever_may_not_is_shown_nothing_and_changes_nothing_over_grpc()
    {
        await using AccessHost host = await HostAsync(HttpProtocols.Http2);
        string[] whole = [.. (await CredentialsAsync(host)).Where(static shown => shown.Length is > 0 and < 120)];
        for (int seed = 1; seed <= _rounds; seed++)
        {
            var random = new DeterministicRandom((ulong)seed);
            var mutator = new Mutator(random);
            foreach ((string path, IMessage message) in GrpcCorpus.Calls)
            {
                List<byte[]> requests = [Http2Request.Of(path, message.ToByteArray())];
                foreach (string credentials in whole)
                {
                    string token = credentials[(credentials.IndexOf(' ', StringComparison.Ordinal) + 1)..];
                    requests.Add(Http2Request.Of(path, message.ToByteArray(), headers: ("authorization", credentials)));
                    requests.Add(Http2Request.Of(path, message.ToByteArray(), headers: ("token", token)));
                    requests.Add(Http2Request.Of(path, mutator.Break(message.ToByteArray()), headers: ("token", token)));
                }

                await CheckAsync(host, requests, static answer => answer.Contains("grpc-status", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task A_secret_that_is_shown_and_a_change_that_is_made_are_found()
    {
        await using AccessHost host = await HostAsync(HttpProtocols.Http1AndHttp2);
        string root = Basic("root").Value;
        byte[] read = WireOf("GET /api/v1/kv/fuzz/a HTTP/1.1\r\nHost: x\r\n"u8.ToArray(), [], Encoding.ASCII.GetBytes(root));
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => CheckAsync(host, [read], isDone: null));
        byte[] list = WireOf(
            "POST /v3/kv/range HTTP/1.1\r\nHost: x\r\n"u8.ToArray(), """{"key":"AA==","range_end":"AA==","keys_only":true}"""u8.ToArray(),
            Encoding.ASCII.GetBytes(root));
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => CheckAsync(host, [list], isDone: null));
        foreach (string change in (string[])["PUT /api/v1/kv/zoo", "POST /api/v1/auth/disable", "DELETE /api/v1/leases/7"])
        {
            byte[] wire = WireOf(
                Encoding.ASCII.GetBytes(change + " HTTP/1.1\r\nHost: x\r\n"), "{}"u8.ToArray(), Encoding.ASCII.GetBytes(root));
            await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => CheckAsync(host, [wire], isDone: null));
        }
    }

    // Everything that the corpora ask for is there, and is nobody's but root's.
    private static async Task<AccessHost> HostAsync(HttpProtocols protocols)
    {
        AccessHost host = await AccessHost.StartAsync(protocols: protocols);
        await host.UserAsync("eve", KeyRights.All, "eve/");
        await RootAsync(host, new GrantLeaseCommand(new LeaseId(7), 600_000));
        string[] keys = ["a", "fuzz", "fuz", "foo", "fuzz/b", "fuzz/c", "fuzz/d", "fuzz/e", "fuzz/" + Secret, "fuz" + Secret];
        foreach (string key in keys)
        {
            await RootAsync(host, new MutateCommand(new PutOp(Bytes(key), Bytes(Secret))));
        }

        await RootAsync(host, new MutateCommand(new PutOp(Bytes("fuzz/a"), Bytes(Secret), new LeaseId(7))));
        await RootAsync(host, new MutateCommand(new PutOp(Bytes("fuzz/n"), Bytes("41"))));
        foreach (LockKind kind in (LockKind[])[LockKind.Lock, LockKind.Election])
        {
            await RootAsync(host, new MutateCommand(new AcquireOp(
                kind, Bytes("fuzz"), LockMode.Exclusive, new LeaseId(100 + (long)kind), Bytes(Secret), TtlMs: 600_000)));
        }

        return host;
    }

    private static Task RootAsync(AccessHost host, KvCommand command) =>
        host.Api.ApplyAsync(command with { Principal = Principals.Root });

    // Of nobody, of somebody who may do nothing with it, and of nobody who says that he is root.
    private static async Task<string[]> CredentialsAsync(AccessHost host)
    {
        long nowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        long revision = host.Api.Node.View.GetUser(Bytes("eve"))!.CredentialRevision;
        string login = LoginTokens.Make(new ClusterKeys(SingleNodeFake.ClusterKey), "eve", revision, nowMs);
        (string token, AddToken change) = ApiTokens.Make(Bytes("eve"), [], nowMs, expiresMs: 0);
        await host.ChangeAsync(change);
        string none = Convert.ToBase64String("""{"alg":"none"}"""u8).TrimEnd('=');
        string root = Convert.ToBase64String("""{"sub":"root","exp":9999999999}"""u8).TrimEnd('=');
        return
        [
            "", Basic("eve").Value, "Bearer " + login, "Bearer " + token, Basic("root", "").Value, $"Bearer {none}.{root}.", "Bearer root",
            "Basic cm9vdA==",
        ];
    }

    private static byte[] WireOf(byte[] head, byte[] body, byte[] credentials) => CorpusItem.ToWire(
        credentials.Length == 0 ? head : [.. head, .. "Authorization: "u8, .. credentials, .. "\r\n"u8], body, hasLength: body.Length > 0);

    private static async Task CheckAsync(AccessHost host, List<byte[]> requests, Func<string, bool>? isDone)
    {
        StateOfStore before = StateOfStore.Of(host.Api.Node.View);
        string[] answers = await Task.WhenAll(requests.Select(wire => RawSocket.ExchangeAsync(host.Api.Address.Port, wire, isDone)));
        var after = StateOfStore.Of(host.Api.Node.View);
        string sent = string.Join("\n\n", requests.Select(static wire => Encoding.Latin1.GetString(wire)));
        Assert.True(before == after, $"one of these changed something: {before} became {after}\n{sent}");
        for (int i = 0; i < answers.Length; i++)
        {
            string answer = answers[i];
            string wire = $"{Convert.ToBase64String(requests[i])}\n{Encoding.Latin1.GetString(requests[i])}\n{answer}";
            Assert.False(_traces.Any(trace => answer.Contains(trace, StringComparison.Ordinal)), "shows what it may not:\n" + wire);
            Assert.False(answer.Contains("the server failed on this", StringComparison.OrdinalIgnoreCase), "a defect:\n" + wire);
        }
    }

    // What stands for the text in base64, wherever it begins in what is encoded.
    private static IEnumerable<string> Base64Of(string text)
    {
        for (int before = 0; before < 3; before++)
        {
            string encoded = Convert.ToBase64String([.. new byte[before], .. Encoding.ASCII.GetBytes(text)]);
            yield return encoded[4..^6];
        }
    }

    /// <summary>All that nobody but root may change: everything but the keys, leases and tokens of eve.</summary>
    private sealed record StateOfStore(string Keys, string Access, long Compacted, string Rest)
    {
        public static StateOfStore Of(StoreView view)
        {
            IEnumerable<string> keys = view.Range(new RangeRequest { Keys = KeyRange.All }).Pairs
                .Where(static pair => pair.Key.Span.IndexOf("eve/"u8) < 0)
                .Select(static pair => $"{Convert.ToHexString(pair.Key.Span)}@{pair.ModRevision.Value}");
            IEnumerable<string> users = view.ListUsers().Select(static user =>
                $"{TextOf(user.Name)}/{user.CredentialRevision}/{string.Join('+', user.Roles.Select(TextOf))}");
            IEnumerable<string> roles = view.ListRoles().Select(TextOf);
            UserRights eve = view.RightsOf(Bytes("eve"));
            bool isMore = eve.Allows(KeyRights.Read, KeyRange.All) || eve.Allows(OperationRights.Members);
            int tokens = view.ListTokens().Count(static token => TextOf(token.User) != "eve");
            return new StateOfStore(
                string.Join(',', keys), $"{view.Access.IsEnabled} {string.Join(',', users)} {string.Join(',', roles)} {isMore} {tokens}",
                view.CompactedRevision.Value,
                $"{view.GetLease(new LeaseId(7)) is not null} {view.ListQuotas(default, 10).Count} {view.ListGuards().Count} "
                    + $"{view.ListAlarms().Count}");
        }

        private static string TextOf(ReadOnlyMemory<byte> name) => Encoding.UTF8.GetString(name.Span);
    }
}
