using System.Net;
using System.Text.Json;

namespace RaftKv.Tests.Api;

/// <summary>Transactions, counters, compaction.</summary>
public sealed class TxnTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task An_answer_of_many_large_values_is_sent_piece_by_piece_and_is_whole()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        string value = new('x', 1_000_000);
        await host.SendAsync("PUT", "/api/v1/kv/a", value);
        string gets = string.Join(',', Enumerable.Repeat("{\"get\":{\"key\":\"a\"}}", 20));
        foreach (string then in (string[])[gets, "{\"put\":{\"key\":\"b\",\"value\":\"1\"}}," + gets])
        {
            using HttpResponseMessage answer = await host.SendAsync("POST", "/api/v1/txn", $"{{\"then\":[{then}]}}");

            Assert.Equal(200, (int)answer.StatusCode);
            Assert.True(answer.Headers.TransferEncodingChunked);
            using var json = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            System.Text.Json.JsonElement last = json.RootElement.GetProperty("responses").EnumerateArray().Last();
            Assert.Equal(value, last.GetProperty("get").GetProperty("items")[0].GetProperty("value").GetString());
            Assert.Equal(then == gets ? 20 : 21, json.RootElement.GetProperty("responses").GetArrayLength());
        }
    }

    [Fact]
    public async Task Txn_compares_then_runs_one_list_as_one_revision()
    {
        const string Create = """
            {"compare":[{"key":"k","target":"version","op":"=","operand":0}],
             "then":[{"put":{"key":"k","value":"AP8=","encoding":"base64"}},{"increment":{"key":"n","by":5}},{"get":{"prefix":""}}],
             "else":[{"get":{"key":"k"}}]}
            """;
        HttpResponseMessage first = await _host.PostAsync("/api/v1/txn", Create);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        first.AssertStandardHeaders();
        JsonElement answer = await first.JsonAsync();
        Assert.True(answer.GetProperty("succeeded").GetBoolean());
        Assert.Equal(2, answer.GetProperty("revision").GetInt64());
        JsonElement responses = answer.GetProperty("responses");
        Assert.Equal(2, responses[0].GetProperty("put").GetProperty("modRevision").GetInt64());
        Assert.Equal(5, responses[1].GetProperty("increment").GetProperty("value").GetInt64());
        Assert.Equal(2, responses[2].GetProperty("get").GetProperty("items").GetArrayLength());

        JsonElement second = await (await _host.PostAsync("/api/v1/txn", Create)).JsonAsync();
        Assert.False(second.GetProperty("succeeded").GetBoolean());
        JsonElement pair = second.GetProperty("responses")[0].GetProperty("get").GetProperty("items")[0];
        Assert.Equal("base64", pair.GetProperty("encoding").GetString());
    }

    [Fact]
    public async Task Txns_nest_and_every_target_and_operator_is_understood()
    {
        await _host.SendAsync("PUT", "/api/v1/kv/k", "v");
        JsonElement answer = await (await _host.PostAsync(
            "/api/v1/txn",
            """
            {"compare":[{"key":"k","target":"value","op":"=","operand":"v"},{"key":"k","target":"value","op":"!=","operand":"dw==","encoding":"base64"},
                        {"key":"k","target":"version","op":">","operand":0},{"key":"k","target":"createRevision","op":"<","operand":3},
                        {"key":"k","target":"modRevision","op":"=","operand":2},{"key":"k","target":"lease","op":"=","operand":"0"},
                        {"prefix":"k","target":"version","op":"=","operand":1}],
             "then":[{"txn":{"compare":[{"key":"none","target":"version","op":"!=","operand":0}],"then":[],"else":[{"delete":{"prefix":"k"}}]}}]}
            """)).JsonAsync();
        JsonElement inner = answer.GetProperty("responses")[0].GetProperty("txn");
        Assert.False(inner.GetProperty("succeeded").GetBoolean());
        Assert.Equal(1, inner.GetProperty("responses")[0].GetProperty("delete").GetProperty("deleted").GetInt64());
    }

    [Theory]
    [InlineData("""{"then":[{"put":{"key":"a","value":"1"}},{"put":{"key":"a","value":"2"}}]}""")]
    [InlineData("""{"then":[{"put":{"key":"a","value":"1"},"get":{"key":"a"}}]}""")]
    [InlineData("""{"then":[{}]}""")]
    [InlineData("""{"then":[null]}""")]
    [InlineData("""{"then":[{"put":{"key":"","value":"1"}}]}""")]
    [InlineData("""{"then":[{"put":{"value":"1"}}]}""")]
    [InlineData("""{"then":[{"put":{"key":"a"}}]}""")]
    [InlineData("""{"then":[{"put":{"key":"a","value":"%%%","encoding":"base64"}}]}""")]
    [InlineData("""{"then":[{"put":{"key":"a","value":"1","encoding":"hex"}}]}""")]
    [InlineData("""{"then":[{"put":{"key":"a","value":"\ud800"}}]}""")]
    [InlineData("""{"then":[{"put":{"key":"a","value":"1","lease":"zz"}}]}""")]
    [InlineData("""{"then":[{"delete":{}}]}""")]
    [InlineData("""{"then":[{"delete":{"key":"a","limit":3}}]}""")]
    [InlineData("""{"then":[{"get":{"prefix":"a","limit":0}}]}""")]
    [InlineData("""{"then":[{"get":{"prefix":"a","limit":99999999999}}]}""")]
    [InlineData("""{"then":[{"get":{"start":"b","end":"a"}}]}""")]
    [InlineData("""{"compare":[{"key":"a","target":"size","op":"=","operand":1}]}""")]
    [InlineData("""{"compare":[{"key":"a","target":"version","op":"==","operand":1}]}""")]
    [InlineData("""{"compare":[{"key":"a","target":"version","op":"=","operand":"1"}]}""")]
    [InlineData("""{"compare":[{"key":"a","target":"version","op":"=","operand":1.5}]}""")]
    [InlineData("""{"compare":[{"key":"a","target":"version","op":"="}]}""")]
    [InlineData("""{"copmare":[],"then":[{"put":{"key":"a","value":"1"}}]}""")]
    [InlineData("""{"then":[],"then":[{"put":{"key":"a","value":"1"}}]}""")]
    [InlineData("""{"then":[{"put":{"key":"a","value":"1"}}]""")]
    [InlineData("""[]""")]
    [InlineData("""null""")]
    [InlineData("")]
    public async Task Wrong_txns_are_refused_and_change_nothing(string json)
    {
        ulong before = _host.Node.View.StateHash;
        await (await _host.PostAsync("/api/v1/txn", json)).ProblemAsync(400, "invalid-request");
        Assert.Equal(before, _host.Node.View.StateHash);
        Assert.Equal(1, _host.Node.View.Revision.Value);
    }

    [Fact]
    public async Task Lists_nesting_and_json_depth_are_bounded()
    {
        static string Ops(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $$$"""{"put":{"key":"k{{{i}}}","value":""}}"""));
        static string Nested(int depth) => depth == 0 ? "{}" : $$$"""{"then":[{"txn":{{{Nested(depth - 1)}}}}]}""";
        Assert.Equal(HttpStatusCode.OK, (await _host.PostAsync("/api/v1/txn", $$"""{"then":[{{Ops(128)}}]}""")).StatusCode);
        await (await _host.PostAsync("/api/v1/txn", $$"""{"then":[{{Ops(129)}}]}""")).ProblemAsync(400, "invalid-request");
        Assert.Equal(HttpStatusCode.OK, (await _host.PostAsync("/api/v1/txn", Nested(7))).StatusCode);
        await (await _host.PostAsync("/api/v1/txn", Nested(8))).ProblemAsync(400, "invalid-request");
        await (await _host.PostAsync("/api/v1/txn", Nested(10_000))).ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task Counter_adds_without_compare_and_shows_as_text()
    {
        HttpResponseMessage first = await _host.PostAsync("/api/v1/counters/visits", """{"by":41}""");
        Assert.Equal("""{"value":41,"revision":2}""", await first.Content.ReadAsStringAsync());
        Assert.Equal("\"2\"", first.Header("ETag"));
        HttpResponseMessage second = await _host.SendAsync("POST", "/api/v1/counters/visits");
        Assert.Equal("""{"value":42,"revision":3}""", await second.Content.ReadAsStringAsync());
        Assert.Equal("42", await (await _host.SendAsync("GET", "/api/v1/kv/visits?raw")).Content.ReadAsStringAsync());

        await _host.SendAsync("PUT", "/api/v1/kv/text", "abc");
        await (await _host.SendAsync("POST", "/api/v1/counters/text")).ProblemAsync(409, "not-a-counter");
        await _host.SendAsync("PUT", "/api/v1/kv/max", long.MaxValue.ToString());
        await (await _host.SendAsync("POST", "/api/v1/counters/max")).ProblemAsync(409, "counter-overflow");
        await (await _host.PostAsync("/api/v1/counters/max", """{"by":9223372036854775808}""")).ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task Compact_forgets_and_refuses_what_it_can_not_do()
    {
        await _host.SendAsync("PUT", "/api/v1/kv/k", "1");
        await _host.SendAsync("PUT", "/api/v1/kv/k", "2");
        Assert.Equal(HttpStatusCode.OK, (await _host.PostAsync("/api/v1/compact", """{"revision":3}""")).StatusCode);
        await (await _host.PostAsync("/api/v1/compact", """{"revision":2}""")).ProblemAsync(410, "compacted");
        await (await _host.PostAsync("/api/v1/compact", """{"revision":99}""")).ProblemAsync(400, "invalid-request");
        await (await _host.PostAsync("/api/v1/compact", """{"revision":-1}""")).ProblemAsync(400, "invalid-request");
        await (await _host.PostAsync("/api/v1/compact", "{}")).ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task Json_paths_want_json()
    {
        await (await _host.SendAsync("POST", "/api/v1/txn", "{}", "text/plain")).ProblemAsync(415, "unsupported-media-type");
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("POST", "/api/v1/txn", "{}", "application/json; charset=utf-8")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("POST", "/api/v1/txn", "{}")).StatusCode);
    }

    [Fact]
    public async Task What_curl_calls_a_form_is_taken_as_json_and_a_form_from_a_page_is_not()
    {
        const string form = "application/x-www-form-urlencoded";
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("POST", "/api/v1/txn", "{}", form)).StatusCode);
        string own = _host.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        await (await _host.SendAsync("POST", "/api/v1/txn", "{}", form, ("Origin", own)))
            .ProblemAsync(415, "unsupported-media-type");
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await _host.SendAsync("POST", "/api/v1/txn", "{}", form, ("Origin", "https://elsewhere.example"))).StatusCode);
    }

    [Fact]
    public async Task Refusals_never_repeat_what_was_sent()
    {
        const string Secret = "hunter2";
        string[] bodies = [$$$"""{"then":[{"put":{"key":"a","value":{{{Secret}}}}}]}""", $$"""{"{{Secret}}!":1}""", $$"""{"then":"{{Secret}}"}"""];
        foreach (string body in bodies)
        {
            string text = await (await _host.PostAsync("/api/v1/txn", body)).Content.ReadAsStringAsync();
            Assert.DoesNotContain(Secret, text);
        }

        HttpResponseMessage level = await _host.SendAsync("GET", "/api/v1/kv/k?consistency=" + Secret);
        Assert.DoesNotContain(Secret, await level.Content.ReadAsStringAsync());
    }
}
