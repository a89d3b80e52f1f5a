namespace RaftKv.ClientGenerator;

/// <summary>Writes the Python client: a typed dictionary for each shape, a method for each operation.</summary>
internal sealed class PythonWriter
{
    private static readonly HashSet<string> _keywords =
    [
        "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for",
        "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with",
        "yield", "None", "True", "False",
    ];

    private readonly SourceText _text = new("    ");

    public string Write(ClientApi api)
    {
        _text.Line(0, $"\"\"\"The HTTP API of {api.Title}: a type for each body, a method for each operation.");
        _text.Line(0, "");
        _text.Line(0, "Made by tools/RaftKv.ClientGenerator from docs/openapi.json. Changes belong there.");
        _text.Line(0, "\"\"\"");
        _text.Line(0, "");
        _text.Line(0, "from __future__ import annotations");
        _text.Line(0, "");
        _text.Line(0, "from typing import Any, Dict, List, Literal, Optional, TypedDict, Union");
        _text.Line(0, "");
        _text.Line(0, "from .transport import Answer, Stream, Transport");
        _text.Line(0, "");
        foreach ((string name, ClientType type) in api.Choices)
        {
            _text.Line(0, $"{name} = {TypeText(type)}");
        }

        foreach (ClientSchema schema in api.Schemas)
        {
            WriteSchema(schema);
        }

        _text.Line(0, "");
        _text.Line(0, "");
        _text.Line(0, "class RaftKv(Transport):");
        _text.Line(1, "\"\"\"One node of RaftKv. A call that is refused raises RaftKvError.\"\"\"");
        foreach (ClientOperation operation in api.Operations)
        {
            WriteOperation(operation);
        }

        return _text.ToString();
    }

    private void WriteSchema(ClientSchema schema)
    {
        _text.Line(0, "");
        if (schema.Members.Any(static member => _keywords.Contains(member.Name)))
        {
            // A member that is a word of the language can only be named so.
            string members = string.Join(", ", schema.Members.Select(static member => $"\"{member.Name}\": '{TypeText(member.Type)}'"));
            bool isTotal = schema.Members.All(static member => member.IsRequired);
            _text.Line(0, $"{schema.Name} = TypedDict(\"{schema.Name}\", {{{members}}}, total={(isTotal ? "True" : "False")})");
            return;
        }

        ClientMember[] required = [.. schema.Members.Where(static member => member.IsRequired)];
        ClientMember[] optional = [.. schema.Members.Where(static member => !member.IsRequired)];
        bool hasBoth = required.Length > 0 && optional.Length > 0;
        if (hasBoth)
        {
            WriteClass($"_{schema.Name}Required(TypedDict)", "", required);
            _text.Line(0, "");
        }

        string bases = hasBoth ? $"_{schema.Name}Required, total=False" : required.Length > 0 ? "TypedDict" : "TypedDict, total=False";
        WriteClass($"{schema.Name}({bases})", schema.Description, hasBoth ? optional : schema.Members);
    }

    private void WriteClass(string head, string description, IReadOnlyList<ClientMember> members)
    {
        _text.Line(0, "");
        _text.Line(0, $"class {head}:");
        WriteDoc(1, description);
        foreach (ClientMember member in members)
        {
            _text.Prose(1, "# ", member.Description);
            _text.Line(1, $"{member.Name}: {TypeText(member.Type)}");
        }

        if (members.Count == 0)
        {
            _text.Line(1, "pass");
        }
    }

    private void WriteOperation(ClientOperation operation)
    {
        _text.Line(0, "");
        _text.Line(1, $"def {Names.Snake(Names.Words(operation.Id))}(");
        _text.Line(2, "self,");
        foreach (ClientParameter parameter in operation.Parameters.Where(static one => one.IsRequired))
        {
            _text.Line(2, $"{Argument(parameter)}: {TypeText(parameter.Type, isPath: parameter.Place == "path")},");
        }

        if (operation.Body is { } body)
        {
            string type = body.Type is BytesType ? "Union[bytes, str]" : TypeText(body.Type);
            _text.Line(2, body.IsRequired ? $"body: {type}," : $"body: Optional[{type}] = None,");
        }

        ClientParameter[] optional = [.. operation.Parameters.Where(static one => !one.IsRequired)];
        if (optional.Length > 0 || operation.Accepts.Count > 0)
        {
            _text.Line(2, "*,");
        }

        foreach (ClientParameter parameter in optional)
        {
            _text.Line(2, $"{Argument(parameter)}: Optional[{TypeText(parameter.Type)}] = None,");
        }

        if (operation.Accepts.Count > 0)
        {
            _text.Line(2, $"accept: Optional[{TypeText(new TextType([.. operation.Accepts]))}] = None,");
        }

        _text.Line(1, $") -> Answer[{TypeText(operation.Answer)}]:");
        WriteDoc(2, $"{operation.Summary}.", operation.Description);
        WriteCall(operation);
    }

    private void WriteCall(ClientOperation operation)
    {
        _text.Line(2, "return self.call(");
        _text.Line(3, $"\"{operation.Method}\",");
        _text.Line(3, $"\"{operation.Path}\",");
        foreach ((string place, string argument) in ((string, string)[])[("path", "places"), ("query", "query"), ("header", "headers")])
        {
            List<string> pairs =
            [
                .. operation.Parameters.Where(one => one.Place == place).Select(static one => $"\"{one.Name}\": {Argument(one)}"),
            ];
            if (place == "header" && operation.Accepts.Count > 0)
            {
                pairs.Add("\"Accept\": accept");
            }

            if (pairs.Count > 0)
            {
                _text.Pairs(3, $"{argument}={{", pairs, "},");
            }
        }

        if (operation.Body is { } body)
        {
            _text.Line(3, "body=body,");
            _text.Line(3, $"media_type=\"{body.MediaType}\",");
        }

        _text.Line(2, ")");
    }

    private void WriteDoc(int depth, params string[] paragraphs)
    {
        string[] said = [.. paragraphs.Where(static one => one.Length > 0).Select(Escape)];
        if (said.Length == 0)
        {
            return;
        }

        _text.Line(depth, "\"\"\"");
        for (int i = 0; i < said.Length; i++)
        {
            if (i > 0)
            {
                _text.Line(0, "");
            }

            _text.Prose(depth, "", said[i]);
        }

        _text.Line(depth, "\"\"\"");
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"\"\"", "'''", StringComparison.Ordinal);

    private static string Argument(ClientParameter parameter)
    {
        string name = Names.Snake(parameter.Words);
        return _keywords.Contains(name) ? name + "_" : name;
    }

    private static string TypeText(ClientType type, bool isPath = false) => type switch
    {
        TextType { Words.Length: > 0 } text => $"Literal[{string.Join(", ", text.Words.Select(static word => $"\"{word}\""))}]",
        TextType => isPath ? "Union[str, bytes]" : "str",
        WholeType => "int",
        NumberType => "float",
        FlagType => "bool",
        BytesType => "bytes",
        StreamType => "Stream",
        NullType => "None",
        AnyType => "Any",
        NamedType named => named.Name,
        ListType list => $"List[{TypeText(list.Item)}]",
        MapType map => $"Dict[str, {TypeText(map.Item)}]",
        UnionType { Types: [var one, NullType] } => $"Optional[{TypeText(one)}]",
        UnionType union => $"Union[{string.Join(", ", union.Types.Select(static one => TypeText(one)))}]",
        _ => throw new FormatException($"{type.GetType().Name} has no name in Python."),
    };
}
