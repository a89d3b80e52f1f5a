using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace RaftKv.Doors.Grpc.Standard;

/// <summary>
/// The descriptors of all that is served, by file and by symbol. Messages have theirs from the generated code; those of
/// the services, which are bound by hand, are made from the methods, one file a service. Immutable; any thread.
/// </summary>
internal sealed class DescriptorIndex
{
    private readonly SortedDictionary<string, FileDescriptorProto> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _fileOfSymbol = new(StringComparer.Ordinal);

    public DescriptorIndex(IReadOnlyList<RpcMethod> methods)
    {
        foreach (RpcMethod method in methods)
        {
            Add(method.Request.File);
            Add(method.Answer.File);
        }

        foreach (IGrouping<string, RpcMethod> service in methods.GroupBy(static method => method.Service))
        {
            AddService(service.Key, [.. service]);
        }

        Services = [.. methods.Select(static method => method.Service).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Full names of the services, in order.</summary>
    public IReadOnlyList<string> Services { get; }

    /// <summary>A file and all it builds on, itself first; null when there is no such file.</summary>
    public IReadOnlyList<ByteString>? FindFile(string name)
    {
        if (!_files.ContainsKey(name))
        {
            return null;
        }

        List<string> found = [name];
        for (int i = 0; i < found.Count; i++)
        {
            found.AddRange(_files[found[i]].Dependency.Where(needed => !found.Contains(needed)));
        }

        return [.. found.Select(file => _files[file].ToByteString())];
    }

    /// <summary>The file that has a service, method, message, field, enum or value; null when none has.</summary>
    public IReadOnlyList<ByteString>? FindSymbol(string symbol) =>
        _fileOfSymbol.TryGetValue(symbol, out string? file) ? FindFile(file) : null;

    private void Add(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file.ToProto()))
        {
            return;
        }

        foreach (FileDescriptor dependency in file.Dependencies)
        {
            Add(dependency);
        }

        foreach (MessageDescriptor message in file.MessageTypes)
        {
            Add(message);
        }

        foreach (EnumDescriptor one in file.EnumTypes)
        {
            Add(one);
        }
    }

    private void Add(MessageDescriptor message)
    {
        _fileOfSymbol[message.FullName] = message.File.Name;
        foreach (FieldDescriptor field in message.Fields.InDeclarationOrder())
        {
            _fileOfSymbol[field.FullName] = message.File.Name;
        }

        foreach (EnumDescriptor one in message.EnumTypes)
        {
            Add(one);
        }

        foreach (MessageDescriptor nested in message.NestedTypes)
        {
            Add(nested);
        }
    }

    private void Add(EnumDescriptor one)
    {
        _fileOfSymbol[one.FullName] = one.File.Name;
        foreach (EnumValueDescriptor value in one.Values)
        {
            _fileOfSymbol[value.FullName] = one.File.Name;
        }
    }

    private void AddService(string name, IReadOnlyList<RpcMethod> methods)
    {
        int dot = name.LastIndexOf('.');
        var service = new ServiceDescriptorProto { Name = name[(dot + 1)..] };
        service.Method.Add(methods.Select(static method => new MethodDescriptorProto
        {
            Name = method.Name,
            InputType = "." + method.Request.FullName,
            OutputType = "." + method.Answer.FullName,
            ClientStreaming = method.HasRequestStream,
            ServerStreaming = method.IsStream,
        }));
        var file = new FileDescriptorProto { Name = $"{name}.proto", Package = name[..dot], Syntax = "proto3" };
        file.Service.Add(service);
        file.Dependency.Add(methods.SelectMany(static method => (string[])[method.Request.File.Name, method.Answer.File.Name]).Distinct());
        _files.Add(file.Name, file);
        _fileOfSymbol[name] = file.Name;
        foreach (RpcMethod method in methods)
        {
            _fileOfSymbol[$"{name}.{method.Name}"] = file.Name;
        }
    }
}
