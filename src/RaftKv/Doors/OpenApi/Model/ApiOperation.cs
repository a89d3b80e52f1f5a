using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.OpenApi.Model;

/// <summary>
/// What the API document says of one operation. A test holds the set of these against the routes that are really
/// served.
/// </summary>
/// <param name="Id">The operationId; clients are generated from it, so it stays.</param>
/// <param name="Tag">One of <see cref="ApiTags"/>.</param>
internal sealed record ApiOperation(string Method, string Path, string Id, string Tag, string Summary, string Description)
{
    /// <summary>Names of shared parameters, see <see cref="ApiParameters"/>.</summary>
    public string[] Shared { get; init; } = [];

    /// <summary>Parameters of this operation only.</summary>
    public ApiParameter[] Parameters { get; init; } = [];

    /// <summary>The body; null for none.</summary>
    public ApiBody? Body { get; init; }

    /// <summary>Answers that are no errors.</summary>
    public required ApiResponse[] Responses { get; init; }

    /// <summary>Errors that this operation can answer, besides those that every operation can.</summary>
    public ErrorCode[] Errors { get; init; } = [];

    /// <summary>True for those outside of /api/v1, which answer health in plain text instead of problems.</summary>
    public bool IsHealth { get; init; }
}

/// <summary>A parameter in path or query.</summary>
/// <param name="Example">Filled in by the try-out page, so only given where every first request needs it.</param>
internal sealed record ApiParameter(string Name, ParameterLocation In, string Description, OpenApiSchema Schema, string? Example = null)
{
    /// <summary>True for those in the path, and for those without which the call is refused.</summary>
    public bool IsRequired { get; init; } = In == ParameterLocation.Path;
}

/// <summary>A request body.</summary>
internal sealed record ApiBody(string Description, bool IsRequired, params ApiContent[] Contents);

/// <summary>One media type of a body.</summary>
/// <param name="Schema">Name of a component schema; null for text or bytes.</param>
internal sealed record ApiContent(string MediaType, string? Schema, JsonNode? Example);

/// <summary>One answer.</summary>
internal sealed record ApiResponse(int Status, string Description, params ApiContent[] Contents)
{
    /// <summary>True when it carries an ETag.</summary>
    public bool HasETag { get; init; }

    /// <summary>Other headers: name and description.</summary>
    public (string Name, string Description)[] Headers { get; init; } = [];
}
