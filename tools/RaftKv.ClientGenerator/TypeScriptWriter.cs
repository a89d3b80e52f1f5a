namespace RaftKv.ClientGenerator;

/// <summary>Writes the TypeScript client: an interface for each shape, a method for each operation.</summary>
internal sealed class TypeScriptWriter
{
    private readonly SourceText _text = new("  ");

    public string Write(ClientApi api)
    {
        _text.Line(0, $"// The HTTP API of {api.Title}: a type for each body, a method for each operation.");
        _text.Line(0, "// Made by tools/RaftKv.ClientGenerator from docs/openapi.json. Changes belong there.");
        _text.Line(0, "");
        _text.Line(0, "import { Transport } from \"./transport.js\";");
        _text.Line(0, "import type { Answer, CallOptions, Stream } from \"./transport.js\";");
        _text.Line(0, "");
        foreach ((string name, ClientType type) in api.Choices)
        {
            _text.Line(0, $"export type {name} = {TypeText(type)};");
        }

        foreach (ClientSchema schema in api.Schemas)
        {
            WriteSchema(schema);
        }

        _text.Line(0, "");
        _text.Line(0, "/** One node of RaftKv. A call that is refused throws a RaftKvError. */");
        _text.Line(0, "export class RaftKv extends Transport {");
        for (int i = 0; i < api.Operations.Count; i++)
        {
            if (i > 0)
            {
                _text.Line(0, "");
            }

            WriteOperation(api.Operations[i]);
        }

        _text.Line(0, "}");
        return _text.ToString();
    }

    private void WriteSchema(ClientSchema schema)
    {
        _text.Line(0, "");
        WriteDoc(0, schema.Description);
        _text.Line(0, $"export interface {schema.Name} {{");
        foreach (ClientMember member in schema.Members)
        {
            WriteDoc(1, member.Description);
            _text.Line(1, $"{member.Name}{(member.IsRequired ? "" : "?")}: {TypeText(member.Type)};");
        }

        _text.Line(0, "}");
    }

    private void WriteOperation(ClientOperation operation)
    {
        WriteDoc(1, operation.Summary + ". " + operation.Description);
        bool needsSome = operation.Parameters.Any(static one => one.IsRequired) || operation.Body is { IsRequired: true };
        _text.Line(1, $"{operation.Id}(");
        _text.Line(2, "options: CallOptions & {");
        foreach (ClientParameter parameter in operation.Parameters)
        {
            WriteDoc(3, parameter.Description);
            _text.Line(3, $"{Names.Camel(parameter.Words)}{(parameter.IsRequired ? "" : "?")}: {TypeText(parameter.Type)};");
        }

        if (operation.Body is { } body)
        {
            string type = body.Type is BytesType ? "string | Uint8Array" : TypeText(body.Type);
            _text.Line(3, $"body{(body.IsRequired ? "" : "?")}: {type};");
        }

        if (operation.Accepts.Count > 0)
        {
            WriteDoc(3, "The form of the answer.");
            _text.Line(3, $"accept?: {TypeText(new TextType([.. operation.Accepts]))};");
        }

        _text.Line(2, needsSome ? "}," : "} = {},");
        _text.Line(1, $"): Promise<Answer<{TypeText(operation.Answer)}>> {{");
        WriteCall(operation);
        _text.Line(1, "}");
    }

    private void WriteCall(ClientOperation operation)
    {
        _text.Line(2, "return this.call({");
        _text.Line(3, $"method: \"{operation.Method}\",");
        _text.Line(3, $"path: \"{operation.Path}\",");
        foreach ((string place, string member) in ((string, string)[])[("path", "places"), ("query", "query"), ("header", "headers")])
        {
            List<string> pairs =
            [
                .. operation.Parameters.Where(one => one.Place == place)
                    .Select(static one => $"\"{one.Name}\": options.{Names.Camel(one.Words)}"),
            ];
            if (place == "header" && operation.Accepts.Count > 0)
            {
                pairs.Add("\"Accept\": options.accept");
            }

            if (pairs.Count > 0)
            {
                _text.Pairs(3, $"{member}: {{", pairs, "},");
            }
        }

        if (operation.Body is { } body)
        {
            _text.Line(3, "body: options.body,");
            _text.Line(3, $"mediaType: \"{body.MediaType}\",");
        }

        _text.Line(3, "signal: options.signal,");
        _text.Line(2, "});");
    }

    private void WriteDoc(int depth, string text)
    {
        string said = text.Replace("*/", "* /", StringComparison.Ordinal);
        if (said.Length is > 0 and < 90)
        {
            _text.Line(depth, $"/** {said} */");
        }
        else if (said.Length > 0)
        {
            _text.Line(depth, "/**");
            _text.Prose(depth, " * ", said);
            _text.Line(depth, " */");
        }
    }

    private static string TypeText(ClientType type) => type switch
    {
        TextType { Words.Length: > 0 } text => string.Join(" | ", text.Words.Select(static word => $"\"{word}\"")),
        TextType => "string",
        WholeType or NumberType => "number",
        FlagType => "boolean",
        BytesType => "Uint8Array",
        StreamType => "Stream",
        NullType => "null",
        AnyType => "unknown",
        NamedType named => named.Name,
        ListType list => $"Array<{TypeText(list.Item)}>",
        MapType map => $"Record<string, {TypeText(map.Item)}>",
        UnionType union => string.Join(" | ", union.Types.Select(static one => TypeText(one))),
        _ => throw new FormatException($"{type.GetType().Name} has no name in TypeScript."),
    };
}
