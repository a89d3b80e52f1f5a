namespace RaftKv.Core.Tests.Architecture;

/// <summary>
/// The core stays a pure function of its inputs, and its halves stay apart; read from the built assembly.
/// </summary>
public sealed class CoreBoundaryTests
{
    private const string KnownBad = "RaftKv.Core.Tests.Architecture.KnownBad";

    [Fact]
    public void The_core_reaches_no_clock_task_file_socket_or_chance()
    {
        using var core = new AssemblyFacts(typeof(Check).Assembly.Location);

        Assert.Contains("System.Runtime", core.ReferencedAssemblies());
        Assert.Empty(CoreBoundary.Violations(core));
    }

    [Fact]
    public void An_assembly_that_reaches_out_is_rejected()
    {
        using var bad = new AssemblyFacts(typeof(CoreBoundaryTests).Assembly.Location);
        IReadOnlyList<string> violations = CoreBoundary.Violations(bad);

        Assert.Contains("refers to assembly xunit.core", violations);
        Assert.Contains("uses type System.IO.File", violations);
        Assert.Contains("uses type System.DateTime", violations);
        Assert.Contains("uses type System.Threading.Tasks.Task", violations);
        Assert.Contains("uses type System.Runtime.CompilerServices.AsyncTaskMethodBuilder", violations);
        Assert.Contains("uses member System.Guid::NewGuid", violations);
        Assert.Contains("uses member System.Environment::get_ProcessId", violations);
        Assert.Contains("uses member System.Globalization.CultureInfo::get_CurrentCulture", violations);
        Assert.Contains($"has static state {KnownBad}.Left.UsesTheMachine::Counter", violations);
    }

    [Theory]
    [InlineData("Raft", "Store")]
    [InlineData("Raft", "Replica")]
    [InlineData("Raft", "Disk")]
    [InlineData("Store", "Raft")]
    [InlineData("Store", "Replica")]
    [InlineData("Store", "Disk")]
    [InlineData("Replica", "Disk")]
    public void Of_the_core_only_these_parts_know_each_other(string user, string stranger)
    {
        using var core = new AssemblyFacts(typeof(Check).Assembly.Location);
        IReadOnlyList<string> uses = core.UsesFrom("RaftKv.Core." + user);

        Assert.NotEmpty(uses);
        Assert.DoesNotContain(uses, use => use.Contains($"-> RaftKv.Core.{stranger}.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("UsesTheOtherSideInABody", "Other")]
    [InlineData("UsesTheOtherSideAsAnArgument", "Thing")]
    public void A_use_of_the_other_side_is_found_in_bodies_and_in_signatures(string user, string used)
    {
        using var bad = new AssemblyFacts(typeof(CoreBoundaryTests).Assembly.Location);

        Assert.Contains($"{KnownBad}.Left.{user} -> {KnownBad}.Right.{used}", bad.UsesFrom(KnownBad + ".Left"));
        Assert.DoesNotContain(bad.UsesFrom(KnownBad + ".Right"), use => use.Contains(".Left.", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_class_of_the_core_is_sealed_static_or_the_root_of_a_closed_set() =>
        Assert.Empty(OpenTypes(typeof(Check).Assembly.GetTypes()));

    [Fact]
    public void An_open_class_is_rejected()
    {
        Assert.Single(OpenTypes([typeof(Open), typeof(Root), typeof(Case)]));
        Assert.Single(OpenTypes([typeof(Childless)]));
    }

    /// <summary>
    /// Types from which anybody could derive: neither sealed nor abstract, or abstract without a case of its own.
    /// </summary>
    private static IEnumerable<string> OpenTypes(IReadOnlyList<Type> types) =>
        types
            .Where(type => type.IsClass && !type.IsSealed && !type.Name.Contains('<', StringComparison.Ordinal))
            .Where(type => !type.IsAbstract || !types.Any(other => IsCaseOf(other, type)))
            .Select(type => $"{type.FullName} can be derived from");

    private static bool IsCaseOf(Type type, Type root) =>
        type.BaseType is { } known && (known.IsGenericType ? known.GetGenericTypeDefinition() : known) == root;

    private class Open;

    private abstract class Childless;

    private abstract class Root;

    private sealed class Case : Root;
}
