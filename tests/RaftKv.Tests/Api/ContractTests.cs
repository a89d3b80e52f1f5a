using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RaftKv.Client.Consistency;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core.Reads;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Tests.Api;

/// <summary>
/// One contract: the words of server and client are its words, and what the server writes by hand is what its records
/// say.
/// </summary>
public sealed class ContractTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        await _host.SendAsync("PUT", "/api/v1/kv/a", "1");
        await _host.SendAsync("PUT", "/api/v1/kv/a", "\"<é>\"\u0001");
        await _host.SendAsync("PUT", "/api/v1/kv?key=AP_-&keyEncoding=base64url", "binary");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public void The_levels_of_the_core_and_of_the_client_are_the_contracts()
    {
        Assert.Equal(ReadLevelNames.Every, ReadLevels.All.Select(ReadLevels.NameOf));
        Assert.Equal(
            ReadLevelNames.Every.Order(),
            Enum.GetValues<RaftKv.Client.ReadLevel>().Select(ReadLevelWords.ToName).Order());
        foreach ((string alias, string name) in ReadLevelNames.Aliases)
        {
            Assert.True(ReadLevels.TryParse(alias, out ReadLevel level));
            Assert.Equal(name, ReadLevels.NameOf(level));
        }

        Assert.False(ReadLevels.TryParse("strongest", out _));
    }

    [Fact]
    public void Every_error_has_its_code_in_the_contract() => Assert.Equal(
        typeof(ErrorCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!)
            .Except([ErrorCodes.TypePrefix, ErrorCodes.SlowConsumer]).Order(),
        ErrorMapper.All.Select(shape => shape.Code).Order());

    [Fact]
    public void Limits_that_the_store_has_too_are_the_stores()
    {
        Assert.Equal(KvLimits.MinTtlMs, ApiLimits.MinTtlMs);
        Assert.Equal(KvLimits.MaxTtlMs, ApiLimits.MaxTtlMs);
    }

    [Theory]
    [InlineData("500ms", 500L)]
    [InlineData("3s", 3_000L)]
    [InlineData("24h", 86_400_000L)]
    [InlineData("25h", null)]
    [InlineData("1d", null)]
    [InlineData("s", null)]
    [InlineData("-1s", null)]
    [InlineData("1.5s", null)]
    public void A_duration_is_a_number_and_a_unit(string text, long? ms) =>
        Assert.Equal(ms, Durations.TryParse(text, out TimeSpan duration) ? (long)duration.TotalMilliseconds : null);

    [Theory]
    [InlineData("100ms", 100L)]
    [InlineData("99ms", null)]
    [InlineData("2d", 172_800_000L)]
    [InlineData("9000000000s", 9_000_000_000_000L)]
    [InlineData("9000000001s", null)]
    [InlineData("9999999999999d", null)]
    public void A_lease_may_live_far_longer(string text, long? ms) =>
        Assert.Equal(ms, Durations.TryParseTtl(text, out long ttlMs) ? ttlMs : null);

    [Theory]
    [InlineData("/api/v1/kv/a", typeof(PairBody))]
    [InlineData("/api/v1/kv?key=AP_-&keyEncoding=base64url", typeof(PairBody))]
    [InlineData("/api/v1/kv?limit=1", typeof(PageAnswer))]
    [InlineData("/api/v1/kv?keysOnly=true&limit=1", typeof(PageAnswer))]
    [InlineData("/api/v1/kv?countOnly=true", typeof(PageAnswer))]
    [InlineData("/api/v1/kv/a?history", typeof(HistoryAnswer))]
    [InlineData("/api/v1/watch?prefix=&startRevision=2&prevValue=true", typeof(WatchAnswer))]
    public async Task What_is_written_by_hand_is_its_record(string target, Type record)
    {
        // A page that has no next one says so with a null, which the record leaves out: each page here has a next one.
        HttpResponseMessage answer = await _host.SendAsync("GET", target, headers: ("Accept", "application/json"));
        AssertIsRecord(await answer.Content.ReadAsByteArrayAsync(), record);
    }

    [Theory]
    [InlineData("/api/v1/kv/range", """{"ranges":[{"prefix":""},{"key":"none"}]}""", typeof(RangesAnswer))]
    [InlineData("/api/v1/counters/n", """{"by":3}""", typeof(CounterAnswer))]
    [InlineData(
        "/api/v1/txn",
        """
        {"then":[{"put":{"key":"b","value":"1"}},{"get":{"key":"a"}},{"increment":{"key":"n"}},{"delete":{"key":"c"}},
        {"txn":{"then":[{"delete":{"key":"d"}}]}}]}
        """,
        typeof(TxnAnswer))]
    public async Task What_a_post_is_answered_with_by_hand_is_its_record(string target, string body, Type record) =>
        AssertIsRecord(await (await _host.PostAsync(target, body)).Content.ReadAsByteArrayAsync(), record);

    [Fact]
    public async Task What_a_write_is_answered_with_by_hand_is_its_record()
    {
        AssertIsRecord(await (await _host.SendAsync("PUT", "/api/v1/kv/w", "1")).Content.ReadAsByteArrayAsync(), typeof(WrittenBody));
        AssertIsRecord(await (await _host.SendAsync("DELETE", "/api/v1/kv/w")).Content.ReadAsByteArrayAsync(), typeof(DeletedAnswer));
    }

    [Fact]
    public void A_hand_that_says_more_less_or_something_else_is_seen()
    {
        Assert.Throws<Xunit.Sdk.EqualException>(() => AssertIsRecord("""{"deleted":1,"revision":2,"more":3}"""u8, typeof(DeletedAnswer)));
        Assert.Throws<Xunit.Sdk.EqualException>(() => AssertIsRecord("""{"deleted":1}"""u8, typeof(DeletedAnswer)));
        Assert.Throws<Xunit.Sdk.EqualException>(() => AssertIsRecord("""{"revision":2,"deleted":1}"""u8, typeof(DeletedAnswer)));
        Assert.Throws<JsonException>(() => AssertIsRecord("""{"deleted":"1","revision":2}"""u8, typeof(DeletedAnswer)));
    }

    [Fact]
    public void What_an_older_server_does_not_say_keeps_its_default()
    {
        StatusAnswer status = JsonSerializer.Deserialize("""{"term":3,"newer":[1]}""", AnswerJson.Default.StatusAnswer)!;
        Assert.Equal((3L, "", null), (status.Term, status.Name, status.Leader));
        Assert.Empty(status.Gates);
        Assert.Equal(0, status.Store.Bytes.Used);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("""{"name":null}""", AnswerJson.Default.StatusAnswer));
    }

    [Fact]
    public void What_the_client_asks_is_read_as_the_server_reads_it()
    {
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(new LeaseBody { Ttl = "5s" }, RequestJson.Default.LeaseBody);
        Assert.Equal("""{"ttl":"5s"}""", Encoding.UTF8.GetString(text));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("""{"ttl":"5s","tll":1}""", RequestJson.Default.LeaseBody));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("""{"ttl":"5s","ttl":"6s"}""", RequestJson.Default.LeaseBody));
    }

    // The bytes, read into the record and written again, are the bytes.
    private static void AssertIsRecord(ReadOnlySpan<byte> bytes, Type record)
    {
        JsonTypeInfo info = Lenient.GetTypeInfo(record);
        object? body = JsonSerializer.Deserialize(bytes, info);
        Assert.Equal(Encoding.UTF8.GetString(bytes), Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(body, info)));
    }

    // With the encoder of the server's own writer.
    private static JsonSerializerOptions Lenient { get; } = new(AnswerJson.Default.Options)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
