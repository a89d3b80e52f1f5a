using System.Text.Json.Nodes;

namespace RaftKv.ClientGenerator;

/// <summary>Reads the API document. What a client could not express is an error that names it, never left out.</summary>
internal sealed class ApiReader
{
    private readonly JsonNode _document;
    private readonly List<(string Name, ClientType Type)> _choices = [];
    private readonly List<ClientSchema> _schemas = [];

    private ApiReader(JsonNode document) => _document = document;

    /// <summary>The whole document.</summary>
    /// <exception cref="FormatException">Something in it has no place in the clients.</exception>
    public static ClientApi Read(JsonNode document)
    {
        var reader = new ApiReader(document);
        foreach ((string name, JsonNode? parameter) in document["components"]!["parameters"]!.AsObject())
        {
            if (parameter!["schema"]!["enum"] is JsonArray { Count: > 1 } words)
            {
                reader._choices.Add((name + "Choice", new TextType(Texts(words))));
            }
        }

        foreach ((string name, JsonNode? schema) in document["components"]!["schemas"]!.AsObject())
        {
            reader.AddShape(name, schema!);
        }

        List<ClientOperation> operations =
        [
            .. document["paths"]!.AsObject().SelectMany(
                path => path.Value!.AsObject().Select(one => reader.Operation(path.Key, one.Key, one.Value!))),
        ];
        return new ClientApi(
            $"{document["info"]!["title"]} {document["info"]!["version"]}", reader._choices, reader._schemas, operations);
    }

    private void AddShape(string name, JsonNode schema)
    {
        if (schema["properties"] is not JsonObject properties)
        {
            throw new FormatException($"The schema {name} has no properties.");
        }

        HashSet<string> required = [.. Texts(schema["required"] as JsonArray)];
        int place = _schemas.Count;
        List<ClientMember> members = [];
        foreach ((string member, JsonNode? type) in properties)
        {
            members.Add(new ClientMember(
                member, TypeOf(type!, name + Names.Pascal(member)), required.Contains(member), TextOf(type!, "description")));
        }

        // Before the shapes of its members, which were added meanwhile.
        _schemas.Insert(place, new ClientSchema(name, TextOf(schema, "description"), members));
    }

    private ClientType TypeOf(JsonNode schema, string nameIfShape)
    {
        if (schema["$ref"] is JsonValue reference)
        {
            return new NamedType(reference.GetValue<string>().Split('/')[^1]);
        }

        if (schema["oneOf"] is JsonArray choices)
        {
            return Union(choices.Select((one, i) => TypeOf(one!, $"{nameIfShape}{i + 1}")));
        }

        string[] types = schema["type"] switch
        {
            null => [],
            JsonArray several => Texts(several),
            JsonNode one => [one.GetValue<string>()],
        };
        return types.Length == 0 ? new AnyType() : Union(types.Select(type => TypeOf(type, schema, nameIfShape)));
    }

    private ClientType TypeOf(string type, JsonNode schema, string nameIfShape)
    {
        switch (type)
        {
            case "string":
                return new TextType(Texts(schema["enum"] as JsonArray));
            case "integer":
                return new WholeType();
            case "number":
                return new NumberType();
            case "boolean":
                return new FlagType();
            case "null":
                return new NullType();
            case "array":
                return new ListType(TypeOf(schema["items"] ?? new JsonObject(), nameIfShape));
            case "object" when schema["properties"] is not null:
                AddShape(nameIfShape, schema);
                return new NamedType(nameIfShape);
            case "object":
                return new MapType(schema["additionalProperties"] is JsonObject item ? TypeOf(item, nameIfShape) : new AnyType());
            default:
                throw new FormatException($"The type {type} of {nameIfShape} is unknown.");
        }
    }

    private ClientOperation Operation(string path, string method, JsonNode operation)
    {
        string id = operation["operationId"]!.GetValue<string>();
        HashSet<string> taken = ["body", "accept"];
        List<ClientParameter> parameters = [];
        foreach (JsonNode? shared in operation["parameters"]?.AsArray() ?? [])
        {
            parameters.Add(Parameter(shared!, id, taken));
        }

        return new ClientOperation(
            id, method.ToUpperInvariant(), path, TextOf(operation, "summary"), TextOf(operation, "description"), parameters,
            Body(operation["requestBody"], id), Answer(operation, id, out List<string> accepts), accepts);
    }

    private ClientParameter Parameter(JsonNode shared, string id, HashSet<string> taken)
    {
        string? reference = shared["$ref"]?.GetValue<string>().Split('/')[^1];
        JsonNode parameter = reference is null ? shared : _document["components"]!["parameters"]![reference]!;
        string name = parameter["name"]!.GetValue<string>();
        string place = parameter["in"]!.GetValue<string>();
        if (place is not ("path" or "query" or "header"))
        {
            throw new FormatException($"{id}: the parameter {name} is in {place}.");
        }

        // RaftKv-Timeout is timeout, except where the query has one too.
        string[] words = Names.Words(name);
        string[] brief = words is ["raftkv", ..] ? words[1..] : words;
        string[] chosen = brief;
        if (!taken.Add(string.Concat(brief)))
        {
            chosen = words;
            if (brief.Length == words.Length || !taken.Add(string.Concat(words)))
            {
                throw new FormatException($"{id}: two parameters are called {name}.");
            }
        }

        bool isChoice = reference is not null && _choices.Exists(one => one.Name == reference + "Choice");
        ClientType type = isChoice
            ? new NamedType(reference + "Choice") : TypeOf(parameter["schema"]!, Names.Pascal(id) + Names.Pascal(name));
        return new ClientParameter(
            name, place, type, parameter["required"]?.GetValue<bool>() == true, TextOf(parameter, "description"), chosen);
    }

    private ClientBody? Body(JsonNode? body, string id)
    {
        if (body is null)
        {
            return null;
        }

        bool isRequired = body["required"]?.GetValue<bool>() == true;
        JsonObject contents = body["content"]!.AsObject();
        if (contents["application/json"] is { } json)
        {
            return new ClientBody("application/json", TypeOf(json["schema"]!, Names.Pascal(id) + "Body"), isRequired);
        }

        string type = contents.ContainsKey("application/octet-stream") ? "application/octet-stream" : contents.First().Key;
        return new ClientBody(type, new BytesType(), isRequired);
    }

    private ClientType Answer(JsonNode operation, string id, out List<string> accepts)
    {
        List<ClientType> types = [];
        SortedSet<string> mediaTypes = new(StringComparer.Ordinal);
        foreach ((string status, JsonNode? response) in operation["responses"]!.AsObject())
        {
            if (status[0] is not ('2' or '3'))
            {
                continue;
            }

            JsonObject contents = response!["content"]?.AsObject() ?? [];
            if (contents.Count == 0)
            {
                types.Add(new NullType());
            }

            foreach ((string mediaType, JsonNode? content) in contents)
            {
                mediaTypes.Add(mediaType);
                types.Add(mediaType switch
                {
                    "application/json" => TypeOf(content!["schema"]!, Names.Pascal(id) + "Answer"),
                    "text/event-stream" or "application/x-ndjson" => new StreamType(),
                    "text/plain" => new TextType(),
                    _ => new BytesType(),
                });
            }
        }

        accepts = types.Exists(static type => type is StreamType) && mediaTypes.Count > 1 ? [.. mediaTypes] : [];
        return Union(types);
    }

    // Nothing comes last, and each once.
    private static ClientType Union(IEnumerable<ClientType> types)
    {
        List<ClientType> flat = [];
        foreach (ClientType type in types.SelectMany(static type => type is UnionType several ? several.Types : [type]))
        {
            if (!flat.Exists(one => one == type || (one is TextType a && type is TextType b && a.Words.SequenceEqual(b.Words))))
            {
                flat.Add(type);
            }
        }

        ClientType[] ordered = [.. flat.OrderBy(static type => type is NullType)];
        return ordered.Length == 1 ? ordered[0] : new UnionType(ordered);
    }

    private static string[] Texts(JsonArray? array) => [.. array?.Select(static one => one!.GetValue<string>()) ?? []];

    private static string TextOf(JsonNode node, string name) => node[name]?.GetValue<string>() ?? "";
}
