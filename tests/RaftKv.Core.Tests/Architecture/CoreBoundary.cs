namespace RaftKv.Core.Tests.Architecture;

/// <summary>
/// What the deterministic core may touch. The rest is a finding: a new dependency is a decision, not an accident.
/// </summary>
internal static class CoreBoundary
{
    /// <summary>
    /// Assemblies of the base library that hold no way out of the process, as far as the types below are not used.
    /// </summary>
    private static readonly string[] AllowedAssemblies =
    [
        "System.Collections", "System.Collections.Immutable", "System.Linq", "System.Memory", "System.Numerics.Vectors",
        "System.Runtime", "System.Runtime.Extensions", "System.Runtime.InteropServices", "System.Runtime.Intrinsics", "System.Threading",
        "System.Text.Encoding.Extensions", "System.Security.Cryptography",
    ];

    /// <summary>Namespaces of the base library that the core uses none of, with those below them.</summary>
    private static readonly string[] BannedNamespaces =
    [
        "System.Net", "System.IO", "System.Threading", "System.Timers", "System.Diagnostics.Tracing", "System.Security", "System.Data",
        "System.Reflection.Emit", "System.Linq.Expressions", "Microsoft",
    ];

    /// <summary>
    /// Exceptions to the above: plain data types, digests (functions of their input), and the fence that publishes an
    /// immutable root.
    /// </summary>
    private static readonly string[] AllowedTypes =
    [
        "System.IO.EndOfStreamException", "System.IO.InvalidDataException", "System.Threading.Volatile", "System.Threading.Interlocked",
        "System.Security.Cryptography.IncrementalHash", "System.Security.Cryptography.HashAlgorithmName",
        "System.Security.UnverifiableCodeAttribute", "System.Security.Permissions.SecurityPermissionAttribute",
        "System.Security.Permissions.SecurityAction", "Microsoft.CodeAnalysis.EmbeddedAttribute",
    ];

    private static readonly string[] BannedTypes =
    [
        "System.Console", "System.DateTime", "System.DateTimeOffset", "System.GC", "System.HashCode",
        "System.Random", "System.TimeProvider", "System.WeakReference", "System.WeakReference`1",
        "System.Diagnostics.Process", "System.Diagnostics.Stopwatch",
        "System.ThreadStaticAttribute", "System.Runtime.CompilerServices.ConditionalWeakTable`2",
        "System.Runtime.CompilerServices.AsyncStateMachineAttribute", "System.Runtime.CompilerServices.AsyncTaskMethodBuilder",
    ];

    private static readonly string[] BannedMembers =
    [
        "System.Guid::NewGuid", "System.String::GetHashCode", "System.Globalization.CultureInfo::get_CurrentCulture",
        "System.Globalization.CultureInfo::get_CurrentUICulture", "System.Runtime.CompilerServices.RuntimeHelpers::GetHashCode",
    ];

    /// <summary>Every way in which the assembly reaches out of the deterministic world.</summary>
    public static IReadOnlyList<string> Violations(AssemblyFacts assembly)
    {
        IEnumerable<string> assemblies = assembly.ReferencedAssemblies()
            .Where(name => !AllowedAssemblies.Contains(name))
            .Select(name => $"refers to assembly {name}");
        IEnumerable<string> types = assembly.ReferencedTypes().Where(IsBannedType).Select(name => $"uses type {name}");
        IEnumerable<string> members = assembly.ReferencedMembers()
            .Where(IsBannedMember)
            .Select(name => $"uses member {name}");
        IEnumerable<string> statics = assembly.MutableStaticFields().Select(name => $"has static state {name}");
        return [.. assemblies, .. types, .. members, .. statics];
    }

    // Every iterator that the compiler makes asks for the thread's id, to tell a second enumeration; nothing else may.
    private static bool IsBannedMember(string name) =>
        BannedMembers.Contains(name)
        || (name.StartsWith("System.Environment::", StringComparison.Ordinal) && name != "System.Environment::get_CurrentManagedThreadId");

    private static bool IsBannedType(string name) =>
        BannedTypes.Contains(name)
        || (BannedNamespaces.Any(banned => AssemblyFacts.IsIn(name, banned)) && !AllowedTypes.Contains(name));
}
