using System.Globalization;
using System.Text.Json.Nodes;
using LogPipeline.Web.Hosting;
using LogPipeline.Web.Security;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace LogPipeline.Web.Rest;

/// <summary>The OpenAPI document of the host and the page to try it. Nothing of either comes from, or goes to, another host.</summary>
internal static class OpenApiDescription
{
    public static IServiceCollection AddOpenApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "LogPipeline",
                Version = ProductVersion.Text,
                Description = "Send events, read live metrics and logs, ask Spark SQL. Errors are problem details (RFC 9457). Times are RFC 3339 in UTC. HEAD is answered wherever GET is.",
            };
            // HEAD is answered wherever GET is; saying so at each path would double the list.
            foreach (var path in document.Paths.Values)
            {
                path.Operations?.Remove(HttpMethod.Head);
            }

            document.Servers = [new OpenApiServer { Url = "/" }];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "LogPipeline:Auth:Token, when the host has one" },
                ["apiKey"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, Name = "X-Api-Key", In = ParameterLocation.Header, Description = "The same token, or LogPipeline:Auth:IngestKey for sending events" },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            foreach (var parameters in context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiParameters>())
            {
                operation.Parameters ??= [];
                foreach (var one in parameters.All)
                {
                    operation.Parameters.Add(Describe(one));
                }
            }

            foreach (var body in context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiBody>())
            {
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Description = body.Description,
                    Content = body.Examples.ToDictionary(pair => pair.Key, pair => new OpenApiMediaType { Example = JsonNode.Parse(pair.Value) }),
                };
            }

            foreach (var answer in context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiAnswer>())
            {
                operation.Responses ??= [];
                operation.Responses[answer.Status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
                {
                    Description = answer.Description,
                    Content = answer.Example is null ? null : new Dictionary<string, OpenApiMediaType> { [answer.ContentType] = new OpenApiMediaType { Example = JsonNode.Parse(answer.Example) } },
                };
            }

            return Task.CompletedTask;
        });
    });

    public static void MapOpenApiDescription(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapScalarApiReference("/scalar", (options, context) =>
        {
            options.Title = "LogPipeline API";
            options.OpenApiRoutePattern = "/openapi/v1.json";
            options.DefaultFonts = false;
            options.ProxyUrl = "";
            options.Telemetry = false;
            options.HideClientButton = true;
            options.DynamicBaseServerUrl = false;
            // The page joins a server and a path as they are: with the document's "/" it would show "//api".
            options.Servers = [new ScalarServer(OriginOf(context.Request))];
            options.Nonce = context.Items[SecurityHeadersMiddleware.NonceItem] as string;
            _ = options.DisableAgent().DisableMcp().HideDeveloperTools();
        });
    }

    /// <summary>Where the browser found this host: a proxy that ends TLS says so.</summary>
    private static string OriginOf(HttpRequest request) =>
        $"{(request.Headers["X-Forwarded-Proto"] == "https" ? "https" : request.Scheme)}://{request.Host}";

    private static OpenApiParameter Describe(ApiParameter one)
    {
        var inPath = one.Name is ['{', .., '}'];
        return new OpenApiParameter
        {
            Name = one.Name.Trim('{', '}'),
            In = inPath ? ParameterLocation.Path : ParameterLocation.Query,
            Required = inPath,
            Description = one.Description,
            Schema = new OpenApiSchema
            {
                Type = one.Kind switch { ParameterKind.Whole => JsonSchemaType.Integer, ParameterKind.Switch => JsonSchemaType.Boolean, _ => JsonSchemaType.String },
                Format = one.Kind == ParameterKind.Instant ? "date-time" : null,
                Default = one.Default is { } value ? JsonValue.Create(value) : null,
                Minimum = one.Least?.ToString(CultureInfo.InvariantCulture),
                Maximum = one.Greatest?.ToString(CultureInfo.InvariantCulture),
            },
            Example = one.Example is null ? null : JsonValue.Create(one.Example),
        };
    }
}

/// <summary>What an endpoint takes as its body.</summary>
/// <param name="Description">What it is.</param>
/// <param name="Examples">JSON by content type.</param>
internal sealed record ApiBody(string Description, IReadOnlyDictionary<string, string> Examples);

/// <summary>What an endpoint answers.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Description">When.</param>
/// <param name="Example">JSON, or null.</param>
/// <param name="ContentType">Content type of the example.</param>
internal sealed record ApiAnswer(int Status, string Description, string? Example = null, string ContentType = "application/json");
