using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>Short forms for histories in tests. Times are small integers.</summary>
internal static class HistoryBuilder
{
    public static Operation Read(long start, long end, long? result, string key = "k") =>
        new(0, "n1", OperationKind.Read, key, null, null, start, end, Outcome.Ok, result);

    public static Operation Write(
        long start, long end, long value, Outcome outcome = Outcome.Ok, string key = "k", long? revision = null) =>
        new(0, "n1", OperationKind.Write, key, value, null, start, end, outcome, Revision: revision);

    public static Operation Cas(long start, long end, long? expected, long value, Outcome outcome = Outcome.Ok, bool isMatched = true) =>
        new(0, "n1", OperationKind.CompareAndSet, "k", value, expected, start, end, outcome, IsMatched: isMatched);

    public static Operation Add(long start, long end, long? result, Outcome outcome = Outcome.Ok) =>
        new(0, "n1", OperationKind.Add, "k", 1, null, start, end, outcome, result);

    public static FinalPair Pair(string node, string key, long value, long revision, long version = 1) =>
        new(node, key, value, version, revision - (version - 1), revision);
}
