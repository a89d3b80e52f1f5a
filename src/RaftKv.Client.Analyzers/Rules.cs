using Microsoft.CodeAnalysis;

namespace RaftKv.Client.Analyzers;

/// <summary>What is said, and how loud.</summary>
internal static class Rules
{
    internal static readonly DiagnosticDescriptor NotDisposed = new(
        "RKV001",
        "A handle is not disposed",
        "'{0}' is held until it is disposed: use 'await using', or hand it on",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A lock, leadership, lease or work item that nobody gives back is renewed for as long as the process lives.");

    internal static readonly DiagnosticDescriptor TokenNotPassed = new(
        "RKV002",
        "A cancellation token is not passed on",
        "'{0}' takes a cancellation token: pass '{1}'",
        Category,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        description: "Calls wait for as long as the client's time-out, and waits for locks for ever.");

    internal static readonly DiagnosticDescriptor NoFence = new(
        "RKV003",
        "A write under a lock does not carry its fence",
        "'{0}' is written while '{1}' is held, and without its fence: a process that stood still writes late",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "With WriteOptions.Fence the cluster refuses a write whose lock has gone to another one.");

    private const string Category = "RaftKv";
}
