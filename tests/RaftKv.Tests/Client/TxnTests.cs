using RaftKv.Client;
using static RaftKv.Client.Compare;

namespace RaftKv.Tests.Client;

/// <summary>The shape of a txn on the wire and its answer.</summary>
public sealed class TxnTests
{
    [Fact]
    public async Task A_txn_is_sent_in_the_contract_s_shape()
    {
        using StubNode node = StubNode.Playing(StubReply.Ok(
            """
            {"succeeded":true,"revision":7,"responses":[{"put":{"key":"b","createRevision":7,"modRevision":7,"version":1,"lease":null}},{"delete":{"deleted":2}},
            {"get":{"items":[{"key":"c","value":"3","encoding":"utf-8","createRevision":2,"modRevision":2,"version":1,"lease":null}],"hasMore":false,"count":1}},
            {"txn":{"succeeded":false,"revision":7,"responses":[{"delete":{"deleted":0}}]}}]}
            """));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        TxnResult result = await client.Txn()
            .When(Key("a").ModRevision == 5, Key("a").Value == "x", Key("a").Version > 1, Key("b").IsMissing, Key("c").CreateRevision < 9, Key("c").LeaseIs("1f"))
            .Then(
                Op.Put("b", "1", lease: "1f"),
                Op.Delete(RaftKvRange.Prefix("tmp/")),
                Op.Get("c"),
                Op.Txn(new TxnBuilder().When(Key("d").Value != "y").Then(Op.Put("e", "2")).Else(Op.Delete("e"))))
            .Else(Op.Get(RaftKvRange.Between("a", "d")))
            .CommitAsync();

        StubRequest request = Assert.Single(node.Requests);
        Assert.Equal(("POST", "/api/v1/txn", "application/json"), (request.Method, request.Target, request.Header("Content-Type")));
        Assert.Equal(
            """
            {"compare":[{"key":"a","target":"modRevision","op":"=","operand":5},{"key":"a","target":"value","op":"=","operand":"x"},
            {"key":"a","target":"version","op":"\u003E","operand":1},{"key":"b","target":"version","op":"=","operand":0},
            {"key":"c","target":"createRevision","op":"\u003C","operand":9},{"key":"c","target":"lease","op":"=","operand":"1f"}],
            "then":[{"put":{"key":"b","value":"1","lease":"1f"}},{"delete":{"prefix":"tmp/"}},{"get":{"key":"c"}},
            {"txn":{"compare":[{"key":"d","target":"value","op":"!=","operand":"y"}],"then":[{"put":{"key":"e","value":"2"}}],"else":[{"delete":{"key":"e"}}]}}],
            "else":[{"get":{"start":"a","end":"d"}}]}
            """.ReplaceLineEndings(""),
            request.BodyText);
        Assert.Equal((true, 7L), (result.Succeeded, result.Revision));
        Assert.Equal(new TxnPutResult(7), result.Responses[0]);
        Assert.Equal(new TxnDeleteResult(2), result.Responses[1]);
        Assert.Equal("3", Assert.IsType<TxnGetResult>(result.Responses[2]).Entry?.GetString());
        TxnNestedResult nested = Assert.IsType<TxnNestedResult>(result.Responses[3]);
        Assert.Equal((false, new TxnDeleteResult(0)), (nested.Succeeded, nested.Responses.Single()));
    }

    [Fact]
    public async Task Bytes_that_are_no_text_say_how_they_are_written()
    {
        using StubNode node = StubNode.Playing(StubReply.Ok("""{"succeeded":false,"revision":7,"responses":[]}"""));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);
        byte[] binary = [0xFF];

        TxnResult result = await client.Txn()
            .When(Key(binary).Value == binary)
            .Then(Op.Put(binary, binary), Op.Get(RaftKvRange.Prefix(binary)), Op.Delete(RaftKvRange.All), Op.Increment(binary, by: 3))
            .CommitAsync();

        Assert.Equal(
            """
            {"compare":[{"key":"_w","keyEncoding":"base64url","target":"value","op":"=","operand":"/w==","encoding":"base64"}],
            "then":[{"put":{"key":"_w","keyEncoding":"base64url","value":"/w==","encoding":"base64"}},
            {"get":{"prefix":"_w","keyEncoding":"base64url"}},{"delete":{"prefix":""}},{"increment":{"key":"_w","keyEncoding":"base64url","by":3}}],"else":[]}
            """.ReplaceLineEndings(""),
            Assert.Single(node.Requests).BodyText);
        Assert.False(result.Succeeded);
    }

    [Fact]
    public void A_nested_txn_can_t_be_committed_alone() =>
        Assert.Throws<InvalidOperationException>(() => { _ = new TxnBuilder().Then(Op.Get("a")).CommitAsync(); });
}
