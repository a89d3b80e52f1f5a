using Microsoft.CodeAnalysis;

namespace RaftKv.Client.Analyzers;

/// <summary>The client's types that rules are about.</summary>
internal static class ClientTypes
{
    private const string Namespace = "RaftKv.Client";

    private static readonly string[] Held = ["LockHandle", "Leadership", "LeaseKeeper", "WorkItem"];
    private static readonly string[] Fencing = ["LockHandle", "Leadership"];
    private static readonly string[] Writers = ["RaftKvClient", "IRaftKvClient", "RaftKvClientExtensions", "RaftKvSession"];

    private static readonly string[] Writes =
    [
        "PutAsync", "DeleteAsync", "DeletePrefixAsync", "DeleteAllAsync", "IncrementAsync", "CompareAndSetAsync", "TryCompareAndSetAsync",
        "UpdateAsync", "PutAcceptedAsync",
    ];

    internal static bool IsOfClient(ISymbol symbol) =>
        symbol.ContainingNamespace?.ToDisplayString() is { } name
        && (name == Namespace || name.StartsWith(Namespace + ".", System.StringComparison.Ordinal));

    /// <summary>What must be given back.</summary>
    internal static bool IsHeld(ITypeSymbol? type) => Is(type, Held);

    /// <summary>What has a fence.</summary>
    internal static bool IsFencing(ITypeSymbol? type) => Is(type, Fencing);

    internal static bool IsWrite(IMethodSymbol method) =>
        System.Array.IndexOf(Writes, method.Name) >= 0 && Is((method.ReducedFrom ?? method).ContainingType, Writers);

    internal static bool IsToken(ITypeSymbol type) =>
        type.Name == "CancellationToken" && type.ContainingNamespace.ToDisplayString() == "System.Threading";

    internal static bool IsWriteOptions(ITypeSymbol? type) => Is(type, ["WriteOptions"]);

    /// <summary>What a task brings; other types themselves.</summary>
    internal static ITypeSymbol? Awaited(ITypeSymbol? type) =>
        type is INamedTypeSymbol { IsGenericType: true, Name: "Task" or "ValueTask" } task ? task.TypeArguments[0] : type;

    private static bool Is(ITypeSymbol? type, string[] names) =>
        type is not null && System.Array.IndexOf(names, type.Name) >= 0 && type.ContainingNamespace?.ToDisplayString() == Namespace;
}
