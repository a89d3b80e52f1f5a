using System.Buffers;
using System.Text;
using Google.Protobuf;
using RaftKv.Doors.JsonGateway.Json;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Tests.Etcd;

/// <summary>The gateway's JSON; that it is etcd's is shown against a real etcd in RaftKv.EtcdConformance.</summary>
public sealed class GatewayJsonTests
{
    [Fact]
    public void Defaults_are_left_out_and_large_numbers_stand_in_strings()
    {
        var answer = new RangeResponse { Header = new ResponseHeader { ClusterId = ulong.MaxValue, Revision = 5 }, Count = 1 };
        answer.Kvs.Add(new KeyValue { Key = ByteString.CopyFromUtf8("a<"), ModRevision = 3 });

        Assert.Equal(
            """{"header":{"cluster_id":"18446744073709551615","revision":"5"},"kvs":[{"key":"YTw=","mod_revision":"3"}],"count":"1"}""",
            Write(answer));
        Assert.Equal("{}", Write(new RangeResponse()));
        Assert.Equal("""{"header":{},"hash":7}""", Write(new HashResponse { Header = new ResponseHeader(), Hash = 7 }));
        Assert.Equal("""{"type":"DELETE"}""", Write(new Event { Type = Event.Types.EventType.Delete }));
    }

    [Fact]
    public void A_chosen_member_of_a_oneof_is_shown_even_when_it_is_empty() =>
        Assert.Equal("""{"response_put":{}}""", Write(new ResponseOp { ResponsePut = new PutResponse() }));

    [Theory]
    [InlineData("""{"key":"YQ==","limit":"5","sort_order":"DESCEND","keys_only":true}""")]
    [InlineData("""{"key":"YQ==","limit":5,"sortOrder":2,"keysOnly":true,"nobody_knows":[1,{"x":null}]}""")]
    [InlineData("""  {"keys_only" : true, "limit": 5, "sort_order":"DESCEND" , "key":"Y\u0051\n=="} what follows is not looked at""")]
    public void Both_forms_of_names_numbers_and_enumerations_are_taken(string json)
    {
        var request = (RangeRequest)ProtoJsonReader.Read(RangeRequest.Descriptor, Encoding.UTF8.GetBytes(json));

        Assert.Equal(
            new RangeRequest
            {
                Key = ByteString.CopyFromUtf8("a"),
                Limit = 5,
                SortOrder = RangeRequest.Types.SortOrder.Descend,
                KeysOnly = true,
            },
            request);
    }

    [Theory]
    [InlineData("{", "unexpected EOF")]
    [InlineData("""{"key":"***"}""", "illegal base64 data at input byte 0")]
    [InlineData("""{"key":"YQ"}""", "illegal base64 data at input byte 0")]
    [InlineData("""{"limit":"5x"}""", "invalid character 'x' after top-level value")]
    [InlineData("""{"limit":99999999999999999999}""", "json: cannot unmarshal number 99999999999999999999 into Go value of type int64")]
    [InlineData("nope", "invalid character 'o' in literal null (expecting 'u')")]
    public void A_bad_body_is_refused_with_the_words_of_Go(string json, string message)
    {
        var refusal = Assert.Throws<GoJsonException>(() => ProtoJsonReader.Read(RangeRequest.Descriptor, Encoding.UTF8.GetBytes(json)));

        Assert.Equal(message, refusal.Message);
    }

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        byte[] deep = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("""{"x":""", 100_000)));

        Assert.Throws<GoJsonException>(() => ProtoJsonReader.Read(RangeRequest.Descriptor, deep));
    }

    [Fact]
    public void Documents_are_found_one_by_one_however_their_bytes_come()
    {
        byte[] stream = Encoding.UTF8.GetBytes("""{"a":"}\"{"} {"b":[{}]}""");
        var end = new JsonDocumentEnd();
        for (int length = 1; length < 12; length++)
        {
            Assert.Null(end.Find(new ReadOnlySequence<byte>(stream, 0, length)));
        }

        Assert.Equal(12, end.Find(new ReadOnlySequence<byte>(stream)));
        end.Reset();
        Assert.Equal(stream.Length - 12, end.Find(new ReadOnlySequence<byte>(stream, 12, stream.Length - 12)));
    }

    private static string Write(IMessage message)
    {
        var json = new ArrayBufferWriter<byte>();
        ProtoJsonWriter.Write(json, message);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
