using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RaftKv.Client;
using RaftKv.Contract;

namespace RaftKv.Cli.Connection;

/// <summary>Calls of the REST API that the .NET client has no method for.</summary>
internal sealed class RestCalls(HttpClient http, IReadOnlyList<Uri> endpoints)
{
    /// <summary>
    /// Asks the nodes in turn until one answers. What changes something goes to another node only if the first one surely
    /// did not get it.
    /// </summary>
    /// <exception cref="CtlException">None answers, the answer is a refusal, or what became of a change is not known.</exception>
    public Task<JsonObject> SendAsync(HttpMethod method, string target, JsonNode? body, CancellationToken stop) =>
        SendAsync(method, target, body, [], stop);

    /// <summary>Reads at a level, from the first node that answers, with what the answer says of itself.</summary>
    /// <exception cref="CtlException">None answers, or the answer is a refusal.</exception>
    public Task<RestAnswer> ReadAsync(string target, ReadOptions options, CancellationToken stop) =>
        AskAsync(HttpMethod.Get, target, null, ReadFlags.HeadersOf(options), stop);

    /// <inheritdoc cref="SendAsync(HttpMethod, string, JsonNode, CancellationToken)"/>
    public async Task<JsonObject> SendAsync(
        HttpMethod method, string target, JsonNode? body, IReadOnlyList<(string Name, string Value)> headers, CancellationToken stop) =>
        (await AskAsync(method, target, body, headers, stop).ConfigureAwait(false)).Body;

    private async Task<RestAnswer> AskAsync(
        HttpMethod method, string target, JsonNode? body, IReadOnlyList<(string Name, string Value)> headers, CancellationToken stop)
    {
        string last = "";
        foreach (Uri endpoint in endpoints)
        {
            try
            {
                return await AskAsync(endpoint, method, target, body, headers, stop).ConfigureAwait(false);
            }
            catch (HttpRequestException failure) when (method == HttpMethod.Get || NeverLeft(failure))
            {
                last = $"{endpoint}: {failure.Message}";
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested && method == HttpMethod.Get)
            {
                last = $"{endpoint}: no answer in time";
            }
            catch (Exception failure) when (failure is HttpRequestException
                || (failure is OperationCanceledException && !stop.IsCancellationRequested))
            {
                throw new CtlException(
                    CtlExit.Unknown, $"{endpoint} got it and did not answer: {failure.Message} It may or may not have been done.");
            }
        }

        throw new CtlException(CtlExit.Unavailable, $"No node answers. {last}");
    }

    /// <summary>Asks one node.</summary>
    /// <exception cref="HttpRequestException">It does not answer.</exception>
    /// <exception cref="CtlException">It refuses; the sentence is the server's.</exception>
    public async Task<JsonObject> SendAsync(Uri endpoint, HttpMethod method, string target, JsonNode? body, CancellationToken stop) =>
        (await AskAsync(endpoint, method, target, body, [], stop).ConfigureAwait(false)).Body;

    private async Task<RestAnswer> AskAsync(
        Uri endpoint, HttpMethod method, string target, JsonNode? body, IReadOnlyList<(string Name, string Value)> headers,
        CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, new Uri(endpoint, target));
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString()));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        using HttpResponseMessage answer = await http.SendAsync(request, stop).ConfigureAwait(false);
        string text = await answer.Content.ReadAsStringAsync(stop).ConfigureAwait(false);
        JsonObject? json = Parse(text);
        if (answer.IsSuccessStatusCode)
        {
            return new RestAnswer(json ?? [], ResponseHeaders.Read(answer.Headers));
        }

        throw Refused(endpoint, answer, json);
    }

    /// <summary>Opens a stream at the first node that answers; the caller disposes it. Its head counts, not how long it lasts.</summary>
    /// <exception cref="CtlException">None answers, or the answer is a refusal.</exception>
    public async Task<HttpResponseMessage> OpenAsync(string target, CancellationToken stop)
    {
        string last = "";
        foreach (Uri endpoint in endpoints)
        {
            try
            {
                HttpResponseMessage answer = await http.GetAsync(
                    new Uri(endpoint, target), HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
                if (answer.IsSuccessStatusCode)
                {
                    return answer;
                }

                using (answer)
                {
                    throw Refused(endpoint, answer, Parse(await answer.Content.ReadAsStringAsync(stop).ConfigureAwait(false)));
                }
            }
            catch (HttpRequestException failure)
            {
                last = $"{endpoint}: {failure.Message}";
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                last = $"{endpoint}: no answer in time";
            }
        }

        throw new CtlException(CtlExit.Unavailable, $"No node answers. {last}");
    }

    private static CtlException Refused(Uri endpoint, HttpResponseMessage answer, JsonObject? json)
    {
        int exit = (int)answer.StatusCode switch
        {
            400 or 413 or 422 => CtlExit.Usage,
            401 or 403 => CtlExit.Forbidden,
            404 => CtlExit.NotFound,
            409 or 412 => CtlExit.Conflict,
            504 when (string?)json?["applied"] == "unknown" => CtlExit.Unknown,
            503 when (string?)json?["code"] == ErrorCodes.ConsistencyUnmet => CtlExit.LevelUnmet,
            429 or 503 or 504 => CtlExit.Unavailable,
            _ => CtlExit.Failed,
        };
        string said = (string?)json?["detail"] ?? (string?)json?["title"] ?? $"{endpoint} answers {(int)answer.StatusCode}.";
        return new CtlException(exit, (string?)json?["code"] is { } code ? $"{said} ({code})" : said);
    }

    private static bool NeverLeft(HttpRequestException failure) => failure.HttpRequestError
        is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError;

    private static JsonObject? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>An answer of the REST API: its body, and what its headers say of it.</summary>
internal sealed record RestAnswer(JsonObject Body, ResponseMetadata Metadata);
