using System.Reflection;
using RaftKv.Client;
using RaftKv.Client.AspNetCore;
using RaftKv.Client.Testing;
using RaftKv.Contract;
using RaftKv.Lab;
using RaftKv.Tests.GeneratedClients;

namespace RaftKv.Tests.Client;

/// <summary>What users compile against is written down beside each package; a change of it is seen in its diff.</summary>
public sealed class PublicApiTests
{
    public static TheoryData<string> Packages => [.. Assemblies.Keys];

    private static Dictionary<string, Assembly> Assemblies { get; } = new Assembly[]
    {
        typeof(RaftKvClient).Assembly, typeof(RaftKvApplicationBuilderExtensions).Assembly, typeof(RaftKvTestCluster).Assembly,
        typeof(HeaderNames).Assembly, typeof(LabNetwork).Assembly,
    }.ToDictionary(static assembly => assembly.GetName().Name!);

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_public_surface_is_what_is_written_down(string package)
    {
        string path = Path.Combine(Command.Root, "src", package, "PublicApi.txt");
        string actual = string.Concat(PublicApiText.Of(Assemblies[package]).Select(static line => line + "\n"));
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"{path} is missing; UPDATE_GOLDEN=1 writes it");
        Assert.True(actual == File.ReadAllText(path), $"{path} differs; run once with UPDATE_GOLDEN=1, and say what changed");
    }

    [Fact]
    public void Each_kind_of_member_is_a_line_of_its_own()
    {
        string[] lines = [.. PublicApiText.Of(typeof(Sample))];

        Assert.Equal("sealed class RaftKv.Tests.Client.Sample : IDisposable", lines[0]);
        Assert.Equal(
            [
                "  Dispose(): void",
                "  Limit: int = 3",
                "  Name: string { get; init; }",
                "  Send<T>(Dictionary<string, T> by, int? limit = default): T[]",
                "  event Told: EventHandler",
                "  new(string name)",
                "  static TryFind(string name, out long at): bool",
            ],
            lines[1..]);
    }
}

/// <summary>One of each.</summary>
public sealed class Sample : IDisposable
{
    public const int Limit = 3;

    public Sample(string name) => Name = name;

    public event EventHandler? Told;

    public string Name { get; init; }

    internal int Hidden { get; set; }

    public static bool TryFind(string name, out long at) => long.TryParse(name, out at);

    public T[] Send<T>(Dictionary<string, T> by, int? limit = null)
    {
        Told?.Invoke(this, EventArgs.Empty);
        return [.. by.Values.Take(limit ?? 1)];
    }

    public void Dispose()
    {
    }
}
