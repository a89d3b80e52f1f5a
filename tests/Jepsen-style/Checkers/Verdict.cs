namespace RaftKv.JepsenStyle.Checkers;

/// <summary>What a checker says; the values are the program's exit codes.</summary>
internal enum Validity
{
    /// <summary>The history keeps the promise.</summary>
    Valid = 0,

    /// <summary>It breaks it.</summary>
    Violation = 1,

    /// <summary>The checker can't tell: out of time, or the evidence is missing.</summary>
    Unknown = 2,
}

/// <summary>A checker's answer.</summary>
/// <param name="Problems">Sentences; empty when valid.</param>
internal sealed record Verdict(string Checker, Validity Validity, IReadOnlyList<string> Problems)
{
    public static Verdict Of(string checker, IReadOnlyList<string> violations) =>
        new(checker, violations.Count == 0 ? Validity.Valid : Validity.Violation, violations);

    public static Verdict Unknown(string checker, string why) => new(checker, Validity.Unknown, [why]);

    /// <summary>A violation outweighs a doubt, and a doubt outweighs a success.</summary>
    public static Validity Worst(IEnumerable<Verdict> verdicts)
    {
        var all = verdicts.Select(verdict => verdict.Validity).ToList();
        return all.Contains(Validity.Violation) ? Validity.Violation
            : all.Contains(Validity.Unknown) || all.Count == 0 ? Validity.Unknown
            : Validity.Valid;
    }
}
