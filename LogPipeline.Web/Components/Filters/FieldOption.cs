namespace LogPipeline.Web.Components.Filters;

/// <summary>A value of a field.</summary>
/// <param name="Value">The value.</param>
/// <param name="Count">Its number of events, as shown.</param>
public sealed record FieldOption(string Value, string Count);
