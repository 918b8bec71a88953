namespace LogPipeline.Core.Query.SparkSql.Functions;

/// <summary>Every function that is answered here. What is not in it is refused by name.</summary>
internal static class FunctionLibrary
{
    /// <summary>All functions, by name.</summary>
    public static IReadOnlyList<FunctionDefinition> All { get; } =
    [
        .. StringFunctions.All, .. RegexFunctions.All, .. NumberFunctions.All, .. DateFunctions.All, .. ConditionFunctions.All,
        .. CollectionFunctions.All, .. AggregateFunctions.All, .. WindowFunctions.All,
    ];

    private static readonly Dictionary<string, FunctionDefinition> _byName = ByName();

    /// <summary>A function by its name or an alias, whatever the case; null when it is not answered here.</summary>
    public static FunctionDefinition? Find(string name) => _byName.GetValueOrDefault(name);

    private static Dictionary<string, FunctionDefinition> ByName()
    {
        var byName = new Dictionary<string, FunctionDefinition>(StringComparer.OrdinalIgnoreCase);
        foreach (var function in All)
        {
            byName.Add(function.Name, function);
            foreach (var alias in function.Aliases)
            {
                byName.Add(alias, function);
            }
        }

        return byName;
    }
}
