namespace RaftKv.Core.Reads;

/// <summary>What one read asks for.</summary>
/// <param name="Level">The promise.</param>
/// <param name="Session">The merged tokens that came with the request; default when none.</param>
/// <param name="MaxStalenessUs">For bounded: at most so many microseconds old; null when not asked.</param>
/// <param name="MaxLagRevisions">For bounded: at most so many revisions behind; null when not asked.</param>
/// <param name="Revision">The revision to read at; zero for the newest of the view.</param>
public readonly record struct ReadTerms(
    ReadLevel Level, SessionMark Session = default, long? MaxStalenessUs = null, long? MaxLagRevisions = null, Revision Revision = default);
