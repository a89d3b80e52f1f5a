using System.Buffers.Text;
using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Service.Refusals;
using RaftKv.Service.Sessions;

namespace RaftKv.Tests.Api.Levels;

/// <summary>Tokens as text: what is taken, what is refused, and how several become one.</summary>
public sealed class SessionTokensTests
{
    private const ulong ClusterId = 0xC1;

    private static readonly ClusterKeys _keys = new(SingleNodeFake.ClusterKey);
    private readonly SessionTokens _tokens = new(_keys, ClusterId, incarnation: 3);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(7, 12)]
    [InlineData(long.MaxValue, long.MaxValue)]
    public void What_is_encoded_comes_back(long read, long write) => Assert.Equal(Mark(read, write), Merge(_tokens.Encode(Mark(read, write))));

    [Fact]
    public void Sixteen_tokens_merge_to_the_largest_of_each_part_in_any_order()
    {
        string[] texts = [.. Enumerable.Range(0, SessionTokens.MaxTokens).Select(i => _tokens.Encode(Mark((i * 7) % 16, (i * 11) % 16)))];
        Assert.Equal(Mark(15, 15), Merge(string.Join(", ", texts)));
        Assert.Equal(Mark(15, 15), Merge(string.Join(",", texts.Reverse())));
        Assert.Equal(Mark(15, 15), Merge([.. texts]));
        ApiException tooMany = Assert.Throws<ApiException>(() => Merge(string.Join(",", [.. texts, texts[0]])));
        Assert.Equal(ErrorCode.InvalidRequest, tooMany.Error.Code);
    }

    [Fact]
    public void Parts_merge_apart_and_never_fall()
    {
        SessionMark seen = default;
        var random = new Random(5);
        for (int i = 0; i < 200; i++)
        {
            SessionMark before = seen;
            SessionMark other = Mark(random.Next(100), random.Next(100));
            seen = Merge(_tokens.Encode(seen) + "," + _tokens.Encode(other));
            Assert.Equal(Mark(Math.Max(before.Read.Value, other.Read.Value), Math.Max(before.Write.Value, other.Write.Value)), seen);
        }
    }

    [Fact]
    public void Every_changed_bit_is_noticed()
    {
        string good = _tokens.Encode(Mark(5, 9));
        byte[] bytes = Base64Url.DecodeFromChars(good);
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertMismatch(_tokens, Base64Url.EncodeToString(bytes));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Equal(Mark(5, 9), Merge(Base64Url.EncodeToString(bytes)));
    }

    [Fact]
    public void Truncated_and_lengthened_tokens_are_refused_at_every_length()
    {
        string good = _tokens.Encode(Mark(5, 9));
        for (int length = 1; length < good.Length; length++)
        {
            AssertMismatch(_tokens, good[..length]);
        }

        foreach (string longer in (string[])[good + "A", good + "AAAA", good + good, good + "=", "x" + good])
        {
            AssertMismatch(_tokens, longer);
        }
    }

    [Theory]
    [InlineData("not a token")]
    [InlineData("=")]
    [InlineData("\u00e9\u00e9\u00e9\u00e9")]
    [InlineData("AcEAAAAAAAAAAAAAAAAAAAAAAgAAAAAAAAA")]
    public void Other_text_is_refused(string text) => AssertMismatch(_tokens, text);

    [Fact]
    public void Another_cluster_another_restore_and_another_key_are_refused()
    {
        AssertMismatch(new SessionTokens(_keys, ClusterId + 1, incarnation: 3), _tokens.Encode(Mark(5, 9)));
        AssertMismatch(new SessionTokens(_keys, ClusterId, incarnation: 4), _tokens.Encode(Mark(5, 9)));
        byte[] otherKey = [.. SingleNodeFake.ClusterKey.Select(b => (byte)(b + 1))];
        AssertMismatch(new SessionTokens(new ClusterKeys(otherKey), ClusterId, incarnation: 3), _tokens.Encode(Mark(5, 9)));
    }

    [Fact]
    public void Signature_of_a_receipt_is_none_of_a_token()
    {
        byte[] payload = new byte[SessionToken.PayloadBytes];
        new SessionToken(ClusterId, 3, Mark(1, 1)).WriteTo(payload);
        byte[] mac = new byte[ClusterKeys.MacBytes];
        _keys.SignReceipt(payload, mac);
        Assert.False(_keys.IsSessionSignature(payload, mac));
        AssertMismatch(_tokens, Base64Url.EncodeToString([.. payload, .. mac]));
    }

    [Fact]
    public void Empty_places_in_a_list_are_nothing() => Assert.Equal(Mark(2, 0), Merge($" , {_tokens.Encode(Mark(2, 0))} ,, "));

    private static SessionMark Mark(long read, long write) => new(new Revision(read), new Revision(write));

    private static void AssertMismatch(SessionTokens tokens, string text)
    {
        int count = 0;
        ApiException refused = Assert.Throws<ApiException>(() => tokens.Merge(default, text, ref count));
        Assert.Equal(ErrorCode.SessionMismatch, refused.Error.Code);
    }

    private SessionMark Merge(params string[] lines)
    {
        int count = 0;
        SessionMark seen = default;
        foreach (string line in lines)
        {
            seen = _tokens.Merge(seen, line, ref count);
        }

        return seen;
    }
}
