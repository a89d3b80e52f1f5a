using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using RaftKv.Client;

namespace RaftKv.Tests.Client;

/// <summary>
/// Every key reaches the server as the same bytes, whatever URL machinery is on the way. The stub decodes the raw
/// target as the server does.
/// </summary>
public sealed class KeyEncodingTests
{
    internal static readonly string[] NastyTexts =
    [
        "a", "a/b", "a%2Fb", "a%252Fb", "a b", "a+b", "..", ".", "a/../b", "a/./b", "./a", "a/..", "ä", "日本", "//x", "/x", "x/", "a//b", "/", "?", "a?raw",
        "a#b", "a&b=c", "%", "%zz", "\\", "a\\..\\b", "\0", "a\nb", "\u007f", "...", "~", "a:b", "http://x/y", "a;b", "'\"<>", "\ud83d\ude00", "%2e%2e", "a/%2e%2e/b",
    ];

    public static TheoryData<string> NastyKeys => [.. NastyTexts];

    [Theory]
    [MemberData(nameof(NastyKeys))]
    public async Task A_text_key_comes_through(string key) => await AssertComesThroughAsync(Encoding.UTF8.GetBytes(key));

    [Fact]
    public async Task Every_single_byte_comes_through()
    {
        for (int value = 0; value < 256; value++)
        {
            await AssertComesThroughAsync([(byte)value]);
        }
    }

    [Fact]
    public async Task A_key_of_all_bytes_comes_through() => await AssertComesThroughAsync([.. Enumerable.Range(0, 256).Select(static value => (byte)value)]);

    [Fact]
    public async Task A_long_key_comes_through() => await AssertComesThroughAsync(Encoding.UTF8.GetBytes(new string('ä', 2_000)));

    [Fact]
    public async Task Binary_keys_and_values_come_back_as_they_were()
    {
        using StubNode node = StubNode.Playing(StubReply.Ok(
            """{"key":"AP8","keyEncoding":"base64url","value":"gIE=","encoding":"base64","createRevision":2,"modRevision":3,"version":2,"lease":"1f"}"""));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        KeyValueEntry? entry = await client.GetAsync(new byte[] { 0, 0xFF });

        Assert.NotNull(entry);
        Assert.Equal(new byte[] { 0, 0xFF }, entry.Key);
        Assert.Equal([0x80, 0x81], entry.Value.ToArray());
        Assert.Equal((2L, 3L, 2L, "1f"), (entry.CreateRevision, entry.ModRevision, entry.Version, entry.Lease));
    }

    [Fact]
    public void A_key_that_is_empty_or_half_a_character_is_refused_here()
    {
        Assert.ThrowsAny<ArgumentException>(static () => new RaftKvKey(""));
        Assert.ThrowsAny<ArgumentException>(static () => new RaftKvKey("a\ud800"));
    }

    [Fact]
    public async Task A_default_key_is_refused_here()
    {
        using RaftKvClient client = ClientFixture.Client(new Uri("http://127.0.0.1:1/"));

        await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync(default));
    }

    private static async Task AssertComesThroughAsync(byte[] key)
    {
        using StubNode node = StubNode.Playing(
            StubReply.Problem(404, "key-not-found", "no"),
            StubReply.Ok("""{"key":"k","createRevision":2,"modRevision":2,"version":1,"lease":null}"""),
            StubReply.Ok("""{"value":1,"revision":2,"succeeded":true,"responses":[{"increment":{"value":1,"revision":2}}]}"""));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        Assert.Null(await client.GetAsync(key));
        await client.PutAsync(key, "v", new WriteOptions { Lease = "1f" });
        await client.IncrementAsync(key);

        Assert.Equal(key, DecodeKey(node.Requests[0].Target, "/api/v1/kv"));
        Assert.Equal(key, DecodeKey(node.Requests[1].Target, "/api/v1/kv"));
        Assert.Contains("lease=1f", node.Requests[1].Target, StringComparison.Ordinal);
        AssertIncrements(key, node.Requests[2]);
    }

    /// <summary>A counter is named in the path, or in the body of a txn when the path won't do.</summary>
    private static void AssertIncrements(byte[] key, StubRequest request)
    {
        if (request.Target != "/api/v1/txn")
        {
            Assert.Equal(key, DecodeKey(request.Target, "/api/v1/counters"));
            return;
        }

        using JsonDocument body = JsonDocument.Parse(request.Body);
        JsonElement increment = body.RootElement.GetProperty("then")[0].GetProperty("increment");
        string text = increment.GetProperty("key").GetString()!;
        Assert.Equal(key, increment.TryGetProperty("keyEncoding", out _) ? Base64Url.DecodeFromChars(text) : Encoding.UTF8.GetBytes(text));
        Assert.Equal(1, increment.GetProperty("by").GetInt64());
    }

    private static byte[] DecodeKey(string target, string root)
    {
        Assert.StartsWith(root, target, StringComparison.Ordinal);
        string rest = target[root.Length..];
        if (rest[0] == '/')
        {
            string path = rest[1..].Split('?')[0];
            Assert.DoesNotContain(path.Split('/'), static segment => segment is "" or "." or "..");
            return Unescape(path);
        }

        Assert.Contains("keyEncoding=base64url", rest, StringComparison.Ordinal);
        string key = rest[1..].Split('&').Single(static part => part.StartsWith("key=", StringComparison.Ordinal));
        return Base64Url.DecodeFromChars(key.AsSpan(4));
    }

    private static byte[] Unescape(string path)
    {
        List<byte> bytes = [];
        for (int index = 0; index < path.Length; index++)
        {
            bool isEscape = path[index] == '%';
            bytes.Add(isEscape ? Convert.FromHexString(path.AsSpan(index + 1, 2))[0] : (byte)path[index]);
            index += isEscape ? 2 : 0;
        }

        return [.. bytes];
    }
}
