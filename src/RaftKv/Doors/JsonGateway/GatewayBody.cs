using System.Buffers;
using System.IO.Pipelines;
using RaftKv.Doors.Http;

namespace RaftKv.Doors.JsonGateway;

/// <summary>Reads the body of a call that has one message.</summary>
internal static class GatewayBody
{
    /// <summary>All of it; its size is bounded by the server's limit.</summary>
    public static async ValueTask<byte[]> ReadAllAsync(HttpContext http)
    {
        PipeReader reader = http.Request.BodyReader;
        while (true)
        {
            ReadResult read = await reader.ReadBodyAsync();
            if (read.IsCompleted || read.IsCanceled)
            {
                byte[] body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
