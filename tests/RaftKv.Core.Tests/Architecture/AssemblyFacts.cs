using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace RaftKv.Core.Tests.Architecture;

/// <summary>What a built assembly refers to, read from its metadata and IL without loading it.</summary>
internal sealed class AssemblyFacts : IDisposable
{
    private readonly PEReader _pe;
    private readonly MetadataReader _metadata;
    private readonly TypeNames _names = new();

    public AssemblyFacts(string path)
    {
        _pe = new PEReader(File.OpenRead(path));
        _metadata = _pe.GetMetadataReader();
    }

    /// <summary>Names of the assemblies referred to, sorted.</summary>
    public IReadOnlyList<string> ReferencedAssemblies() =>
        [.. _metadata.AssemblyReferences
            .Select(handle => _metadata.GetString(_metadata.GetAssemblyReference(handle).Name))
            .Order(StringComparer.Ordinal)];

    /// <summary>Full names of the types of other assemblies that are referred to, sorted.</summary>
    public IReadOnlyList<string> ReferencedTypes() =>
        [.. _metadata.TypeReferences.Select(handle => _names.Of(_metadata, handle)).Order(StringComparer.Ordinal)];

    /// <summary>Members of other assemblies that are called or read, as Type::Member, sorted.</summary>
    public IReadOnlyList<string> ReferencedMembers()
    {
        var result = new SortedSet<string>(StringComparer.Ordinal);
        foreach (MemberReferenceHandle handle in _metadata.MemberReferences)
        {
            MemberReference member = _metadata.GetMemberReference(handle);
            foreach (string type in TypesOf(member.Parent))
            {
                result.Add($"{type}::{_metadata.GetString(member.Name)}");
            }
        }

        return [.. result];
    }

    /// <summary>
    /// Static fields that can change after their type's initialisation; those that the compiler makes are left out.
    /// </summary>
    public IReadOnlyList<string> MutableStaticFields()
    {
        var result = new List<string>();
        foreach (TypeDefinitionHandle typeHandle in _metadata.TypeDefinitions)
        {
            string type = _names.Of(_metadata, typeHandle);
            foreach (FieldDefinitionHandle handle in _metadata.GetTypeDefinition(typeHandle).GetFields())
            {
                FieldDefinition field = _metadata.GetFieldDefinition(handle);
                string name = _metadata.GetString(field.Name);
                bool isFixed = (field.Attributes & (FieldAttributes.InitOnly | FieldAttributes.Literal)) != 0;
                bool isStatic = (field.Attributes & FieldAttributes.Static) != 0;
                if (isStatic && !isFixed && !type.Contains('<', StringComparison.Ordinal) && !name.StartsWith('<'))
                {
                    result.Add($"{type}::{name}");
                }
            }
        }

        return result;
    }

    /// <summary>
    /// For each type of a namespace of this assembly (and of those below it): the types that its declaration, its
    /// signatures and its method bodies refer to, as "User -> Used".
    /// </summary>
    public IReadOnlyList<string> UsesFrom(string nameSpace)
    {
        var result = new SortedSet<string>(StringComparer.Ordinal);
        foreach (TypeDefinitionHandle handle in _metadata.TypeDefinitions)
        {
            string user = _names.Of(_metadata, handle);
            if (IsIn(user, nameSpace))
            {
                foreach (string used in UsesOf(_metadata.GetTypeDefinition(handle)))
                {
                    result.Add($"{user} -> {used}");
                }
            }
        }

        return [.. result];
    }

    /// <summary>True when the type's full name lies in the namespace or below it.</summary>
    public static bool IsIn(string typeName, string nameSpace) => typeName.StartsWith(nameSpace + ".", StringComparison.Ordinal);

    public void Dispose() => _pe.Dispose();

    private IEnumerable<string> UsesOf(TypeDefinition type)
    {
        IEnumerable<string> uses = TypesOf(type.BaseType);
        uses = uses.Concat(type.GetInterfaceImplementations().SelectMany(i => TypesOf(_metadata.GetInterfaceImplementation(i).Interface)));
        uses = uses.Concat(type.GetFields().SelectMany(f => _metadata.GetFieldDefinition(f).DecodeSignature(_names, null)));
        foreach (MethodDefinitionHandle handle in type.GetMethods())
        {
            MethodDefinition method = _metadata.GetMethodDefinition(handle);
            uses = uses.Concat(TypeNames.Of(method.DecodeSignature(_names, null)));
            if (method.RelativeVirtualAddress != 0)
            {
                uses = uses.Concat(UsesOf(_pe.GetMethodBody(method.RelativeVirtualAddress)));
            }
        }

        return uses;
    }

    private IEnumerable<string> UsesOf(MethodBodyBlock body)
    {
        var result = new List<string>();
        if (!body.LocalSignature.IsNil)
        {
            result.AddRange(_metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_names, null).SelectMany(t => t));
        }

        foreach (int token in IlTokens.In(body.GetILBytes()!))
        {
            result.AddRange(TypesOf(MetadataTokens.EntityHandle(token)));
        }

        return result;
    }

    /// <summary>The types that a type, member or specification names.</summary>
    private IEnumerable<string> TypesOf(EntityHandle handle)
    {
        if (handle.IsNil)
        {
            return [];
        }

        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                return [_names.Of(_metadata, (TypeDefinitionHandle)handle)];
            case HandleKind.TypeReference:
                return [_names.Of(_metadata, (TypeReferenceHandle)handle)];
            case HandleKind.TypeSpecification:
                return _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(_names, null);
            case HandleKind.FieldDefinition:
                return TypesOf(_metadata.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
            case HandleKind.MethodDefinition:
                return TypesOf(_metadata.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
            case HandleKind.MemberReference:
                return TypesOf(_metadata.GetMemberReference((MemberReferenceHandle)handle).Parent);
            case HandleKind.MethodSpecification:
                MethodSpecification specification = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                return TypesOf(specification.Method).Concat(specification.DecodeSignature(_names, null).SelectMany(t => t));
            default:
                return [];
        }
    }
}
