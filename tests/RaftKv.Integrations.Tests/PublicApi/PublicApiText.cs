using System.Reflection;
using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Integrations.Tests.PublicApi;

/// <summary>What users can name of an assembly, a line for each member, and the file that it is written down in.</summary>
internal static class PublicApiText
{
    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
        | BindingFlags.NonPublic;

    /// <summary>Compares with <c>PublicApi/NAME.txt</c> of the tests' project; <c>UPDATE_GOLDEN=1</c> writes it first.</summary>
    /// <param name="tests">The project's folder below <c>tests</c>.</param>
    internal static void Check(Assembly assembly, string tests)
    {
        string name = assembly.GetName().Name!;
        string path = Path.Combine(SourceTree.Root(), "tests", tests, "PublicApi", name + ".txt");
        string actual = string.Join('\n', Lines(assembly)) + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"{path} is missing; UPDATE_GOLDEN=1 writes it.");
        Assert.True(actual == File.ReadAllText(path), $"What users of {name} can name has changed; run once with UPDATE_GOLDEN=1.");
    }

    internal static IEnumerable<string> Lines(Assembly assembly) => assembly.GetExportedTypes()
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
}
