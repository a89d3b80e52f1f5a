using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Http;

/// <summary>What came of one request: an answer or a failure, and when. One of the two is there.</summary>
internal sealed record Reply(string Node, long StartNs, long EndNs, HttpAnswer? Answer, HttpFailureException? Failure)
{
    /// <summary>Answered with success.</summary>
    public bool IsOk => Answer is { Status: >= 200 and < 300 };

    /// <summary>What it proves about a change.</summary>
    public Outcome ChangeOutcome => Answer is null ? OutcomeMapping.OfChange(Failure!) : OutcomeMapping.OfChange(Answer);

    /// <summary>A look that failed has no effect.</summary>
    public Outcome ReadOutcome => IsOk ? Outcome.Ok : Outcome.Fail;

    /// <summary>Why it is not ok; null when it is.</summary>
    public string? Error => Answer is null ? Failure!.Message : IsOk ? null : OutcomeMapping.Describe(Answer);

    /// <summary>True for an answer with this status and, when given, this code.</summary>
    public bool Is(int status, string? code = null) =>
        Answer?.Status == status && (code is null || Answer.JsonString("code") == code);
}
