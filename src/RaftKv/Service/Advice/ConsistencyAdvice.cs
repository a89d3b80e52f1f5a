using RaftKv.Core.Reads;

namespace RaftKv.Service.Advice;

/// <summary>What <see cref="ConsistencyAdvisor"/> says.</summary>
/// <param name="Headers">What to send with each read, name and value.</param>
/// <param name="Reasons">Why this level, a sentence each.</param>
/// <param name="TradeOffs">What it costs, a sentence each.</param>
/// <param name="Contradictions">Wishes that no system can fulfil together, and which one was kept; usually empty.</param>
internal sealed record ConsistencyAdvice(
    ReadLevel Level,
    IReadOnlyList<(string Name, string Value)> Headers,
    IReadOnlyList<string> Reasons,
    IReadOnlyList<string> TradeOffs,
    IReadOnlyList<string> Contradictions,
    IReadOnlyList<AdviceAlternative> Alternatives);

/// <summary>Another level, and when it would be the better one.</summary>
internal sealed record AdviceAlternative(ReadLevel Level, string When);
