using System.Buffers.Binary;
using System.Text;

namespace RaftKv.Tests.Fuzz;

/// <summary>A gRPC call as bytes of HTTP/2, without a library that would mend it.</summary>
internal static class Http2Request
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Settings = 4;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;

    /// <summary>The preface, the settings, and one call on stream 1.</summary>
    public static byte[] Of(string path, byte[] message, string scheme = "http", params (string Name, string Value)[] headers) =>
    [
        .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8,
        .. Frame(Settings, 0, 0, []),
        .. Frame(Headers, EndHeaders, 1, Head(path, scheme, headers)),
        .. Frame(Data, EndStream, 1, [0, .. Length(message.Length, 4), .. message]),
    ];

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload) =>
        [.. Length(payload.Length, 3), type, flags, .. Length(stream, 4), .. payload];

    // Literals without indexing and without Huffman's code.
    private static byte[] Head(string path, string scheme, (string Name, string Value)[] headers) =>
    [
        .. Literal(":method", "POST"), .. Literal(":scheme", scheme), .. Literal(":path", path), .. Literal(":authority", "fuzz"),
        .. Literal("content-type", "application/grpc"), .. Literal("te", "trailers"),
        .. headers.SelectMany(static header => Literal(header.Name, header.Value)),
    ];

    private static byte[] Literal(string name, string value) =>
        [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];

    private static byte[] Length(int value, int bytes)
    {
        byte[] all = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(all, value);
        return all[(4 - bytes)..];
    }
}
