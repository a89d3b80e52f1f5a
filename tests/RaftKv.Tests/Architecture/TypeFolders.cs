using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using RaftKv.Core.Tests.Architecture;

namespace RaftKv.Tests.Architecture;

/// <summary>In which folder each type of a built assembly was written, read from its debug information.</summary>
internal static class TypeFolders
{
    // Where the compiler names the documents of a type that has no code (portable PDB specification).
    private static readonly Guid _typeDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    /// <summary>Full name of each outermost type, and its folder below the root, such as <c>RaftKv/Doors/Rest</c>.</summary>
    /// <param name="root">The folder above the projects' own, such as <c>src</c>.</param>
    public static IReadOnlyDictionary<string, string> Of(string assembly, string root)
    {
        using var pe = new PEReader(File.OpenRead(assembly));
        using var provider =
            MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Path.ChangeExtension(assembly, "pdb")));
        MetadataReader metadata = pe.GetMetadataReader();
        MetadataReader pdb = provider.GetMetadataReader();
        var names = new TypeNames();
        var folders = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (TypeDefinitionHandle handle in metadata.TypeDefinitions)
        {
            string type = Outermost(names.Of(metadata, handle));
            if (!folders.ContainsKey(type) && FolderOf(metadata, pdb, handle, root) is { } folder)
            {
                folders.Add(type, folder);
            }
        }

        return folders;
    }

    /// <summary>What a nested or generated type belongs to.</summary>
    public static string Outermost(string type) => type.Split('+')[0];

    private static string? FolderOf(MetadataReader metadata, MetadataReader pdb, TypeDefinitionHandle handle, string root)
    {
        foreach (MethodDefinitionHandle method in metadata.GetTypeDefinition(handle).GetMethods())
        {
            MethodDebugInformation debug = pdb.GetMethodDebugInformation(method.ToDebugInformationHandle());
            if (!debug.Document.IsNil && FolderOf(pdb, debug.Document, root) is { } folder)
            {
                return folder;
            }
        }

        foreach (CustomDebugInformationHandle custom in pdb.GetCustomDebugInformation(handle))
        {
            CustomDebugInformation said = pdb.GetCustomDebugInformation(custom);
            if (pdb.GetGuid(said.Kind) == _typeDocuments)
            {
                BlobReader documents = pdb.GetBlobReader(said.Value);
                return FolderOf(pdb, MetadataTokens.DocumentHandle(documents.ReadCompressedInteger()), root);
            }
        }

        return null;
    }

    // What generators write lies elsewhere and belongs to no folder.
    private static string? FolderOf(MetadataReader pdb, DocumentHandle document, string root)
    {
        string path = pdb.GetString(pdb.GetDocument(document).Name).Replace('\\', '/');
        int at = path.LastIndexOf("/" + root + "/", StringComparison.Ordinal);
        bool isWritten = at >= 0 && !path.Contains("/obj/", StringComparison.Ordinal);
        return isWritten ? path[(at + root.Length + 2)..path.LastIndexOf('/')] : null;
    }
}
