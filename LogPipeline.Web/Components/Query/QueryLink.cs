using Microsoft.AspNetCore.WebUtilities;

namespace LogPipeline.Web.Components.Query;

/// <summary>A statement as an address: <c>/query?sql=SELECT%201&amp;run=1</c>.</summary>
/// <param name="Sql">The statement; null for none.</param>
/// <param name="Run">Whether it runs when the page is opened.</param>
internal sealed record QueryLink(string? Sql, bool Run)
{
    /// <summary>The engine that is asked; null for the usual one.</summary>
    public string? Engine { get; init; }

    /// <summary>Whether its plan is asked for instead of its rows.</summary>
    public bool Plan { get; init; }

    /// <summary>Length of an address that every server and browser takes; a longer statement stays out of it.</summary>
    public const int Longest = 6000;

    /// <summary>The page without a statement.</summary>
    public static QueryLink None { get; } = new(null, false);

    /// <summary>Reads an address.</summary>
    public static QueryLink Read(Uri address)
    {
        var values = QueryHelpers.ParseQuery(address.Query);
        return address.AbsolutePath == "/query" && values.TryGetValue("sql", out var sql) && sql.FirstOrDefault() is { Length: > 0 and <= Longest } text
            ? new QueryLink(text.ReplaceLineEndings("\n"), values.TryGetValue("run", out var run) && run == "1")
            {
                Engine = values.TryGetValue("engine", out var engine) && engine.FirstOrDefault() is { Length: > 0 and < 40 } name ? name : null,
                Plan = values.TryGetValue("plan", out var plan) && plan == "1",
            }
            : None;
    }

    /// <summary>Writes it.</summary>
    public string ToUrl()
    {
        var address = Sql is null ? "/query" : $"/query?sql={Uri.EscapeDataString(Sql)}{(Engine is null ? "" : "&engine=" + Uri.EscapeDataString(Engine))}{(Plan ? "&plan=1" : "")}{(Run ? "&run=1" : "")}";
        return address.Length <= Longest ? address : "/query";
    }
}
