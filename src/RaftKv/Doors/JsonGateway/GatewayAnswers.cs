using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.AspNetCore.WebUtilities;
using RaftKv.Doors.Grpc;
using RaftKv.Doors.JsonGateway.Json;

namespace RaftKv.Doors.JsonGateway;

/// <summary>Answers that are sent whole.</summary>
internal static class GatewayAnswers
{
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Sends a JSON body.</summary>
    public static async Task SendJsonAsync(HttpContext http, int status, ReadOnlyMemory<byte> body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        await http.Response.BodyWriter.WriteAsync(body);
    }

    /// <summary>Sends a line of text.</summary>
    public static async Task SendTextAsync(HttpContext http, int status, string text)
    {
        byte[] body = Encoding.ASCII.GetBytes(text);
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.ContentLength = body.Length;
        await http.Response.BodyWriter.WriteAsync(body);
    }

    /// <summary>An answer of a stream.</summary>
    public static void WriteResult(ArrayBufferWriter<byte> buffer, IMessage message)
    {
        buffer.Write("{\"result\":"u8);
        ProtoJsonWriter.Write(buffer, message);
        buffer.Write("}"u8);
    }

    /// <summary>The error that ends a stream.</summary>
    public static void WriteStreamError(ArrayBufferWriter<byte> buffer, GrpcException error)
    {
        int status = GatewayStatus.Of(error.Code);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteNumber("grpc_code"u8, (int)error.Code);
        json.WriteNumber("http_code"u8, status);
        json.WriteString("message"u8, error.Detail);
        json.WriteString("http_status"u8, ReasonPhrases.GetReasonPhrase(status));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Sends the error of a call that has one answer.</summary>
    public static Task SendErrorAsync(HttpContext http, GrpcException error)
    {
        var body = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(body, _options))
        {
            json.WriteStartObject();
            json.WriteString("error"u8, error.Detail);
            json.WriteString("message"u8, error.Detail);
            json.WriteNumber("code"u8, (int)error.Code);
            json.WriteEndObject();
        }

        if (error.RetryAfterSeconds is { } seconds && !http.Response.HasStarted)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return http.Response.HasStarted
            ? Task.CompletedTask
            : SendJsonAsync(http, GatewayStatus.Of(error.Code), body.WrittenMemory);
    }
}
