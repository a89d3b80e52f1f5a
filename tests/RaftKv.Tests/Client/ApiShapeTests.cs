using System.Reflection;
using RaftKv.Client;

namespace RaftKv.Tests.Client;

/// <summary>Rules that the client's public surface keeps.</summary>
public sealed class ApiShapeTests
{
    private static readonly Type[] PublicTypes = typeof(RaftKvClient).Assembly.GetExportedTypes();

    /// <summary>What the framework's own pattern has users derive from.</summary>
    private static readonly Type[] MeantToBeDerivedFrom = [typeof(LeaderBackgroundService)];

    [Fact]
    public void Every_class_is_sealed_or_the_closed_root_of_a_set()
    {
        foreach (Type type in PublicTypes.Where(static type => type.IsClass && !type.IsSealed).Except(MeantToBeDerivedFrom))
        {
            Assert.True(type.IsAbstract, $"{type} can be inherited.");
            IEnumerable<ConstructorInfo> open = type.GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
                .Where(constructor => !constructor.IsPrivate && !constructor.IsFamilyAndAssembly && !constructor.IsAssembly && !IsCopy(constructor, type));
            Assert.True(!open.Any(), $"{type} can be inherited outside its assembly.");
        }
    }

    [Fact]
    public void Every_call_that_waits_takes_a_cancellation_token_last()
    {
        string[] exempt = [nameof(IAsyncDisposable.DisposeAsync)];
        foreach (MethodInfo method in Methods().Where(method => IsAwaitable(method.ReturnType) && !exempt.Contains(method.Name)))
        {
            Assert.True(
                method.GetParameters().LastOrDefault() is { IsOptional: true } last && last.ParameterType == typeof(CancellationToken),
                $"{method.DeclaringType}.{method.Name} has no optional CancellationToken at its end.");
            Assert.EndsWith("Async", method.Name, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_cancellation_token_is_never_anywhere_but_last()
    {
        foreach (MethodInfo method in Methods())
        {
            Assert.DoesNotContain(method.GetParameters().SkipLast(1), static parameter => parameter.ParameterType == typeof(CancellationToken));
        }
    }

    [Fact]
    public void Every_exception_derives_from_the_one_root()
    {
        foreach (Type type in PublicTypes.Where(static type => type.IsAssignableTo(typeof(Exception))))
        {
            Assert.True(type.IsAssignableTo(typeof(RaftKvException)), $"{type} is outside the family.");
        }
    }

    private static IEnumerable<MethodInfo> Methods() => PublicTypes.SelectMany(
        static type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly));

    private static bool IsAwaitable(Type type) =>
        type.IsAssignableTo(typeof(Task)) || type == typeof(ValueTask)
        || (type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(ValueTask<>) || type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)));

    /// <summary>
    /// A record's copy constructor is protected by the language; it needs an instance, which nobody outside can make.
    /// </summary>
    private static bool IsCopy(ConstructorInfo constructor, Type type) =>
        constructor.GetParameters() is [{ } only] && only.ParameterType == type;
}
