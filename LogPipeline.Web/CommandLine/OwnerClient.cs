using System.Net.Http.Headers;
using System.Text.Json;
using LogPipeline.Core.DataFolders;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine;

/// <summary>The loopback interface of the process that owns a data folder.</summary>
internal sealed class OwnerClient : IDisposable
{
    private OwnerClient(FolderOwner owner)
    {
        Owner = owner;
        Http = new HttpClient { BaseAddress = new Uri(owner.Url!), Timeout = Timeout.InfiniteTimeSpan };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", owner.Token);
    }

    /// <summary>Who it is.</summary>
    public FolderOwner Owner { get; }

    /// <summary>Requests to it carry its token.</summary>
    public HttpClient Http { get; }

    /// <summary>The owner of a folder; null when nobody owns it.</summary>
    /// <exception cref="FolderOwnedException">Somebody owns it who serves nothing, such as another import.</exception>
    public static OwnerClient? Find(string folder) => DataFolder.FindOwner(folder) switch
    {
        null => null,
        { Url: not null } owner => new OwnerClient(owner),
        var owner => throw new FolderOwnedException(folder, owner),
    };

    /// <summary>Sends a request and returns the answer's text.</summary>
    /// <exception cref="CommandException">The owner refused; the message is its own.</exception>
    public async Task<string> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await Http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode ? text : throw new CommandException(Explain(response, text));
    }

    /// <summary>What a refusal says to a person.</summary>
    public static string Explain(HttpResponseMessage response, string text)
    {
        try
        {
            using var problem = JsonDocument.Parse(text);
            var title = problem.RootElement.GetProperty("title").GetString();
            return problem.RootElement.TryGetProperty("detail", out var detail) ? $"{title}: {detail.GetString()}" : title!;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"{response.RequestMessage?.RequestUri} answered {(int)response.StatusCode}";
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Http.Dispose();
}
