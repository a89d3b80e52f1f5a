using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Http;

/// <summary>
/// What an answer proves about a change. Strict: "fail" only on the server's own word that nothing was applied, or when
/// the request never left; whatever else goes wrong is unknown.
/// </summary>
internal static class OutcomeMapping
{
    public static Outcome OfChange(HttpAnswer answer)
    {
        if (answer.Status is >= 200 and < 300)
        {
            return Outcome.Ok;
        }

        bool isRefusal = answer.Status is >= 400 and < 500 or 503 or 507;
        return isRefusal && answer.JsonString("applied") == "no" ? Outcome.Fail : Outcome.Info;
    }

    public static Outcome OfChange(HttpFailureException failure) => failure.WasSent ? Outcome.Info : Outcome.Fail;

    /// <summary>Why an answer is not ok, short enough for a history line.</summary>
    public static string Describe(HttpAnswer answer) => $"{answer.Status} {answer.JsonString("code")}".TrimEnd();
}
