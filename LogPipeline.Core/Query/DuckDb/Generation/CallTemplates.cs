namespace LogPipeline.Core.Query.DuckDb.Generation;

/// <summary>How each function and operator of the front end runs: a DuckDB expression that means the same, or a C# function.</summary>
internal static class CallTemplates
{
    private static readonly Dictionary<string, Func<CallParts, string>> _templates = Join(
        OperatorTemplates.All, TextTemplates.All, NumberTemplates.All, DateTemplates.All, CollectionTemplates.All);

    /// <summary>The names that can be written.</summary>
    public static IReadOnlyCollection<string> Names => _templates.Keys;

    public static Func<CallParts, string>? Find(string function) => _templates.GetValueOrDefault(function);

    private static Dictionary<string, Func<CallParts, string>> Join(params IReadOnlyList<IReadOnlyDictionary<string, Func<CallParts, string>>> parts) =>
        parts.SelectMany(part => part).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
}
