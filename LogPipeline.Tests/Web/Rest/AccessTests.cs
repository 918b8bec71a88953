using System.Net;
using System.Net.Http.Headers;
using Xunit;

namespace LogPipeline.Tests.Web.Rest;

public sealed class AccessTests : IAsyncLifetime
{
    private const string Token = "a-token-that-is-long-enough";
    private const string IngestKey = "a-key-that-only-sends-events";
    private RunningHost host = null!;

    public async ValueTask InitializeAsync() => host = await RunningHost.StartAsync(settings: ["Auth:Token=" + Token, "Auth:IngestKey=" + IngestKey, "Http:AllowedHosts=logs.example.org", "Http:AllowedOrigins=https://portal.example.org"]);

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task Without_a_token_only_probes_answer()
    {
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/health/live"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/ping"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/api/logs"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/metrics"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/_blazor/negotiate", method: "POST"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/events"));
    }

    [Fact]
    public async Task Bearer_and_api_key_open_rest()
    {
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/api/streams", headers: ("Authorization", "Bearer " + Token)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/api/streams", headers: ("X-Api-Key", Token)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/api/streams", headers: ("Authorization", "Bearer " + Token + "x")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/api/streams", headers: ("Authorization", "Basic " + Token)));
    }

    [Fact]
    public async Task The_ingest_key_reads_nothing() =>
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("/api/logs", headers: ("X-Api-Key", IngestKey)));

    [Fact]
    public async Task The_owners_token_of_host_lock_opens_everything()
    {
        var owner = Core.DataFolders.DataFolder.FindOwner(host.Folder);
        Assert.Equal(host.Url, owner?.Url);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/api/streams", headers: ("Authorization", "Bearer " + owner!.Token)));
    }

    [Fact]
    public async Task Pages_go_to_the_login_and_the_login_link_opens_them()
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() };
        using var browser = new HttpClient(handler) { BaseAddress = new Uri(host.Url) };
        browser.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        using var first = await browser.GetAsync("/tail?q=x", TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.Redirect, "/login?returnUrl=%2Ftail%3Fq%3Dx"), (first.StatusCode, first.Headers.Location?.OriginalString));
        using var wrong = await browser.GetAsync("/login?token=wrong", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        using var login = await browser.GetAsync("/login?token=" + Token + "&returnUrl=//evil.example", TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.Redirect, "/"), (login.StatusCode, login.Headers.Location?.OriginalString));
        Assert.Contains("httponly", login.Headers.GetValues("Set-Cookie").Single(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Token, login.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
        using var page = await browser.GetAsync("/api/streams", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Theory]
    [InlineData("evil.example", HttpStatusCode.BadRequest)]
    [InlineData("evil.example:80", HttpStatusCode.BadRequest)]
    [InlineData("localhost.evil.example", HttpStatusCode.BadRequest)]
    [InlineData("logs.example.org", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("localhost:1", HttpStatusCode.OK)]
    public async Task Only_names_of_this_host_are_answered(string name, HttpStatusCode expected) =>
        Assert.Equal(expected, await StatusAsync("/ping", headers: ("Host", name)));

    [Theory]
    [InlineData("https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("http://localhost:1", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("https://portal.example.org", HttpStatusCode.OK)]
    public async Task Only_pages_of_this_host_may_call_it(string origin, HttpStatusCode expected)
    {
        Assert.Equal(expected, await StatusAsync("/ping", headers: ("Origin", origin)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/ping", headers: ("Origin", host.Url)));
    }

    [Fact]
    public async Task A_browsers_request_from_another_site_is_refused_even_without_origin()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/query") { Content = new StringContent("{}", MediaTypeHeaderValue.Parse("text/plain")) };
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        using var response = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers()
    {
        using var response = await host.Http.GetAsync("/ping", TestContext.Current.CancellationToken);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
        Assert.False(response.Headers.Contains("Server"));
    }

    private async Task<HttpStatusCode> StatusAsync(string path, string method = "GET", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        using var response = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
