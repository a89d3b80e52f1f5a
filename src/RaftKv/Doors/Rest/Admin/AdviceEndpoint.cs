using System.Text.Json;
using RaftKv.Core;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Bodies;
using RaftKv.Service.Advice;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.Rest.Admin;

/// <summary>POST /consistency/advice.</summary>
internal static class AdviceEndpoint
{
    private const long MaxStalenessMs = 24L * 3_600_000;

    /// <summary>Answers a design review's questions; reads nothing from the store.</summary>
    public static async Task PostAsync(Exchange exchange)
    {
        exchange.ParseRead(QueryField.None);
        exchange.Observe();
        AdviceBody wishes = await BodyReader.ReadJsonAsync(exchange.Http.Request, ApiJsonContext.Default.AdviceBody, mayBeEmpty: true)
            ?? new AdviceBody();
        if (wishes.MaxStalenessMs is < 0 or > MaxStalenessMs)
        {
            throw ApiException.Invalid($"maxStalenessMs must be a whole number from 0 to {MaxStalenessMs}, a day.");
        }

        if (wishes.ReadShare is < 0 or > 1 or double.NaN)
        {
            throw ApiException.Invalid("readShare must be a number from 0 to 1: the part of the requests that only read.");
        }

        JsonAnswer answer = JsonAnswer.Rent();
        Write(answer.Json, ConsistencyAdvisor.Advise(wishes));
        await AnswerWriter.SendJsonAsync(exchange, answer, SuccessStatus.Ok);
    }

    private static void Write(Utf8JsonWriter json, ConsistencyAdvice advice)
    {
        json.WriteStartObject();
        json.WriteString("level"u8, ReadLevels.NameOf(advice.Level));
        json.WriteStartObject("headers"u8);
        foreach ((string name, string value) in advice.Headers)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        WriteTexts(json, "reasons", advice.Reasons);
        WriteTexts(json, "tradeOffs", advice.TradeOffs);
        WriteTexts(json, "contradictions", advice.Contradictions);
        json.WriteStartArray("alternatives"u8);
        foreach (AdviceAlternative alternative in advice.Alternatives)
        {
            json.WriteStartObject();
            json.WriteString("level"u8, ReadLevels.NameOf(alternative.Level));
            json.WriteString("when"u8, alternative.When);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
