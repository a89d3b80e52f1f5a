using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace RaftKv.Tests.Client;

/// <summary>The public surface of an assembly as lines, one a type or member, in an order of their own.</summary>
internal static class PublicApiText
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> _words = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    /// <summary>All lines of an assembly.</summary>
    public static IEnumerable<string> Of(Assembly assembly) =>
        assembly.GetExportedTypes()
            .Where(static type => !IsMade(type))
            .OrderBy(static type => type.FullName, StringComparer.Ordinal)
            .SelectMany(Of);

    /// <summary>The lines of one type.</summary>
    public static IEnumerable<string> Of(Type type)
    {
        string name = Name(type);
        yield return $"{Kind(type)} {name}{Bases(type)}";
        if (type.IsSubclassOf(typeof(Delegate)))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            yield return $"  {Name(invoke.ReturnType)} Invoke({Parameters(invoke)})";
            yield break;
        }

        IEnumerable<string> members = type.GetMembers(Declared)
            .Where(static member => !IsMade(member))
            .Select(Line)
            .OfType<string>();
        foreach (string line in members.Distinct().Order(StringComparer.Ordinal))
        {
            yield return "  " + line;
        }
    }

    // By the compiler, such as what makes a record equal to another.
    private static bool IsMade(MemberInfo member) =>
        member.IsDefined(typeof(CompilerGeneratedAttribute)) || member.Name.Contains('<', StringComparison.Ordinal);

    private static string? Line(MemberInfo member) => member switch
    {
        FieldInfo { IsSpecialName: true } => null,
        FieldInfo field when IsShown(field) =>
            $"{Static(field.IsStatic && !field.IsLiteral)}{field.Name}: {Name(field.FieldType)}{Value(field)}",
        PropertyInfo property when Accessors(property) is { Length: > 0 } accessors =>
            $"{Static(property.GetAccessors(true)[0].IsStatic)}{property.Name}: {Name(property.PropertyType)} {{ {accessors}}}",
        EventInfo one when one.AddMethod is { IsPublic: true } => $"event {one.Name}: {Name(one.EventHandlerType!)}",
        ConstructorInfo constructor when IsShown(constructor) => $"new({Parameters(constructor)})",
        MethodInfo method when IsShown(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) =>
            $"{Static(method.IsStatic)}{method.Name}{Generic(method.GetGenericArguments())}({Parameters(method)}): "
                + Name(method.ReturnType),
        _ => null,
    };

    private static bool IsShown(FieldInfo field) => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly;

    private static bool IsShown(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Accessors(PropertyInfo property)
    {
        string get = property.GetMethod is { } reader && IsShown(reader) ? "get; " : "";
        string set = property.SetMethod is not { } writer || !IsShown(writer) ? ""
            : writer.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init; " : "set; ";
        return get + set;
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(static parameter =>
    {
        Type type = parameter.ParameterType;
        bool isParams = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute));
        string way = parameter.IsOut ? "out " : parameter.IsIn ? "in " : type.IsByRef ? "ref " : isParams ? "params " : "";
        string otherwise = parameter.IsOptional ? " = " + Literal(parameter.RawDefaultValue) : "";
        return $"{way}{Name(type.IsByRef ? type.GetElementType()! : type)} {parameter.Name}{otherwise}";
    }));

    private static string Value(FieldInfo field) => field.IsLiteral ? " = " + Literal(field.GetRawConstantValue()) : "";

    private static string Literal(object? value) => value switch
    {
        null or DBNull => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        _ when type.IsSubclassOf(typeof(Delegate)) => "delegate",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    // What a base or an interface brings in is not told again.
    private static string Bases(Type type)
    {
        if (type.IsEnum || type.IsSubclassOf(typeof(Delegate)))
        {
            return "";
        }

        IEnumerable<Type> inherited =
            (type.BaseType?.GetInterfaces() ?? []).Concat(type.GetInterfaces().SelectMany(static one => one.GetInterfaces()));
        IEnumerable<Type> own = type.GetInterfaces().Except(inherited).Where(static one => one.IsVisible);
        List<string> names = [.. own.Select(Name).Order(StringComparer.Ordinal)];
        if (type.BaseType is { } root && root != typeof(object) && root != typeof(ValueType))
        {
            names.Insert(0, Name(root));
        }

        return names.Count == 0 ? "" : " : " + string.Join(", ", names);
    }

    private static string Static(bool isStatic) => isStatic ? "static " : "";

    private static string Generic(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(Name))}>";

    private static string Name(Type type)
    {
        if (_words.TryGetValue(type, out string? word))
        {
            return word;
        }

        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Name(inner) + "?";
        }

        if (type.HasElementType)
        {
            return type.IsByRef ? "ref " + Name(type.GetElementType()!) : Name(type.GetElementType()!) + "[]";
        }

        string bare = type.Name.Split('`')[0];
        string own = type.Namespace?.StartsWith("RaftKv", StringComparison.Ordinal) == true && !type.IsGenericParameter
            ? type.Namespace + "." : "";
        string outer = type is { IsNested: true, IsGenericParameter: false } ? Name(type.DeclaringType!) + "." : own;
        return outer + bare + Generic(type.GetGenericArguments());
    }
}
