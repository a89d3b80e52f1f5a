using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace RaftKv.Client.Analyzers.Tests;

/// <summary>Code that each rule must find, and code that it must leave alone.</summary>
public sealed class AnalyzerTests
{
    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(static path => (MetadataReference)MetadataReference.CreateFromFile(path)),
    ];

    [Theory]
    [InlineData("await client.Locks.AcquireAsync(\"a\", ttl);")]
    [InlineData("_ = await client.Locks.TryAcquireAsync(\"a\", ttl);")]
    [InlineData("LockHandle h = await client.Locks.AcquireAsync(\"a\", ttl); Console.WriteLine(h.FencingToken);")]
    [InlineData("var h = await client.Locks.TryAcquireAsync(\"a\", ttl); if (h is null) { return; }")]
    [InlineData("var h = await client.Locks.AcquirePlaceAsync(\"a\", 3, ttl).ConfigureAwait(false); Console.WriteLine(h.Name);")]
    [InlineData("Leadership l = await client.Elections.CampaignAsync(\"a\", \"me\", ttl); Console.WriteLine(l?.Name);")]
    [InlineData("LeaseKeeper k = await client.Leases.KeepAsync(ttl); Console.WriteLine(k.Id);")]
    public async Task A_handle_that_nobody_gives_back_is_found(string body) => Assert.Equal(["RKV001"], await FindAsync(body));

    [Theory]
    [InlineData("await using LockHandle h = await client.Locks.AcquireAsync(\"a\", ttl);")]
    [InlineData("await using var h = await client.Locks.TryAcquireAsync(\"a\", ttl);")]
    [InlineData("await using (LockHandle h = await client.Locks.AcquireAsync(\"a\", ttl)) { Console.WriteLine(h.Name); }")]
    [InlineData("await using (await client.Locks.AcquireAsync(\"a\", ttl)) { }")]
    [InlineData("LockHandle h = await client.Locks.AcquireAsync(\"a\", ttl); try { } finally { await h.DisposeAsync(); }")]
    [InlineData("var h = await client.Locks.TryAcquireAsync(\"a\", ttl); await using (h) { }")]
    [InlineData("LockHandle h = await client.Locks.AcquireAsync(\"a\", ttl); Keep(h);")]
    [InlineData("LockHandle h = await client.Locks.AcquireAsync(\"a\", ttl); _kept = h;")]
    [InlineData("_kept = await client.Locks.AcquireAsync(\"a\", ttl);")]
    [InlineData("Keep(await client.Locks.AcquireAsync(\"a\", ttl));")]
    [InlineData("Task<LockHandle> later = client.Locks.AcquireAsync(\"a\", ttl); Keep(await later);")]
    [InlineData("LockHandle h = await client.Locks.AcquireAsync(\"a\", ttl); Func<bool> f = () => h.IsHeld; Console.WriteLine(f());")]
    [InlineData("LeaseGrant g = await client.Leases.GrantAsync(ttl); Console.WriteLine(g.Id);")]
    public async Task A_handle_that_is_given_back_or_handed_on_is_left_alone(string body) => Assert.Empty(await FindAsync(body));

    [Theory]
    [InlineData("await client.GetAsync(\"a\");")]
    [InlineData("await client.PutAsync(\"a\", \"1\", new WriteOptions());")]
    [InlineData("HELD")]
    public async Task A_token_that_is_not_passed_on_is_found(string body) =>
        Assert.Equal(["RKV002"], await FindAsync(body, "CancellationToken stop"));

    [Theory]
    [InlineData("await client.GetAsync(\"a\", cancellationToken: stop);", "CancellationToken stop")]
    [InlineData("await client.PutAsync(\"a\", \"1\", null, stop);", "CancellationToken stop")]
    [InlineData("await client.GetAsync(\"a\", cancellationToken: CancellationToken.None);", "CancellationToken stop")]
    [InlineData("await client.GetAsync(\"a\");", "")]
    [InlineData("Func<Task> f = () => client.GetAsync(\"a\"); await f();", "CancellationToken stop")]
    [InlineData("client.ForgetSession(); await Task.CompletedTask;", "CancellationToken stop")]
    public async Task A_token_that_is_passed_or_not_there_is_left_alone(string body, string parameters) =>
        Assert.Empty(await FindAsync(body, parameters));

    [Theory]
    [InlineData("HELD await client.PutAsync(\"k\", \"1\");", "")]
    [InlineData("HELD await client.PutAsync(\"k\", \"1\", new WriteOptions { Lease = \"1\" });", "")]
    [InlineData("await using (LockHandle h = await client.Locks.AcquireAsync(\"a\", ttl)) { await client.DeleteAsync(\"k\", null); }", "")]
    [InlineData("await client.IncrementAsync(\"k\", 2);", "Leadership leader")]
    [InlineData("HELD if (h.IsHeld) { await client.TryCompareAndSetAsync(\"k\", Precondition.Missing, \"1\"); }", "")]
    public async Task A_write_under_a_lock_without_its_fence_is_found(string body, string parameters) =>
        Assert.Equal(["RKV003"], await FindAsync(body, parameters));

    [Theory]
    [InlineData("HELD await client.PutAsync(\"k\", \"1\", new WriteOptions { Fence = h.Fence });")]
    [InlineData("HELD WriteOptions o = new() { Fence = h.Fence }; await client.PutAsync(\"k\", \"1\", o);")]
    [InlineData("await client.PutAsync(\"k\", \"1\"); HELD")]
    [InlineData("{ HELD } await client.PutAsync(\"k\", \"1\");")]
    [InlineData("HELD await client.GetAsync(\"k\");")]
    [InlineData("await using var k = await client.Leases.KeepAsync(ttl); await client.PutAsync(\"k\", \"1\");")]
    public async Task A_write_with_its_fence_or_outside_of_the_lock_is_left_alone(string body) => Assert.Empty(await FindAsync(body));

    private static async Task<IEnumerable<string>> FindAsync(string body, string parameters = "")
    {
        body = body.Replace("HELD", "await using var h = await client.Locks.AcquireAsync(\"a\", ttl);", StringComparison.Ordinal);
        string source = $$"""
            using System;
            using System.Threading;
            using System.Threading.Tasks;
            using RaftKv.Client;

            public sealed class Subject(RaftKvClient client)
            {
                private readonly TimeSpan ttl = TimeSpan.FromSeconds(10);
                private LockHandle? _kept;

                public async Task RunAsync({{parameters}})
                {
                    {{body}}
                }

                private void Keep(LockHandle handle) => _kept = handle;
            }
            """;
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Subject",
            [CSharpSyntaxTree.ParseText(source)],
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        Assert.Empty(compilation.GetDiagnostics().Where(static found => found.Severity == DiagnosticSeverity.Error));
        ImmutableArray<Diagnostic> found = await compilation
            .WithAnalyzers([new HandleAnalyzer(), new CallAnalyzer()]).GetAnalyzerDiagnosticsAsync();
        return found.Select(static diagnostic => diagnostic.Id).Distinct();
    }
}
