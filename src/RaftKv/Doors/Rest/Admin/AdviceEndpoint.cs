using RaftKv.Contract.Bodies;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
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
        AdviceBody wishes = await BodyReader.ReadJsonAsync(exchange.Http.Request, RequestJson.Default.AdviceBody, mayBeEmpty: true)
            ?? new AdviceBody();
        if (wishes.MaxStalenessMs is < 0 or > MaxStalenessMs)
        {
            throw ApiException.Invalid($"maxStalenessMs must be a whole number from 0 to {MaxStalenessMs}, a day.");
        }

        if (wishes.ReadShare is < 0 or > 1 or double.NaN)
        {
            throw ApiException.Invalid("readShare must be a number from 0 to 1: the part of the requests that only read.");
        }

        await AnswerWriter.SendAsync(exchange, BodyOf(ConsistencyAdvisor.Advise(WishesOf(wishes))), AnswerJson.Default.AdviceAnswer);
    }

    private static DesignWishes WishesOf(AdviceBody body) => new()
    {
        MustNeverBeStale = body.MustNeverBeStale,
        OwnWritesVisible = body.OwnWritesVisible,
        CauseBeforeEffect = body.CauseBeforeEffect,
        AvailableInPartition = body.AvailableInPartition,
        MaxStalenessMs = body.MaxStalenessMs,
        ReadShare = body.ReadShare,
        GlobalDistribution = body.GlobalDistribution,
    };

    private static AdviceAnswer BodyOf(ConsistencyAdvice advice) => new()
    {
        Level = ReadLevels.NameOf(advice.Level),
        Headers = new OrderedDictionary<string, string>(advice.Headers.Select(static h => KeyValuePair.Create(h.Name, h.Value))),
        Reasons = advice.Reasons,
        TradeOffs = advice.TradeOffs,
        Contradictions = advice.Contradictions,
        Alternatives =
            [.. advice.Alternatives.Select(static a => new AlternativeBody { Level = ReadLevels.NameOf(a.Level), When = a.When })],
    };
}
