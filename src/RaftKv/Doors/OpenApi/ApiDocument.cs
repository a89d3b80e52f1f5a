using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using RaftKv.Doors.OpenApi.Model;
using RaftKv.Doors.OpenApi.Operations;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.OpenApi;

/// <summary>
/// Fills the document from the tables of this folder. The server's handlers are plain delegates, so nothing could be
/// inferred from them.
/// </summary>
internal static class ApiDocument
{
    private const string Problem = "Problem";

    /// <summary>Name of the document; part of its address.</summary>
    public const string Name = "v1";

    /// <summary>Registers the document.</summary>
    public static void AddRaftKvOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", static options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = static _ => false;
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            Fill(document);
            return Task.CompletedTask;
        });
    });

    private static void Fill(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "RaftKv",
            Version = Product.Version,
            Description =
                "A linearizable key-value store for coordination, replicated by Raft. Every read chooses its consistency by one header; every answer says "
                + "which revision it is from, who served it and how; errors carry the same headers. Start with "
                + "**PUT /api/v1/kv/app/config**, then **GET** it. What GET reads of keys, lists and probes can be asked as HEAD too, for the headers alone.",
            License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
        };
        document.Servers = [new OpenApiServer { Url = "/", Description = "The node that serves this page" }];
        document.Tags = new HashSet<OpenApiTag>(ApiTags.All.Select(static t => new OpenApiTag { Name = t.Name, Description = t.Description }));
        document.Components ??= new OpenApiComponents();
        AddComponents(document);

        // Also without any, as long as rights are not in force.
        document.Security =
        [
            new OpenApiSecurityRequirement(),
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("basic", document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] },
        ];
        document.Paths = [];
        foreach (ApiOperation operation in ApiOperations.All)
        {
            if (!document.Paths.TryGetValue(operation.Path, out IOpenApiPathItem? item))
            {
                item = new OpenApiPathItem { Operations = [] };
                document.Paths.Add(operation.Path, item);
            }

            ((OpenApiPathItem)item).Operations!.Add(new HttpMethod(operation.Method), Convert(operation, document));
        }
    }

    private static void AddComponents(OpenApiDocument document)
    {
        OpenApiComponents components = document.Components!;
        components.Schemas = new Dictionary<string, IOpenApiSchema>();
        foreach ((string name, JsonObject schema) in ApiSchemas.All)
        {
            components.Schemas[name] = ApiSchemaReader.Read(schema, document);
        }

        components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["basic"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "basic",
                Description = "A user and its password",
            },
            ["bearer"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A token of POST /api/v1/auth/login or /api/v1/auth/tokens",
            },
        };
        components.Responses = new Dictionary<string, IOpenApiResponse>();
        components.Parameters = ApiParameters.All.ToDictionary(static p => p.Key, static p => (IOpenApiParameter)p.Value);
        components.Headers = ApiHeaders.All.ToDictionary(
            static h => h.Name,
            static h => (IOpenApiHeader)new OpenApiHeader { Description = h.Description, Schema = ApiParameters.Text() });
    }

    private static OpenApiOperation Convert(ApiOperation operation, OpenApiDocument document) => new()
    {
        OperationId = operation.Id,
        Summary = operation.Summary,
        Description = operation.Description,
        Tags = new HashSet<OpenApiTagReference> { new(operation.Tag, document) },
        Parameters =
        [
            .. operation.Parameters.Select(Convert),
            .. operation.Shared.Select(name => (IOpenApiParameter)new OpenApiParameterReference(name, document)),
        ],
        RequestBody = operation.Body is null ? null : Convert(operation.Body, document),
        Responses = Responses(operation, document),
    };

    private static IOpenApiParameter Convert(ApiParameter parameter) => new OpenApiParameter
    {
        Name = parameter.Name,
        In = parameter.In,
        Description = parameter.Description,
        Required = parameter.IsRequired,
        Schema = parameter.Schema,
        Example = ExampleOf(parameter),
    };

    // A number's example is a number.
    private static JsonNode? ExampleOf(ApiParameter parameter) =>
        parameter.Example is null || parameter.Schema.Type != JsonSchemaType.Integer
            ? parameter.Example : JsonNode.Parse(parameter.Example);

    private static OpenApiRequestBody Convert(ApiBody body, OpenApiDocument document) => new()
    {
        Description = body.Description,
        Required = body.IsRequired,
        Content = Contents(body.Contents, document),
    };

    private static Dictionary<string, OpenApiMediaType> Contents(ApiContent[] contents, OpenApiDocument document) => contents.ToDictionary(
        static c => c.MediaType,
        c => (OpenApiMediaType)new OpenApiMediaType
        {
            Schema = Schema(c.Schema, document),
            Example = c.Example?.DeepClone(),
        });

    // Names joined by '|' are alternatives.
    private static IOpenApiSchema Schema(string? names, OpenApiDocument document)
    {
        if (names is null)
        {
            return ApiParameters.Text();
        }

        List<IOpenApiSchema> alternatives = [.. names.Split('|').Select(name => new OpenApiSchemaReference(name, document))];
        return alternatives.Count == 1 ? alternatives[0] : new OpenApiSchema { OneOf = alternatives };
    }

    private static OpenApiResponses Responses(ApiOperation operation, OpenApiDocument document)
    {
        var responses = new OpenApiResponses();
        foreach (ApiResponse response in operation.Responses.OrderBy(static r => r.Status))
        {
            responses.Add(StatusText(response.Status), new OpenApiResponse
            {
                Description = response.Description,
                Content = response.Contents.Length == 0 ? null : Contents(response.Contents, document),
                Headers = Headers(response, document),
            });
        }

        if (!operation.IsHealth)
        {
            AddProblems(responses, operation, document);
        }

        return responses;
    }

    private static void AddProblems(OpenApiResponses responses, ApiOperation operation, OpenApiDocument document)
    {
        IEnumerable<IGrouping<int, ErrorShape>> byStatus = ApiOperations.Common.Concat(operation.Errors)
            .Distinct()
            .Select(ErrorMapper.Describe)
            .GroupBy(static s => s.Status)
            .OrderBy(static g => g.Key);
        foreach (IGrouping<int, ErrorShape> group in byStatus)
        {
            responses.Add(StatusText(group.Key), ProblemReference([.. group], document));
        }
    }

    // Operations share most of their errors, so each set of them stands once under components.
    private static OpenApiResponseReference ProblemReference(ErrorShape[] shapes, OpenApiDocument document)
    {
        string name = string.Join(".", shapes.Select(static s => s.Code));
        if (document.Components!.Responses!.ContainsKey(name))
        {
            return new OpenApiResponseReference(name, document);
        }

        document.Components.Responses.Add(name, new OpenApiResponse
        {
            Description = string.Join(" ", shapes.Select(static s => $"`{s.Code}`: {s.Title}")),
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/problem+json"] = new OpenApiMediaType
                {
                    Schema = new OpenApiSchemaReference(Problem, document),
                    Examples = shapes.ToDictionary(static s => s.Code, static s => (IOpenApiExample)new OpenApiExample { Value = Example(s) }),
                },
            },
            Headers = shapes.Any(static s => s.IsRetryable) ? RetryAfter() : null,
        });
        return new OpenApiResponseReference(name, document);
    }

    private static Dictionary<string, IOpenApiHeader> Headers(ApiResponse response, OpenApiDocument document)
    {
        var headers = new Dictionary<string, IOpenApiHeader>();
        foreach ((string name, _) in ApiHeaders.All)
        {
            if (name != "ETag" || response.HasETag)
            {
                headers[name] = new OpenApiHeaderReference(name, document);
            }
        }

        foreach ((string name, string description) in response.Headers)
        {
            headers[name] = new OpenApiHeader { Description = description, Schema = ApiParameters.Text() };
        }

        return headers;
    }

    // Problems carry the headers of every answer too; listed under each status they made the page ten screens long.
    private static Dictionary<string, IOpenApiHeader> RetryAfter() => new()
    {
        ["Retry-After"] = new OpenApiHeader { Description = "Seconds to wait before the next try", Schema = ApiParameters.Text() },
    };

    private static JsonObject Example(ErrorShape shape) => new()
    {
        ["type"] = shape.Type,
        ["title"] = shape.Title,
        ["status"] = shape.Status,
        ["detail"] = "What happened here, and what to do.",
        ["code"] = shape.Code,
        ["applied"] = shape.Applied,
        ["retryable"] = shape.IsRetryable,
        ["node"] = "n1",
        ["leader"] = "n1",
        ["traceId"] = "0HN7K2V3M4Q5R:00000001",
    };

    private static string StatusText(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
