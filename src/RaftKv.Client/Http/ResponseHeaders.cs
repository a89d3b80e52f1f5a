using System.Net.Http.Headers;
using RaftKv.Client.Http;

namespace RaftKv.Client;

/// <summary>The headers of answers, for calls of the REST API that <see cref="RaftKvClient"/> has no method for. Stateless.</summary>
public static class ResponseHeaders
{
    /// <summary>What an answer says of itself: level, age, revision, who served it.</summary>
    public static ResponseMetadata Read(HttpResponseHeaders headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        return AnswerReader.ReadMetadata(headers);
    }
}
