using System.Buffers;
using System.Text;
using RaftKv.Hosting.ClearHttp2;

namespace RaftKv.Tests.Etcd;

/// <summary>What decides between HTTP/1.1 and HTTP/2, and what is mended of a request's head.</summary>
public sealed class ClearHttp2Tests
{
    [Theory]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", true)]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nmore", true)]
    [InlineData("P", null)]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r", null)]
    [InlineData("PUT /x HTTP/1.1\r\n", false)]
    [InlineData("GET / HTTP/1.1\r\n", false)]
    [InlineData("PRI * HTTP/2.1", false)]
    public void The_preface_and_nothing_else_is_HTTP_2(string start, bool? isHttp2)
    {
        var whole = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(start));

        Assert.Equal(isHttp2, PrefaceSniffer.IsPreface(whole));
    }

    [Theory]
    [InlineData("http://127.0.0.1:2379", "httpj--127.0.0.1:2379")]
    [InlineData("https://example.org", "httpsj--example.org")]
    public void A_URL_in_plain_letters_becomes_a_host_of_the_same_length(string authority, string mended)
    {
        byte[] block = [0x83, 0x41, (byte)authority.Length, .. Encoding.ASCII.GetBytes(authority), 0x86];

        Assert.True(AuthorityMender.TryMend(block));
        Assert.Equal(mended, Encoding.ASCII.GetString(block[3..^1]));
        Assert.Equal([0x83, 0x41, (byte)authority.Length], block[..3]);
        Assert.Equal(0x86, block[^1]);
    }

    // The code of "http://" is 100111 01001 01001 101011 1011100 011000 011000, and of "httpj--" with as many bits
    // 100111 01001 01001 101011 1110100 010110 010110; then 'a' 00011 and ones to the end of the byte.
    [Fact]
    public void A_URL_in_Huffmans_code_keeps_its_length_too()
    {
        byte[] block = [0x41, 0x86, .. Bits("100111 01001 01001 101011 1011100 011000 011000 00011 11")];

        Assert.True(AuthorityMender.TryMend(block));
        Assert.Equal([0x41, 0x86, .. Bits("100111 01001 01001 101011 1110100 010110 010110 00011 11")], block);
    }

    [Theory]
    [InlineData("127.0.0.1:2379")]
    [InlineData("http.example.org")]
    [InlineData("")]
    public void A_host_is_left_as_it_is(string authority)
    {
        byte[] block = [0x41, (byte)authority.Length, .. Encoding.ASCII.GetBytes(authority)];

        Assert.False(AuthorityMender.TryMend(block));
        Assert.Equal(authority, Encoding.ASCII.GetString(block[2..]));
    }

    [Fact]
    public void What_is_no_header_block_is_left_to_the_web_server()
    {
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] noise = new byte[random.Next(40)];
            random.NextBytes(noise);
            AuthorityMender.TryMend(noise);
        }
    }

    private static byte[] Bits(string text)
    {
        string bits = text.Replace(" ", "", StringComparison.Ordinal);
        Assert.Equal(0, bits.Length % 8);
        return [.. bits.Chunk(8).Select(chunk => Convert.ToByte(new string(chunk), 2))];
    }
}
