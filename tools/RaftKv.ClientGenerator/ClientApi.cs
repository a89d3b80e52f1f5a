namespace RaftKv.ClientGenerator;

/// <summary>What the API document says, as far as a client needs it, in the document's order.</summary>
/// <param name="Choices">Names of words that parameters share: name and words.</param>
internal sealed record ClientApi(
    string Title,
    IReadOnlyList<(string Name, ClientType Type)> Choices,
    IReadOnlyList<ClientSchema> Schemas,
    IReadOnlyList<ClientOperation> Operations);

/// <summary>A body's shape.</summary>
internal sealed record ClientSchema(string Name, string Description, IReadOnlyList<ClientMember> Members);

/// <summary>A member of a shape.</summary>
internal sealed record ClientMember(string Name, ClientType Type, bool IsRequired, string Description);

/// <summary>One call.</summary>
/// <param name="Answer">What its body can be, whatever the status below 400.</param>
/// <param name="Accepts">Media types to choose from, where one of them is a stream; else empty.</param>
internal sealed record ClientOperation(
    string Id,
    string Method,
    string Path,
    string Summary,
    string Description,
    IReadOnlyList<ClientParameter> Parameters,
    ClientBody? Body,
    ClientType Answer,
    IReadOnlyList<string> Accepts);

/// <summary>A parameter; <paramref name="Words"/> are those of its name in a client, such as "idempotency", "key".</summary>
/// <param name="Place">path, query or header.</param>
internal sealed record ClientParameter(string Name, string Place, ClientType Type, bool IsRequired, string Description, string[] Words);

/// <summary>A request's body; bytes where <paramref name="Type"/> is <see cref="BytesType"/>.</summary>
internal sealed record ClientBody(string MediaType, ClientType Type, bool IsRequired);

/// <summary>The type of a value.</summary>
internal abstract record ClientType
{
    private protected ClientType()
    {
    }
}

/// <summary>Text; one of the words, where there are any.</summary>
internal sealed record TextType(params string[] Words) : ClientType;

/// <summary>A whole number of 64 bits.</summary>
internal sealed record WholeType : ClientType;

/// <summary>A number.</summary>
internal sealed record NumberType : ClientType;

/// <summary>True or false.</summary>
internal sealed record FlagType : ClientType;

/// <summary>Bytes as they are.</summary>
internal sealed record BytesType : ClientType;

/// <summary>Messages that come as they happen.</summary>
internal sealed record StreamType : ClientType;

/// <summary>Nothing.</summary>
internal sealed record NullType : ClientType;

/// <summary>Any JSON.</summary>
internal sealed record AnyType : ClientType;

/// <summary>A shape, or shared words, by name.</summary>
internal sealed record NamedType(string Name) : ClientType;

/// <summary>A list.</summary>
internal sealed record ListType(ClientType Item) : ClientType;

/// <summary>Values by name.</summary>
internal sealed record MapType(ClientType Item) : ClientType;

/// <summary>One of several.</summary>
internal sealed record UnionType(IReadOnlyList<ClientType> Types) : ClientType;
