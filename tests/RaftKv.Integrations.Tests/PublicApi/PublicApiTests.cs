using System.Reflection;
using RaftKv.BackgroundWork;
using RaftKv.Caching;
using RaftKv.Client;
using RaftKv.Client.AspNetCore;
using RaftKv.Client.Testing;
using RaftKv.DistributedLock;
using RaftKv.Quartz;
using RaftKv.RateLimiting;
using RaftKv.Resilience;

namespace RaftKv.Integrations.Tests.PublicApi;

/// <summary>
/// What users can name, in a file for each package beside this one, so that a change of it is seen in review.
/// <c>UPDATE_GOLDEN=1</c> writes the files.
/// </summary>
public sealed class PublicApiTests
{
    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
        | BindingFlags.NonPublic;

    [Theory]
    [InlineData(typeof(RaftKvClient))]
    [InlineData(typeof(RaftKvXmlRepository))]
    [InlineData(typeof(RaftKvTestCluster))]
    [InlineData(typeof(ShardedBackgroundService))]
    [InlineData(typeof(RaftKvDistributedCache))]
    [InlineData(typeof(RaftKvDistributedLock))]
    [InlineData(typeof(RaftKvFireOnceListener))]
    [InlineData(typeof(RaftKvRateLimiter))]
    [InlineData(typeof(RaftKvRetryOptions))]
    public void What_users_can_name_is_as_written_down(Type one)
    {
        string name = one.Assembly.GetName().Name!;
        string path = Path.Combine(Root(), "tests", "RaftKv.Integrations.Tests", "PublicApi", name + ".txt");
        string actual = string.Join('\n', Lines(one.Assembly)) + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"{path} is missing; UPDATE_GOLDEN=1 writes it.");
        Assert.True(actual == File.ReadAllText(path), $"What users of {name} can name has changed; run once with UPDATE_GOLDEN=1.");
    }

    [Fact]
    public void A_member_more_or_less_is_seen()
    {
        string[] lines = [.. Lines(typeof(RaftKvClient).Assembly)];

        Assert.Contains("RaftKv.Client.Fence.ctor(String, Int64, FenceKind)", lines);
        Assert.Contains("RaftKv.Client.IRaftKvClient.CountAsync(RaftKvRange, ReadOptions, CancellationToken): Task<CountResult>", lines);
        Assert.DoesNotContain(lines, static line => line.Contains("RequestSender", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Lines(Assembly assembly) => assembly.GetExportedTypes()
        .SelectMany(static type => type.GetMembers(Declared)
            .Where(IsVisible)
            .Select(member => $"{type.FullName}.{Text(member)}")
            .Prepend(type.FullName!))
        .Distinct()
        .Order(StringComparer.Ordinal);

    /// <summary>Accessors are told by their properties; what a compiler made for itself is nobody's to name.</summary>
    private static bool IsVisible(MemberInfo member) => !member.Name.Contains('<', StringComparison.Ordinal) && member switch
    {
        MethodInfo method => IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)),
        ConstructorInfo constructor => IsVisible(constructor),
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible),
        EventInfo changed => changed.AddMethod is { } add && IsVisible(add),
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        _ => false,
    };

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Text(MemberInfo member) => member switch
    {
        MethodInfo method => $"{method.Name}({Parameters(method)}): {Name(method.ReturnType)}",
        ConstructorInfo constructor => $"ctor({Parameters(constructor)})",
        PropertyInfo property => $"{property.Name}: {Name(property.PropertyType)}"
            + (property.SetMethod is { } set && IsVisible(set) ? " { get; set; }" : " { get; }"),
        EventInfo changed => $"event {changed.Name}: {Name(changed.EventHandlerType!)}",
        FieldInfo { IsLiteral: true } constant => $"{constant.Name} = {constant.GetRawConstantValue()}",
        FieldInfo field => $"{field.Name}: {Name(field.FieldType)}",
        _ => member.Name,
    };

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(static parameter => Name(parameter.ParameterType)));

    private static string Name(Type type) => type switch
    {
        { IsByRef: true } => "ref " + Name(type.GetElementType()!),
        { IsArray: true } => Name(type.GetElementType()!) + "[]",
        { IsGenericType: true } => $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>",
        _ => type.Name,
    };

    private static string Root()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "RaftKv.sln")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException($"No RaftKv.sln above {AppContext.BaseDirectory}.");
    }
}
